"""The way to Telegram: its pace, its answers that may have come, and the end that each call has."""
