"""Watching: the filtered stream with its rules, what it missed, and what is asked for again and again."""
