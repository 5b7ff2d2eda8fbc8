"""What a person sees: commands, panels, wizards, notices, and their delivery. Only here Telegram is known."""
