"""The rules at work: words, senders, verdicts, review."""
