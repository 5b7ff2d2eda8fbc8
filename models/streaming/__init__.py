"""What is heard, and up to where."""
