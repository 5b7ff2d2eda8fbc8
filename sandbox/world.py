"""The sandbox's X, as a state: accounts, posts, direct messages, and a count of what X was told.

The count (`accepted`) is what tests believe: it goes up once for each write that X acted on.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox import x_text
from sandbox.bill import Bill
from sandbox.people import LISTS, RESIDENTS
from sandbox.profile import Profile
from sandbox.x_limits import Limits
from sandbox.x_media import Uploads
from sandbox.x_queries import Seen
from sandbox.x_refusals import disallowed, invalid, not_found
from sandbox.x_text import Handed
from sandbox.x_tokens import Tokens

EPOCH_MS = 1_288_834_974_657
DUPLICATE_WINDOW_S = 24 * 3600


@dataclass
class User:
    id: int
    handle: str
    name: str
    channel: bool = False
    protected: bool = False
    suspended: bool = False

    @property
    def names(self) -> tuple[str, str]:
        """What faults know it by."""
        return str(self.id), self.handle.lower()


@dataclass
class Post:
    """`text` is what X was told, `handed` what it hands out.

    So many signs at its beginning are `hidden`: names of those whom it answers, which X puts there by itself. `bare`:
    X hands it out without what it refers to.
    """

    id: int
    author_id: int
    text: str
    created_at: datetime
    handed: Handed
    repost_of: int | None = None
    deleted: bool = False
    media: bool = False
    sensitive: bool = False
    history: tuple[int, ...] = ()
    media_ids: tuple[int, ...] = ()
    answers: int | None = None
    quotes: int | None = None
    hidden: int = 0
    bare: bool = False


@dataclass
class Dm:
    id: int
    sender_id: int
    recipient_id: int
    text: str
    created_at: datetime
    handed: Handed
    media: bool = False

    @property
    def conversation_id(self) -> str:
        """Of the two, the lower first."""
        return "-".join(map(str, sorted((self.sender_id, self.recipient_id))))


@dataclass
class XList:
    """Accounts that somebody put together under a name."""

    id: int
    owner_id: int
    name: str
    members: set[int]
    private: bool = False


@dataclass
class World:
    """All of the sandbox's X."""

    profile: Profile = field(default_factory=Profile)
    users: dict[int, User] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    by_author: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    mentioning: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    dms: dict[int, list[Dm]] = field(default_factory=lambda: defaultdict(list))
    reposts: dict[tuple[int, int], int] = field(default_factory=dict)
    subscriptions: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    most_subscriptions: int = 1500
    followers: set[tuple[int, int]] = field(default_factory=set)
    by_handle: dict[str, User] = field(default_factory=dict)
    lists: dict[int, XList] = field(default_factory=dict)
    kept: list[Callable[[Post], None]] = field(default_factory=list)  # who is told of each post
    accepted: Counter[str] = field(default_factory=Counter)
    asked_at: dict[int, float] = field(default_factory=dict)  # Unix seconds: when the call that made a post arrived
    tokens: Tokens = field(default_factory=Tokens)
    limits: Limits = field(default_factory=Limits)
    bill: Bill = field(default_factory=Bill)
    refused_text: str = ""
    odd: dict[str, list[list[Any]]] = field(default_factory=dict)  # by what is read: what stands in each page besides
    _said: dict[tuple[int, str], int] = field(default_factory=dict)
    _last_id: int = 0

    def __post_init__(self) -> None:
        self.uploads = Uploads(self.new_id)
        for resident in RESIDENTS:
            user = self.add_user(resident.handle, resident.name, channel=resident.channel)
            user.protected, user.suspended = resident.protected, resident.suspended
        for one in LISTS:
            self.add_list(self.user(one.owner).id, one.name, one.members, private=one.private, list_id=one.id)

    # --- ids and people ------------------------------------------------------------------------------------

    def new_id(self) -> int:
        """A snowflake: time in its upper bits, always larger than the last."""
        self._last_id = max(self._last_id + 1, int(time.time() * 1000) - EPOCH_MS << 22)
        return self._last_id

    def add_user(self, handle: str, name: str, *, channel: bool = False) -> User:
        user = User(1_000_000_000 + len(self.users) * 7919, handle, name, channel)
        self.users[user.id] = self.by_handle[handle.lower()] = user
        return user

    def user(self, handle: str) -> User:
        """By handle; a newcomer is made on first sight."""
        bare = handle.lstrip("@")
        return self.by_handle.get(bare.lower()) or self.add_user(bare, bare)

    def add_list(
        self, owner_id: int, name: str, handles: Iterable[str], *, private: bool = False, list_id: int = 0
    ) -> XList:
        """Put accounts together; they are made on first sight."""
        members = {self.user(handle).id for handle in handles}
        made = XList(list_id or self.new_id(), owner_id, name, members, private)
        self.lists[made.id] = made
        return made

    def revoke_user(self, user_id: int) -> None:
        """The account takes its permission back."""
        self.tokens.revoke_user(user_id)
        self.subscriptions = {k: v for k, v in self.subscriptions.items() if k[1] != user_id}

    # --- writing -------------------------------------------------------------------------------------------

    def post(
        self,
        author_id: int,
        text: str,
        *,
        by_app: bool = True,
        media: bool = False,
        sensitive: bool = False,
        edit_of: int | None = None,
        media_ids: tuple[int, ...] = (),
        answers: int | None = None,
        quotes: int | None = None,
    ) -> Post:
        """Create a post, or a new version of one. Raises Denied for one that X would refuse."""
        self.uploads.check(author_id, media_ids)
        if edit_of is not None:
            answers, quotes = self.posts[edit_of].answers, self.posts[edit_of].quotes
        if by_app:
            self._check_answer(author_id, answers)
        if not text.strip() and not media_ids:
            raise invalid("text", "The text of your post is empty.")
        if text.strip() and not x_text.may_be_posted(text, long=not by_app):
            raise disallowed("Your post is too long or holds characters that are not allowed.")
        if by_app and text.strip() and self._said_lately(author_id, text):
            raise disallowed("You are not allowed to create a Tweet with duplicate content.")
        post_id = self.new_id()
        linked = media_ids or (media and self.profile.figures.media_link)
        attached = self._link_to_media(author_id, post_id, media_ids) if linked else None
        before = "" if by_app else self._names_before(author_id, answers)
        behind = f" {self._link_to(quotes)}" if quotes is not None else ""
        said = x_text.handed(before + text + behind, self._named, media=attached)
        post = Post(post_id, author_id, text, datetime.now(UTC), said, media=media or bool(media_ids))
        post.sensitive, post.media_ids, post.answers = sensitive, media_ids, answers
        post.quotes, post.hidden = quotes, len(before)
        if edit_of is not None:
            old = self.posts[edit_of]
            post.history = (*(old.history or (old.id,)), post.id)
            old.deleted = True
        self._keep(post)
        if by_app:
            shown = "".join(f"[{self.uploads.items[i].category}]" for i in media_ids)
            self.accepted[f"post:{author_id}:{text}{shown}"] += 1
            self.bill.did(self._billed_as(post))
        return post

    def repost(self, user_id: int, post_id: int, *, by_app: bool = True, bare: bool = False) -> Post:
        """Native retweet. Raises Denied where it is one already, or the post is gone, or only for followers."""
        source = self.posts.get(post_id)
        if source is None or source.deleted:
            raise not_found("tweet", str(post_id))
        if self.users[source.author_id].protected:
            raise disallowed("You cannot retweet a Tweet of a protected account.")
        if (user_id, post_id) in self.reposts:
            raise disallowed("You cannot retweet a Tweet that you have already retweeted.")
        said = f"RT @{self.users[source.author_id].handle}: {source.text}"
        shown = x_text.handed(said, self._named)
        post = Post(self.new_id(), user_id, said, datetime.now(UTC), shown, repost_of=post_id, bare=bare)
        self._keep(post)
        self.reposts[user_id, post_id] = post.id
        if by_app:
            self.accepted[f"repost:{user_id}:{post_id}"] += 1
            self.bill.did("repost")
        else:
            for named in post.handed.mentioned:
                self.mentioning[named].append(post.id)
        return post

    def undo_repost(self, user_id: int, post_id: int) -> None:
        repost_id = self.reposts.pop((user_id, post_id), None)
        if repost_id is not None:
            self.posts[repost_id].deleted = True
            self.accepted[f"unrepost:{user_id}:{post_id}"] += 1
            self.bill.did("undo")

    def delete(self, user_id: int, post_id: int) -> None:
        post = self.posts.get(post_id)
        if post is None or post.deleted or post.author_id != user_id:
            raise not_found("tweet", str(post_id))
        post.deleted = True
        self.accepted[f"delete:{user_id}:{post_id}"] += 1
        self.bill.did("undo")

    def dm(self, sender_id: int, recipient_id: int, text: str, *, media: bool = False) -> Dm:
        dm = Dm(self.new_id(), sender_id, recipient_id, text, datetime.now(UTC), x_text.plain(text), media)
        self.dms[recipient_id].append(dm)
        return dm

    # --- reading -------------------------------------------------------------------------------------------

    def timeline(self, user_id: int) -> list[Post]:
        """An account's posts that stand, newest first, as far as the machine that is asked has them."""
        return self._standing(self.by_author[user_id])

    def mentions(self, user_id: int) -> list[Post]:
        """The posts that mention an account and stand, likewise."""
        return self._standing(self.mentioning[user_id])

    def said_by(self, user_ids: Iterable[int]) -> list[Post]:
        """What these accounts posted and reposted, likewise."""
        return self._standing(sorted(i for user_id in user_ids for i in self.by_author[user_id]))

    def everything(self) -> list[Post]:
        """All posts, likewise."""
        return self._standing(list(self.posts))

    def seen(self, post: Post) -> Seen:
        """A post with what stands around it."""
        answered = self.posts.get(post.answers or 0)
        repeated = self.posts.get(post.repost_of or 0)
        return Seen(
            post,
            self.users[post.author_id],
            self.users[answered.author_id] if answered is not None else None,
            self.users[repeated.author_id] if repeated is not None else None,
        )

    def may_see(self, asker_id: int | None, post: Post) -> bool:
        """Whether X shows a post to this account: one of a protected account to its followers alone."""
        author = self.users[post.author_id]
        return not author.protected or author.id == asker_id or (asker_id, author.id) in self.followers

    def inbox(self, user_id: int) -> list[Dm]:
        """The direct messages to an account, likewise."""
        seen = self.seen_until()
        return [d for d in reversed(self.dms[user_id]) if d.created_at.timestamp() <= seen]

    def seen_until(self) -> float:
        """Until when (Unix seconds) the machine that is asked knows what happened."""
        return time.time() - self.profile.lag_seconds()

    # -------------------------------------------------------------------------------------------------------

    def _standing(self, ids: list[int]) -> list[Post]:
        seen = self.seen_until()
        posts = (self.posts[i] for i in reversed(ids))
        return [p for p in posts if not p.deleted and p.created_at.timestamp() <= seen]

    def _billed_as(self, post: Post) -> str:
        """An answer to who mentioned the account has a price of its own; else a link in what was written counts."""
        if post.answers is not None and self.posts[post.answers].author_id != post.author_id:
            return "answer"
        return "post with a link" if x_text.found_links(post.text) else "post"

    def _named(self, handle: str) -> tuple[str, int] | None:
        user = self.by_handle.get(handle.lower())
        return (user.handle, user.id) if user is not None else None

    def _link_to_media(self, author_id: int, post_id: int, media_ids: tuple[int, ...]) -> dict[str, str]:
        kind = "video" if any(self.uploads.items[i].category == "tweet_video" for i in media_ids) else "photo"
        where = f"https://x.com/{self.users[author_id].handle}/status/{post_id}/{kind}/1"
        shown = x_text.short(str(post_id))
        keyed = self.uploads.items[media_ids[0]].key if media_ids else f"3_{post_id}"
        return {
            "url": f"https://t.co/{shown}",
            "expanded_url": where,
            "display_url": f"pic.x.com/{shown}",
            "media_key": keyed,
        }

    def _names_before(self, author_id: int, answers: int | None) -> str:
        """What X puts before an answer: the names of who is answered, and of all whom that one names."""
        if answers is None:
            return ""
        answered = self.posts[answers]
        named = dict.fromkeys((answered.author_id, *answered.handed.mentioned))
        return "".join(f"@{self.users[i].handle} " for i in named if i != author_id)

    def _link_to(self, post_id: int) -> str:
        return f"https://x.com/{self.users[self.posts[post_id].author_id].handle}/status/{post_id}"

    def _check_answer(self, author_id: int, answers: int | None) -> None:
        if answers is None:
            return
        source = self.posts.get(answers)
        if source is None or source.deleted:
            raise disallowed("You attempted to reply to a Tweet that is deleted or not visible to you.")
        if source.author_id != author_id and author_id not in source.handed.mentioned:
            raise disallowed("Reply to this conversation is not allowed because you have not been mentioned.")

    def forget_texts(self) -> None:
        """What was said before is no longer said lately."""
        self._said.clear()

    def _said_lately(self, author_id: int, text: str) -> bool:
        said = self.posts.get(self._said.get((author_id, x_text.composed(text)), 0))
        horizon = time.time() - DUPLICATE_WINDOW_S
        return said is not None and not said.deleted and said.created_at.timestamp() > horizon

    def _keep(self, post: Post) -> None:
        self.posts[post.id] = post
        self.by_author[post.author_id].append(post.id)
        if post.repost_of is None:
            self._said[post.author_id, x_text.composed(post.text)] = post.id
            for user_id in post.handed.mentioned:
                self.mentioning[user_id].append(post.id)
        for tell in self.kept:
            tell(post)
