"""A group, or a topic of a forum, as a channel's desk."""
