"""The trade itself, pure: rules, composing, pacing. No I/O, no clock, no randomness but what is handed in."""
