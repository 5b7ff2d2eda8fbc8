"""What somebody asks of the channel itself: not to be reposted, or to be reposted again.

The whole message is the request, with courtesies, names, emoji and hashtags around it at most: a report that holds such
words ("stop en la esquina", "paren el bus") asks nothing. X wants the usual words honoured at once; in doubt about a
request, it is one; in doubt about a report, it is none.
"""

from engine.moderation.wishes.reading import Wish, wish_of

__all__ = ["Wish", "wish_of"]
