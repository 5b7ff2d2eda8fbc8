"""What is told to people, and the journal."""
