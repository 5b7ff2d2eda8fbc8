"""What a channel watches, what it may cost, and what it has brought."""
