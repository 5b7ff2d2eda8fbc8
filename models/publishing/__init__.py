"""Tweets on their way to X, and back."""
