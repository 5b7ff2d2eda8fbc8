"""What runs, what waits, switching."""
