"""What runs, what waits, what went wrong."""
