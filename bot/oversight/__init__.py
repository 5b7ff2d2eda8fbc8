"""For who runs the service, outside of the chat: figures, a terminal, and what is told where no bot runs."""
