"""The moderation desk: rules, words, senders, hours, review."""
