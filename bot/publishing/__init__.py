"""What the channel says: by hand, how it writes, hashtags, taking back."""
