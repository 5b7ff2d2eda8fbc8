"""Watching: the filtered stream with its rules, what it missed, and what is asked for again and again."""

"""What channels watch: asked for, heard, and kept to its ceiling."""
