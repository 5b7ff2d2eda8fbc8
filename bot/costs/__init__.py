"""What X charges, in the chat: what it comes to, and what it will."""
