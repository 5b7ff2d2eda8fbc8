"""The door of the chat: who somebody is, and whether they are in, before anything of theirs is handled."""
