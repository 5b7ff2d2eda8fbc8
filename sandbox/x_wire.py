"""How the sandbox's X writes posts, users and events, in the shapes of the spec and of the recorded samples.

In the world profile a few posts and users come without a field that the spec calls optional.
"""

import time
import uuid
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sandbox.world import Dm, Post, User, World
from sandbox.x_media import MEDIA_LIFE_S, Media
from sandbox.x_text import Handed

#: What may be missing of a post, of an event's post, of an event's user. Never what says who and which.
OPTIONAL_OF_POST = ("created_at", "possibly_sensitive", "entities", "edit_history_post_ids")
OPTIONAL_OF_EVENT = (
    "created_at", "possibly_sensitive", "entities", "edit_history_tweet_ids", "edit_controls", "lang",
    "conversation_id", "display_text_range", "public_metrics", "reply_settings", "paid_partnership",
)  # fmt: skip
OPTIONAL_OF_USER = ("name", "description", "public_metrics", "protected", "created_at", "verified_type")


def user(item: User) -> dict[str, Any]:
    return {"id": str(item.id), "name": item.name, "username": item.handle}


def asked_user(item: User, fields: Collection[str]) -> dict[str, Any]:
    """A user as the REST endpoints give it: id, name and handle always, the rest where it was asked for."""
    return {**user(item), **({"protected": item.protected} if "protected" in fields else {})}


def full_user(world: World, item: User) -> dict[str, Any]:
    """A user as events carry it."""
    told = {
        **user(item),
        "protected": item.protected,
        "verified": False,
        "verified_type": "none",
        "is_identity_verified": False,
        "description": "",
        "url": "",
        "profile_banner_url": "",
        "profile_image_url": "https://pbs.twimg.com/profile_images/1/example_normal.jpg",
        "created_at": "2026-04-20T19:55:59.000Z",
        "public_metrics": _metrics("followers", "following", "tweet", "listed", "like", "media"),
    }
    return world.profile.thinned(told, OPTIONAL_OF_USER)


def rest_post(world: World, item: Post, fields: Collection[str], expansions: Collection[str] = ()) -> dict[str, Any]:
    """A post as the REST endpoints give it: id, text and history always, the rest where it was asked for."""
    shown: dict[str, Any] = {
        "id": str(item.id),
        "text": item.handed.text,
        "edit_history_post_ids": [str(i) for i in item.history or (item.id,)],
        "created_at": instant(item.created_at),
        "possibly_sensitive": item.sensitive,
        "author_id": str(item.author_id),
    }
    if item.media:
        keys = [world.uploads.items[i].key for i in item.media_ids] or [f"3_{item.id}"]
        shown["attachments"] = {"media_keys": keys}
    entities = item.handed.entities()
    if entities:
        shown["entities"] = entities
    if item.handed.note is not None:
        shown["note_post"] = _note(item.handed.note)
    shown["display_text_range"] = [item.hidden, item.handed.displayed]
    if referenced := _references(item):
        shown["referenced_posts"] = referenced
    if item.answers is not None:
        shown["in_reply_to_user_id"] = str(world.posts[item.answers].author_id)
    wanted = {"id", "text", "edit_history_post_ids", *fields, *expansions}
    asked = {name: value for name, value in shown.items() if name in wanted}
    return world.profile.thinned(asked, OPTIONAL_OF_POST)


def _references(item: Post) -> list[dict[str, str]]:
    """What it refers to, but for one of which X does not say it."""
    refers = {"retweeted": item.repost_of, "replied_to": item.answers, "quoted": item.quotes}
    return [] if item.bare else [{"type": kind, "id": str(i)} for kind, i in refers.items() if i is not None]


def rest_dm(item: Dm) -> dict[str, Any]:
    attached = {"attachments": {"media_keys": [f"3_{item.id}"]}} if item.media else {}
    entities = item.handed.entities()
    return {
        **attached,
        **({"entities": entities} if entities else {}),
        "id": str(item.id),
        "event_type": "MessageCreate",
        "text": item.handed.text,
        "sender_id": str(item.sender_id),
        "dm_conversation_id": item.conversation_id,
        "created_at": instant(item.created_at),
    }


def mention_event(world: World, item: Post, channel: User, tag: str) -> dict[str, Any]:
    """post.mention.create, as in the recorded sample."""
    post = _event_post(world, item)
    people = [full_user(world, world.users[item.author_id]), full_user(world, channel)]
    includes = world.profile.thinned({"users": people, "tweets": [post]}, ("tweets", "users"))
    post = world.profile.thinned(post, OPTIONAL_OF_EVENT)
    return _event("post.mention.create", channel, tag, post, includes)


def reply_event(world: World, item: Post, channel: User, tag: str) -> dict[str, Any]:
    """post.reply.create, as in the recorded sample: nobody is included."""
    told = {name: value for name, value in _event_post(world, item).items() if name != "edit_controls"}
    post = world.profile.thinned(told, OPTIONAL_OF_EVENT)
    return _event("post.reply.create", channel, tag, post, {})


