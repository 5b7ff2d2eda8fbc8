"""What people are told, how it is drawn and delivered, and the journal."""
