"""The sandbox's X, as a state: accounts, posts, direct messages, tokens, limits, and a count of what X was told.

The count (`accepted`) is what tests believe: it goes up once for each write that X acted on.
"""

import base64
import hashlib
import html
import re
import secrets
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

from twitter_text import parse_tweet

from sandbox.people import RESIDENTS

EPOCH_MS = 1_288_834_974_657
WINDOW_S = 900
DUPLICATE_WINDOW_S = 24 * 3600
CODE_LIFE_S = 30
LINK = re.compile(r"https?://\S+")
HANDLE = re.compile(r"(?<!\w)@(\w{1,15})")
CLIENT_ID, CLIENT_SECRET, BEARER = "sandbox-client", "sandbox-client-secret", "sandbox-app-bearer-token"
API_KEY, API_SECRET = "sandbox-api-key", "sandbox-api-secret"
ALL_SCOPES = "tweet.read tweet.write users.read dm.read media.write offline.access"
MEDIA_LIFE_S = 24 * 3600
MAX_BYTES = {"tweet_image": 5_000_000, "tweet_gif": 15_000_000, "tweet_video": 512_000_000}
LIMITS = {
    "POST /2/tweets": 100,
    "DELETE /2/tweets/{id}": 50,
    "POST /2/users/{id}/retweets": 50,
    "DELETE /2/users/{id}/retweets/{source_tweet_id}": 50,
    "GET /2/users/{id}/tweets": 900,
    "GET /2/users/{id}/mentions": 300,
    "GET /2/dm_events": 15,
    "GET /2/users/me": 75,
    "GET /2/tweets": 900,
    "GET /2/users": 900,
    "POST /2/activity/subscriptions": 500,
    "GET /2/activity/subscriptions": 500,
}
APP_LIMITS = {"GET /2/users/{id}/mentions": 450, "POST /2/tweets": 10_000}


@dataclass
class User:
    id: int
    handle: str
    name: str
    channel: bool = False


@dataclass
class Post:
    id: int
    author_id: int
    text: str
    created_at: datetime
    repost_of: int | None = None
    deleted: bool = False
    media: bool = False
    sensitive: bool = False
    history: tuple[int, ...] = ()
    media_ids: tuple[int, ...] = ()
    answers: int | None = None

    @property
    def shown(self) -> str:
        """The text as X hands it out: links wrapped, signs escaped, a link to what it shows at its end."""
        text = html.escape(LINK.sub(lambda m: "https://t.co/" + short(m[0]), self.text), quote=False)
        return f"{text} https://t.co/{short(str(self.id))}".strip() if self.media_ids else text


@dataclass
class Dm:
    id: int
    sender_id: int
    recipient_id: int
    text: str
    created_at: datetime
    media: bool = False


@dataclass
class AccessToken:
    user_id: int
    expires_at: float
    scope: str
    revoked: bool = False


@dataclass
class Code:
    user_id: int
    redirect_uri: str
    challenge: str
    scope: str
    expires_at: float


@dataclass
class Window:
    started: float
    used: int = 0


@dataclass
class Media:
    """A file on its way, or there. `state` is `open`, `pending`, `succeeded` or `failed`."""

    id: int
    owner_id: int
    category: str
    mime: str
    size: int
    started_at: float
    segments: dict[int, bytes] = field(default_factory=dict)
    state: str = "open"
    ready_at: float = 0.0
    alt: str = ""

    @property
    def key(self) -> str:
        return f"{ {'tweet_image': 3, 'tweet_video': 7, 'tweet_gif': 16}[self.category] }_{self.id}"

    @property
    def content(self) -> bytes:
        return b"".join(self.segments[n] for n in sorted(self.segments))