def delete_event(world: World, post_id: int, author: User, tag: str) -> dict[str, Any]:
    """post.delete, as in the recorded sample: which post is gone, and whose it was."""
    includes = {"users": [{"data": full_user(world, author)}]}
    return _event("post.delete", author, tag, {"id": str(post_id), "author_id": str(author.id)}, includes)


def dm_event(world: World, item: Dm, channel: User, tag: str) -> dict[str, Any]:
    """dm.received, in the old direct_message_events shape of the recorded sample."""
    sender = world.users[item.sender_id]
    links = [{**span.told, "indices": [span.start, span.end]} for span in item.handed.spans if span.kind == "urls"]
    payload = {
        "direct_message_events": [
            {
                "type": "message_create",
                "id": str(item.id),
                "created_timestamp": str(int(item.created_at.timestamp() * 1000)),
                "message_create": {
                    "target": {"recipient_id": str(item.recipient_id)},
                    "sender_id": str(item.sender_id),
                    "message_data": {
                        "text": item.handed.text,
                        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": links},
                        **({"attachment": {"type": "media", "media": {"id": item.id}}} if item.media else {}),
                    },
                },
            }
        ],
        "users": {str(u.id): {"data": full_user(world, u)} for u in (sender, channel)},
    }
    return _event("dm.received", channel, tag, payload, None)


def revoke_event(channel: User, at: datetime) -> dict[str, Any]:
    """oauth.revoke, which comes without a subscription."""
    payload = {
        "date_time": at.isoformat(timespec="seconds"),
        "user_id": str(channel.id),
        "app_id": "29820954",
    }
    return {
        "data": {"event_uuid": uuid_of_x(), "filter": {}, "event_type": "oauth.revoke", "payload": payload},
    }


def media(item: Media) -> dict[str, Any]:
    """A file as the upload endpoints tell of it."""
    told: dict[str, Any] = {"id": str(item.id), "media_key": item.key, "size": item.size}
    told["expires_after_secs"] = max(0, int(item.started_at + MEDIA_LIFE_S - time.time()))
    if item.category != "tweet_image" or item.state != "succeeded":
        if item.state == "pending" and time.time() >= item.ready_at:
            item.state = "succeeded"
        told["processing_info"] = {"state": item.state}
        if item.state == "pending":
            after = {} if item.check_after is None else {"check_after_secs": item.check_after}
            told["processing_info"] |= {**after, "progress_percent": 50}
        if item.error:
            told["processing_info"]["error"] = {"code": 3, "name": "UnsupportedMedia", "message": item.error}
    return told


def now() -> str:
    return instant(datetime.now(UTC))


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _event(
    event_type: str, channel: User, tag: str, payload: dict[str, Any], includes: dict[str, Any] | None
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "event_uuid": uuid_of_x(),
        "filter": {"user_id": str(channel.id)},
        "event_type": event_type,
        "tag": tag,
        "payload": payload,
    }
    if includes is not None:
        data["includes"] = includes
    return {"data": data}


def _event_post(world: World, item: Post) -> dict[str, Any]:
    post: dict[str, Any] = {
        "id": str(item.id),
        "text": item.handed.text,
        "author_id": str(item.author_id),
        "created_at": instant(item.created_at),
        "conversation_id": str(item.id),
        "edit_history_tweet_ids": [str(i) for i in item.history or (item.id,)],
        "display_text_range": [item.hidden, item.handed.displayed],
        "edit_controls": {
            "edits_remaining": 5,
            "edits_remaining_str": "5",
            "is_edit_eligible": True,
            "editable_until": instant(item.created_at),
        },
        "paid_partnership": False,
        "possibly_sensitive": item.sensitive,
        "reply_settings": "everyone",
        "lang": "und",
        "public_metrics": _metrics("retweet", "reply", "like", "quote", "bookmark", "impression"),
    }
    if item.answers is not None:
        answered = world.posts[item.answers]
        post["in_reply_to_tweet_id"], post["in_reply_to_user_id"] = str(answered.id), str(answered.author_id)
    if referenced := _references(item):
        post["referenced_tweets"] = referenced
    if item.media:
        post["attachments"] = {"media_keys": [f"3_{item.id}"]}
    entities = _numbered(item.handed.entities())
    if entities:
        post["entities"] = entities
    if item.handed.note is not None:
        note = _note(item.handed.note)
        post["note_tweet"] = {**note, "entities": _numbered(note["entities"])} if "entities" in note else note
    return post


def _note(whole: Handed) -> dict[str, Any]:
    """The whole of a long post."""
    entities = whole.entities()
    return {"text": whole.text, **({"entities": entities} if entities else {})}


def _numbered(entities: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Entities as events have them: each number also as a text."""
    return {
        kind: [{**one, "start_str": str(one["start"]), "end_str": str(one["end"])} for one in found]
        for kind, found in entities.items()
    }


def _metrics(*names: str) -> dict[str, Any]:
    return {k: v for n in names for k, v in ((f"{n}_count", 0), (f"{n}_count_str", "0"))}


def uuid_of_x() -> str:
    """As X numbers events and connections."""
    return str(uuid.uuid4().int >> 65)
