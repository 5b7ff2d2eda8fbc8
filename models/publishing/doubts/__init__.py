"""What may be on X already: it is read for before it is said."""
