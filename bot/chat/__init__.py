"""The conversation itself: turns, languages, pages, the words that people type."""
