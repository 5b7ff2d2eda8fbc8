"""Full: how many subscriptions X lets an app have, where it has no room for as many as it documents."""


class Full:
    """What X's word that it has no room tells of how many it may have.

    It has as many when it says so; what it has is read a while later, and what we gave up in between counts too. What
    was on its way may have gone before or after: counted as after, so that too much is thought at worst, which X says.

    Who calls holds the lock of what it is part of.
    """

    def __init__(self) -> None:
        self.refused = 0  # so often X has said it
        self.leaving = self.left = 0  # so many were begun to be given up; of so many that is over
        self._since: int | None = None

    @property
    def is_said(self) -> bool:
        """Whether X has just said so: how many it has is read when nobody asks it for more."""
        return self._since is not None

    def said(self, since: int) -> None:
        """X says so of what was asked for when so many had been given up."""
        self._since = since if self._since is None else min(self._since, since)
        self.refused += 1

    def had(self, listed: int, refused: int) -> int | None:
        """How many X had, at most, by a list that was asked for after it had said so `refused` times; or None."""
        if self._since is None or refused != self.refused:
            return None
        since, self._since = self._since, None
        return listed + self.leaving - since
