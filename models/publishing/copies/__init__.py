"""What a channel says again of somebody else's: of which post it is a copy, and what follows when that goes."""