class Denied(Exception):
    """X says no: the status and the body of its answer."""

    def __init__(self, status: int, body: dict[str, object], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


@dataclass
class World:
    """All of the sandbox's X."""

    users: dict[int, User] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)
    by_author: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    mentioning: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    dms: dict[int, list[Dm]] = field(default_factory=lambda: defaultdict(list))
    reposts: dict[tuple[int, int], int] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    media: dict[int, Media] = field(default_factory=dict)
    refresh: dict[str, tuple[int, str]] = field(default_factory=dict)
    spent_refresh: set[str] = field(default_factory=set)
    pairs: dict[str, tuple[int, str]] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    subscriptions: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    followers: set[tuple[int, int]] = field(default_factory=set)
    by_handle: dict[str, User] = field(default_factory=dict)
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    accepted: Counter[str] = field(default_factory=Counter)
    token_life_s: float = 7200.0
    limits_on: bool = True
    refused_text: str = ""
    _last_id: int = 0

    def __post_init__(self) -> None:
        for resident in RESIDENTS:
            self.add_user(resident.handle, resident.name, channel=resident.channel)

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

    # --- signing in ----------------------------------------------------------------------------------------

    def grant_code(self, user_id: int, redirect_uri: str, challenge: str, scope: str) -> str:
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(user_id, redirect_uri, challenge, scope, time.time() + CODE_LIFE_S)
        return code

    def exchange(self, code: str, redirect_uri: str, verifier: str) -> dict[str, object]:
        found = self.codes.pop(code, None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        if found is None or found.expires_at < time.time():
            raise _oauth_error("Value passed for the authorization code was invalid.")
        if found.redirect_uri != redirect_uri or found.challenge != challenge:
            raise _oauth_error("Value passed for the code verifier did not match the code challenge.")
        return self.new_pair(found.user_id, found.scope)

    def refreshed(self, token: str) -> dict[str, object]:
        """Single use: the second time, the token and the pair it gave are gone."""
        if token in self.spent_refresh or token not in self.refresh:
            raise _oauth_error("Value passed for the token was invalid.")
        user_id, access = self.refresh.pop(token)
        self.spent_refresh.add(token)
        self.access[access].revoked = True
        return self.new_pair(user_id, self.access[access].scope)

    def new_pair(self, user_id: int, scope: str = ALL_SCOPES) -> dict[str, object]:
        access, refresh = secrets.token_urlsafe(40), secrets.token_urlsafe(40)
        self.access[access] = AccessToken(user_id, time.time() + self.token_life_s, scope)
        self.refresh[refresh] = (user_id, access)
        return {
            "token_type": "bearer",
            "expires_in": int(self.token_life_s),
            "access_token": access,
            "refresh_token": refresh,
            "scope": scope,
        }

    def new_oauth1_pair(self, user_id: int) -> tuple[str, str]:
        token, secret = f"{user_id}-{secrets.token_urlsafe(20)}", secrets.token_urlsafe(30)
        self.pairs[token] = (user_id, secret)
        return token, secret

    def revoke_token(self, token: str) -> None:
        if token in self.access:
            self.access[token].revoked = True
        self.refresh.pop(token, None)

    def revoke_user(self, user_id: int) -> None:
        """The account takes its permission back."""
        for token in self.access.values():
            if token.user_id == user_id:
                token.revoked = True
        self.refresh = {t: v for t, v in self.refresh.items() if v[0] != user_id}
        self.pairs = {t: v for t, v in self.pairs.items() if v[0] != user_id}
        self.subscriptions = {k: v for k, v in self.subscriptions.items() if k[1] != user_id}

    # --- limits --------------------------------------------------------------------------------------------

    def spend(self, route: str, who: str, limit: int | None = None) -> dict[str, str]:
        """Count a call against its window; the headers. Raises Denied (429)."""
        limit = limit or LIMITS.get(route, 900)
        at = time.time()
        window = self.windows.get((route, who))
        if window is None or at - window.started >= WINDOW_S:
            window = self.windows[route, who] = Window(at)
        window.used += 1
        headers = {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(0, limit - window.used)),
            "x-rate-limit-reset": str(int(window.started + WINDOW_S) + 1),
        }
        if self.limits_on and window.used > limit:
            raise Denied(429, {"code": 88, "message": "Rate limit exceeded"}, headers)
        return headers

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
    ) -> Post:
        """Create a post, or a new version of one. Raises Denied for one that X would refuse."""
        self._check_media(author_id, media_ids)
        self._check_answer(author_id, answers)
        if not text.strip() and not media_ids:
            raise _invalid("text", "The text of your post is empty.")
        if text.strip() and not parse_tweet(text).valid:
            raise _disallowed("Your post is too long or holds characters that are not allowed.")
        if by_app and text.strip() and self._said_lately(author_id, text):
            raise _disallowed("You are not allowed to create a Tweet with duplicate content.")
        post = Post(
            self.new_id(), author_id, text, datetime.now(UTC), media=media or bool(media_ids), sensitive=sensitive
        )
        post.media_ids, post.answers = media_ids, answers
        if edit_of is not None:
            old = self.posts[edit_of]
            post.history = (*(old.history or (old.id,)), post.id)
            old.deleted = True
        self._keep(post)
        if by_app:
            shown = "".join(f"[{self.media[i].category}]" for i in media_ids)
            self.accepted[f"post:{author_id}:{text}{shown}"] += 1
        return post

    def _check_media(self, author_id: int, media_ids: tuple[int, ...]) -> None:
        items = [self.media.get(i) for i in media_ids]
        now = time.time()
        for item in items:
            usable = item is not None and item.owner_id == author_id and item.state == "succeeded"
            if not usable or (item is not None and now - item.started_at > MEDIA_LIFE_S):
                raise _invalid("media.media_ids", "Your media IDs are invalid.")
        if len(items) > 4 or (len(items) > 1 and any(i and i.category != "tweet_image" for i in items)):
            raise _invalid("media.media_ids", "Your media IDs do not go together.")

    def _check_answer(self, author_id: int, answers: int | None) -> None:
        if answers is None:
            return
        source = self.posts.get(answers)
        if source is None or source.deleted:
            raise _disallowed("You attempted to reply to a Tweet that is deleted or not visible to you.")
        if source.author_id != author_id and author_id not in self.mentioned(source.text):
            raise _disallowed("Reply to this conversation is not allowed because you have not been mentioned.")

    # --- media ---------------------------------------------------------------------------------------------

    def begin_media(self, owner_id: int, category: str, mime: str, size: int) -> Media:
        """Open an upload. Raises Denied for a file that is too large."""
        if not 0 < size <= MAX_BYTES.get(category, 0):
            raise _invalid("total_bytes", f"File size exceeds {MAX_BYTES.get(category, 0)} bytes.")
        item = Media(self.new_id(), owner_id, category, mime, size, time.time())
        self.media[item.id] = item
        return item

    def own_media(self, owner_id: int, media_id: int) -> Media:
        """A file of this account's. Raises Denied."""
        item = self.media.get(media_id)
        if item is None or item.owner_id != owner_id:
            raise _not_found("media", str(media_id))
        return item

    def finish_media(self, item: Media, *, fails: bool) -> None:
        """All is there: images at once, what moves after a second of work. Raises Denied where pieces are missing."""
        if len(item.content) != item.size or sorted(item.segments) != list(range(len(item.segments))):
            raise _invalid("media_id", "Segments do not add up to provided total file size.")
        if item.category == "tweet_image":
            if fails:
                raise _invalid("media_id", "Media type unrecognized.")
            item.state = "succeeded"
        else:
            item.state, item.ready_at = ("failed" if fails else "pending"), time.time() + 1

    def repost(self, user_id: int, post_id: int) -> Post:
        """Native retweet. Raises Denied where it is one already, or the post is gone."""
        source = self.posts.get(post_id)
        if source is None or source.deleted:
            raise _not_found("tweet", str(post_id))
        if (user_id, post_id) in self.reposts:
            raise _disallowed("You cannot retweet a Tweet that you have already retweeted.")
        author = self.users[source.author_id]
        post = Post(self.new_id(), user_id, f"RT @{author.handle}: {source.text}", datetime.now(UTC), post_id)
        self._keep(post)
        self.reposts[user_id, post_id] = post.id
        self.accepted[f"repost:{user_id}:{post_id}"] += 1
        return post

    def undo_repost(self, user_id: int, post_id: int) -> None:
        repost_id = self.reposts.pop((user_id, post_id), None)
        if repost_id is not None:
            self.posts[repost_id].deleted = True
            self.accepted[f"unrepost:{user_id}:{post_id}"] += 1

    def delete(self, user_id: int, post_id: int) -> None:
        post = self.posts.get(post_id)
        if post is None or post.deleted or post.author_id != user_id:
            raise _not_found("tweet", str(post_id))
        post.deleted = True
        self.accepted[f"delete:{user_id}:{post_id}"] += 1

    def dm(self, sender_id: int, recipient_id: int, text: str, *, media: bool = False) -> Dm:
        dm = Dm(self.new_id(), sender_id, recipient_id, text, datetime.now(UTC), media)
        self.dms[recipient_id].append(dm)
        return dm

    def mentioned(self, text: str) -> list[int]:
        """The accounts that a text mentions."""
        found = (self.by_handle.get(h.lower()) for h in HANDLE.findall(text))
        return list(dict.fromkeys(u.id for u in found if u is not None))

    def timeline(self, user_id: int) -> list[Post]:
        """An account's posts that stand, newest first."""
        return [p for i in reversed(self.by_author[user_id]) if not (p := self.posts[i]).deleted]

    def _said_lately(self, author_id: int, text: str) -> bool:
        horizon = time.time() - DUPLICATE_WINDOW_S
        return any(
            p.text == text and p.created_at.timestamp() > horizon
            for i in self.by_author[author_id]
            if not (p := self.posts[i]).deleted
        )

    def _keep(self, post: Post) -> None:
        self.posts[post.id] = post
        self.by_author[post.author_id].append(post.id)
        if post.repost_of is None:
            for user_id in self.mentioned(post.text):
                self.mentioning[user_id].append(post.id)


def short(link: str) -> str:
    """The ten characters of a wrapped link."""
    return hashlib.sha256(link.encode()).hexdigest()[:10]


def problem(kind: str, title: str, detail: str, **more: object) -> dict[str, object]:
    """An error body of X's spec."""
    return {"type": f"https://api.x.com/2/problems/{kind}", "title": title, "detail": detail, **more}


def _disallowed(detail: str) -> Denied:
    return Denied(403, problem("disallowed-resource", "Forbidden", detail, status=403))


def _invalid(parameter: str, detail: str) -> Denied:
    return Denied(400, problem("invalid-request", "Invalid Request", detail, parameter=parameter, status=400))


def _not_found(kind: str, value: str) -> Denied:
    detail = f"Could not find {kind} with id: [{value}]."
    more = {"resource_type": kind, "resource_id": value, "value": value, "status": 404}
    return Denied(404, problem("resource-not-found", "Not Found Error", detail, **more))


def _oauth_error(description: str) -> Denied:
    return Denied(400, {"error": "invalid_request", "error_description": description})
