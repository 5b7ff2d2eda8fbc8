"""The channels that are listened for, by their X ids; never older than a second where it matters."""

import time
from dataclasses import replace

from models.accounts.channels import Hearing
from models.database import TROUBLE, forget_connection
from models.streaming import hearing

DIRECTORY_S = 1.0


class Directory:
    """The connected channels as they were read last."""

    def __init__(self) -> None:
        self._channels: dict[int, hearing.Heard] = {}
        self._read_at = 0.0
        self._wanted: dict[int, hearing.Heard] = {}
        self._compared = 0.0  # which reading `_wanted` is of

    def read(self) -> dict[int, hearing.Heard]:
        """Read them anew."""
        self._channels = hearing.connected()
        self._read_at = time.monotonic()
        return self._channels

    def has_changed(self) -> bool:
        """Whether channels came, went or want other things than when this was last asked: no bell is needed for it."""
        if time.monotonic() - self._read_at > DIRECTORY_S:
            self.read()
        if self._compared == self._read_at:
            return False
        self._compared = self._read_at
        wanted = {x_user_id: replace(h, hearing=Hearing.STREAM) for x_user_id, h in self._channels.items()}
        changed, self._wanted = wanted != self._wanted, wanted
        return changed

    def of(self, x_user_id: int) -> hearing.Heard | None:
        """The channel of this account, as it was a second ago at most, or when the database was there last."""
        channel = self._channels.get(x_user_id)
        if channel is None or time.monotonic() - self._read_at > DIRECTORY_S:
            try:
                channel = self.read().get(x_user_id)
            except TROUBLE:  # a moment older: nobody may be deaf for that
                forget_connection()
                if channel is None:
                    raise
        return channel

    def ids(self) -> dict[int, int]:
        """Our id of each, by its X id."""
        return {h.x_user_id: h.id for h in self._channels.values()}

    def is_polled(self, x_user_id: int) -> bool:
        """Whether X does not bring all that this one is to hear, as it was read last."""
        channel = self._channels.get(x_user_id)
        return channel is not None and channel.hearing is Hearing.POLL

    def __contains__(self, x_user_id: int) -> bool:
        return x_user_id in self._channels
