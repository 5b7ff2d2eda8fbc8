"""What X charges, in the chat: what it comes to, what it will, and what it may."""
