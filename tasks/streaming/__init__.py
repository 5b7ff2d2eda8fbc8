"""Hear: one activity stream for all channels under a lease, catch-up after every connect, polling for the rest."""
