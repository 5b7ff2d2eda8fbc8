"""Posts as X shows them: the channel's own, read back, and who can see somebody's."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from engine.text import storable
from engine.x.events import Account, links_told, parse_instant, x_id_of

_LINK_BEHIND = re.compile(r"\s*(https://t\.co/\w+)\s*$")


class Shown(Enum):
    """Who can see a post on X."""

    TO_ALL = "all"
    TO_FOLLOWERS = "followers"  # its author's account is protected
    UNSAID = "unsaid"  # it is there, and X does not say of its author's account
    NOT = "not"  # it is not there, or not for this channel

    @classmethod
    def to(cls, authors: Iterable[Account]) -> "Shown":
        """Who sees what these wrote."""
        said = {account.protected for account in authors}
        if True in said:
            return cls.TO_FOLLOWERS
        return cls.TO_ALL if said == {False} else cls.UNSAID


@dataclass(frozen=True, slots=True)
class OwnPost:
    """A post of the channel, read back from X; `leads` says where the links lead that X made of those in it.

    `repost_of`: the post that it is a native repost of.
    """

    x_id: int
    text: str
    created_at: datetime | None
    media_keys: frozenset[str] = frozenset()
    leads: Mapping[str, str] = field(default_factory=dict)
    repost_of: int | None = None

    @property
    def words(self) -> str:
        """Its text without the link to what is attached, which X puts behind it and says no goal of."""
        behind = _LINK_BEHIND.search(self.text) if self.media_keys else None
        return self.text if behind is None or behind[1] in self.leads else self.text[: behind.start()]

    @classmethod
    def from_wire(cls, post: Mapping[str, Any]) -> "OwnPost":
        """Raises one of UNREADABLE."""
        keys = (post.get("attachments") or {}).get("media_keys") or []
        if not isinstance(post.get("text"), str):
            raise ValueError("a post of which X does not say the text")
        text = storable(html.unescape(post["text"]))
        made = parse_instant(post.get("created_at"))
        referenced = post.get("referenced_posts") or []
        reposted = next((x_id_of(p["id"]) for p in referenced if p.get("type") == "retweeted"), None)
        return cls(x_id_of(post["id"]), text, made, frozenset(map(str, keys)), links_told(post), reposted)
