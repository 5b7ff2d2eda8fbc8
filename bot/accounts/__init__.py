"""Channels in the chat: connecting, the panel, the team."""
