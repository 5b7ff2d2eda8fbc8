"""Channels and people: sign-in, tokens, the team, what a channel has chosen."""
