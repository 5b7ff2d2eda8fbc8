"""How the sandbox's X writes posts, users and events, in the shapes of the spec and of the recorded samples."""

import time
import uuid
from datetime import datetime
from typing import Any

from sandbox.world import HANDLE, LINK, MEDIA_LIFE_S, Dm, Media, Post, User, World, short


def user(item: User) -> dict[str, Any]:
    return {"id": str(item.id), "name": item.name, "username": item.handle}


def full_user(item: User) -> dict[str, Any]:
    """A user as events carry it."""
    return {
        **user(item),
        "protected": False,
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


def rest_post(world: World, item: Post) -> dict[str, Any]:
    """A post as the REST endpoints give it."""
    shown: dict[str, Any] = {
        "id": str(item.id),
        "text": item.shown,
        "author_id": str(item.author_id),
        "created_at": instant(item.created_at),
        "possibly_sensitive": item.sensitive,
        "edit_history_post_ids": [str(i) for i in item.history or (item.id,)],
    }
    if item.media:
        shown["attachments"] = {"media_keys": [world.media[i].key for i in item.media_ids] or [f"3_{item.id}"]}
    entities = _entities(world, item.text)
    if entities:
        shown["entities"] = entities
    if item.repost_of is not None:
        shown["referenced_posts"] = [{"type": "retweeted", "id": str(item.repost_of)}]
    if item.answers is not None:
        shown["referenced_posts"] = [{"type": "replied_to", "id": str(item.answers)}]
    return shown


def rest_dm(item: Dm) -> dict[str, Any]:
    attached = {"attachments": {"media_keys": [f"3_{item.id}"]}} if item.media else {}
    return {
        **attached,
        "id": str(item.id),
        "event_type": "MessageCreate",
        "text": item.text,
        "sender_id": str(item.sender_id),
        "created_at": instant(item.created_at),
    }


def mention_event(world: World, item: Post, channel: User, tag: str) -> dict[str, Any]:
    """post.mention.create, as in the recorded sample."""
    post = _event_post(world, item)
    people = [full_user(world.users[item.author_id]), full_user(channel)]
    return _event("post.mention.create", channel, tag, post, {"users": people, "tweets": [post]})


def dm_event(world: World, item: Dm, channel: User, tag: str) -> dict[str, Any]:
    """dm.received, in the old direct_message_events shape of the recorded sample."""
    sender = world.users[item.sender_id]
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
                        "text": item.text,
                        "entities": {"hashtags": [], "symbols": [], "user_mentions": [], "urls": []},
                        **({"attachment": {"type": "media", "media": {"id": item.id}}} if item.media else {}),
                    },
                },
            }
        ],
        "users": {str(u.id): {"data": full_user(u)} for u in (sender, channel)},
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
        "data": {"event_uuid": _uuid(), "filter": {}, "event_type": "oauth.revoke", "payload": payload},
    }


def media(item: Media) -> dict[str, Any]:
    """A file as the upload endpoints tell of it."""
    told: dict[str, Any] = {"id": str(item.id), "media_key": item.key, "size": item.size}
    told["expires_after_secs"] = max(0, int(item.started_at + MEDIA_LIFE_S - time.time()))
    if item.category != "tweet_image":
        if item.state == "pending" and time.time() >= item.ready_at:
            item.state = "succeeded"
        told["processing_info"] = {"state": item.state}
        if item.state == "pending":
            told["processing_info"] |= {"check_after_secs": 1, "progress_percent": 50}
    return told


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _event(
    event_type: str, channel: User, tag: str, payload: dict[str, Any], includes: dict[str, Any] | None
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "event_uuid": _uuid(),
        "filter": {"user_id": str(channel.id)},
        "event_type": event_type,
        "tag": tag,
        "payload": payload,
    }
    if includes is not None:
        data["includes"] = includes
    return {"data": data}


def _event_post(world: World, item: Post) -> dict[str, Any]:
    post = {
        "id": str(item.id),
        "text": item.shown,
        "author_id": str(item.author_id),
        "created_at": instant(item.created_at),
        "conversation_id": str(item.id),
        "edit_history_tweet_ids": [str(i) for i in item.history or (item.id,)],
        "display_text_range": [0, len(item.shown)],
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
    if item.media:
        post["attachments"] = {"media_keys": [f"3_{item.id}"]}
    entities = _entities(world, item.text)
    if entities:
        post["entities"] = entities
    return post


def _entities(world: World, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    mentions = [
        {"start": m.start(), "end": m.end(), "username": u.handle, "id": str(u.id)}
        for m in HANDLE.finditer(text)
        if (u := world.by_handle.get(m[1].lower())) is not None
    ]
    links = [
        {
            "start": m.start(),
            "end": m.end(),
            "url": "https://t.co/" + short(m[0]),
            "expanded_url": m[0],
            "display_url": m[0],
        }
        for m in LINK.finditer(text)
    ]
    if mentions:
        found["mentions"] = mentions
    if links:
        found["urls"] = links
    return found


def _metrics(*names: str) -> dict[str, Any]:
    return {k: v for n in names for k, v in ((f"{n}_count", 0), (f"{n}_count_str", "0"))}


def _uuid() -> str:
    return str(uuid.uuid4().int >> 65)
