"""What a channel watches: its panel, what it costs, and what is told of it."""
