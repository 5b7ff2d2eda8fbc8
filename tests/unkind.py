"""What X and Telegram never send, and may: lines, pages and updates that break whoever believes them."""

import base64
import json
import random
from collections.abc import Callable, Iterator
from itertools import count, cycle, islice
from typing import Any

from engine.x.encrypted import CHAT_EVENT
from engine.x.events import DM_EVENT, MENTION_EVENT, id_at
from tasks.clock import now

DEEP = "[" * 200_000
SENDER = {"id": "5", "username": "pepe", "name": "Pepe"}
ODD: tuple[Any, ...] = (5, None, [], {}, True, 1.5, "", "x", "-5", "²", "９", 2**63, str(2**63), "9" * 40, -1, 2**200)
MOMENTS: tuple[Any, ...] = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00",
    "10000-01-01T00:00:00Z", "2026-13-45T99:99:99Z", "", "yesterday", 5, None, [], {},
)  # fmt: skip
TEXTS = ("\ud83d", "\udc00 \ud83d", "nul \0 nul", "\0" * 100, "\ud800" * 1000, "x" * 200_000, "&#0;&#xD800;&#x110000;")
NO_TEXTS: tuple[Any, ...] = (5, [], {}, ["a"], {"a": 1}, True, 1.5)


def post(x_id: Any, text: Any, **more: Any) -> dict[str, Any]:
    """A mention as X writes it."""
    return {"id": str(x_id), "author_id": "5", "text": text, "created_at": f"{now():%Y-%m-%dT%H:%M:%S.000Z}", **more}


def line(channel: int, payload: Any, kind: Any = MENTION_EVENT, **more: Any) -> bytes:
    """A line of the stream."""
    data = {
        "event_type": kind,
        "filter": {"user_id": str(channel)},
        "payload": payload,
        "includes": {"users": [SENDER]},
    }
    return json.dumps({"data": {**data, **more}}).encode()


def posts(ids: Iterator[int]) -> Iterator[Any]:
    """Posts that can't be, again and again others; what of them can be read has no trigger in it."""
    made: list[Callable[[int], Any]] = [
        *(lambda n, t=t: post(n, t) for t in TEXTS),
        *(lambda n, t=t: post(n, t) for t in NO_TEXTS),
        *(lambda n, at=at: post(n, "nada", created_at=at) for at in MOMENTS),
        *(lambda n, odd=odd: {**post(n, "nada"), "id": odd} for odd in ODD),
        *(lambda n, odd=odd: {**post(n, "nada"), "author_id": odd} for odd in ODD),
        *(lambda n, odd=odd: {**post(n, "nada"), "referenced_posts": odd} for odd in ODD),
        *(lambda n, odd=odd: {**post(n, "nada"), "edit_history_post_ids": [odd]} for odd in ODD),
        *(lambda n, odd=odd: {**post(n, "nada"), "attachments": odd} for odd in ODD),
        *(lambda n, k=k: {f: v for f, v in post(n, "nada").items() if f != k} for k in post(1, "")),
        *(lambda n, odd=odd: odd for odd in ODD),
    ]
    return (make(n) for make, n in zip(cycle(made), ids, strict=False))


def dms(ids: Iterator[int]) -> Iterator[Any]:
    """Direct messages as they are read back, that can't be, again and again others; none has a trigger in it."""

    def event(n: Any, text: Any = "nada", **more: Any) -> dict[str, Any]:
        at = f"{now():%Y-%m-%dT%H:%M:%S.000Z}"
        known = {"id": str(n), "event_type": "MessageCreate", "text": text, "sender_id": "5", "created_at": at}
        return {**known, "dm_conversation_id": "5-70", **more}

    made: list[Callable[[int], Any]] = [
        *(lambda n, t=t: event(n, t) for t in (*TEXTS, *NO_TEXTS)),
        *(lambda n, at=at: event(n, created_at=at) for at in MOMENTS),
        *(lambda n, odd=odd, k=k: event(n, **{k: odd}) for k in event(1) for odd in ODD),
        *(lambda n, k=k: {f: v for f, v in event(n).items() if f != k} for k in event(1)),
        *(lambda n, odd=odd: odd for odd in ODD),
    ]
    return (make(n) for make, n in zip(cycle(made), ids, strict=False))


def encrypted_events(whole: str) -> list[Any]:
    """Events of X Chat that can't be, from one that can: cut, longer, nested, random, or no text at all."""
    raw, dice = base64.b64decode(whole), random.Random(7)
    nested = b"\x0c\x00\x07" * 60_000
    endless = b"\x0b\x00\x01\x7f\xff\xff\xff" + raw
    torn = [raw[:n] for n in (1, 7, len(raw) // 2, len(raw) - 1)]
    noise = [dice.randbytes(n) for n in (1, 40, 400, 4000)]
    many = [raw * 2, raw + b"\0" * 1000, b"\x0f\x00\x01\x0c\x7f\xff\xff\xff", b"", b"\0", b"\x0d" * 500]
    made = [base64.b64encode(one).decode() for one in (*torn, *noise, *many, nested, endless)]
    return [*made, "!" * 50, "A" * 1_000_000, whole[:-2] + "\ud83d", whole.lower(), *ODD, *TEXTS]


def chats(channel: int, person: int, whole: str) -> list[bytes]:
    """Lines of `chat.received` that can't be, made of an event that this person has sent to this channel."""
    good = {"conversation_id": f"{channel}-{person}", "sender_id": str(person), "encoded_event": whole}
    ids = (
        f"{channel}:{person}:5",
        f"{channel}-{channel}",
        f"{channel}-",
        f"g{2**70}",
        f"{person}-{2**64}",
        "5-6",
        "-5-7",
    )
    payloads: list[Any] = [
        *({**good, "encoded_event": odd} for odd in encrypted_events(whole)),
        *({**good, "conversation_key_change_event": odd} for odd in encrypted_events(whole)),
        *({**good, "conversation_id": odd} for odd in (*ODD, *ids)),
        *({**good, "sender_id": odd} for odd in (*ODD, str(channel), "77")),
        *({k: v for k, v in good.items() if k != name} for name in good),
        *ODD,
    ]
    return [
        json.dumps({"data": {"event_type": CHAT_EVENT, "event_uuid": str(n), "payload": p}}).encode()
        for n, p in enumerate(payloads)
    ]


def conversations(channel: int, person: int) -> list[Any]:
    """Conversations of an inbox that can't be."""
    good = {"id": f"{channel}-{person}", "type": "direct", "participant_ids": [str(channel), str(person)]}
    odd_ones = [{**good, name: odd} for name in good for odd in ODD]
    return [*odd_ones[:48], *({**good, "updated_at": at} for at in MOMENTS), *ODD]


def lines(channel: int) -> Iterator[bytes]:
    """Lines that no stream should have, again and again others."""
    ids = (id_at(now()) + n for n in count(1))
    bad_posts = posts(ids)
    raw = [
        b"null", b"5", b'"x"', b"[]", b"{}", b"{", b"\xff\xfe\x00", b"NaN", b"}" * 99, b'{"data": 5}', b'{"data": []}',
        b'{"errors": 5}', b'{"errors": [5]}', b'{"errors": [{"title": [1]}]}', b'{"data": {"event_type": []}}',
        b'{"data": {"event_type": "oauth.revoke", "payload": {"user_id": 1e999}}}', b"1" * 5000,
        b'{"data": {"event_type": "something.new", "payload": 7}}', b"\0", b'{"a":' * 20_000,
    ]  # fmt: skip
    odd_lines = [
        *raw,
        *(line(channel, post(1, "nada"), kind=odd) for odd in ODD),
        *(line(channel, post(1, "nada"), filter=odd) for odd in ODD),
        *(line(channel, post(1, "nada"), filter={"user_id": odd}) for odd in ODD),
        *(line(channel, post(1, "nada"), includes=odd) for odd in ODD),
        *(line(channel, post(1, "nada"), includes={"users": [odd, {"id": "5", "username": odd}]}) for odd in ODD),
        *(line(channel, {"direct_message_events": odd}, kind=DM_EVENT) for odd in ODD),
        *(line(channel, {"direct_message_events": [odd]}, kind=DM_EVENT) for odd in ODD),
        *(line(channel, dm(next(ids), created_timestamp=odd), kind=DM_EVENT) for odd in ODD),
    ]
    deep = [DEEP.encode(), DEEP.encode() + b"]" * 200_000, f'{{"data": {DEEP}'.encode()]
    for n, odd in enumerate(cycle(odd_lines)):
        yield odd
        yield line(channel, next(bad_posts))
        if n % 100 == 0:
            yield deep[n // 100 % len(deep)]


def dm(x_id: Any, text: Any = "nada", **more: Any) -> dict[str, Any]:
    """The payload of a direct message."""
    message = {
        "id": str(x_id),
        "type": "message_create",
        "message_create": {"sender_id": "5", "message_data": {"text": text}},
    }
    return {"direct_message_events": [{**message, **more}], "users": {"5": {"data": SENDER}}}


def updates(person: int) -> Iterator[str]:
    """Updates of Telegram's that can't be, without what stands before `"update_id"`'s end; again and again others."""
    sender = {"id": person, "is_bot": False, "first_name": "Ana", "language_code": "es"}
    message: dict[str, Any] = {
        "message_id": 1, "date": 1, "chat": {"id": person, "type": "private", "first_name": "Ana"}, "from": sender, "text": "x",
    }  # fmt: skip
    odd: tuple[Any, ...] = (*ODD, 2**52, ["a"], {"id": {}}, "\ud83d", "\0")
    made: list[Any] = [
        *({"message": value} for value in odd),
        *({"callback_query": value} for value in odd),
        *({"edited_message": value} for value in odd),
        *({"message": {**message, "from": value}} for value in odd),
        *({"message": {**message, "from": {**sender, "id": value}}} for value in odd),
        *(
            {"message": {**message, key: value}}
            for key in ("chat", "date", "message_id", "entities", "text")
            for value in odd
        ),
        *({"message": {**message, "photo": [value], "document": value}} for value in odd),
        *({"callback_query": {"id": "1", "from": sender, "chat_instance": "1", "data": value}} for value in odd),
        *({"callback_query": {"id": value, "from": sender, "message": {**message, "chat": value}}} for value in odd),
        {"something_new": 1},
    ]
    return (json.dumps(body) for body in cycle(made))


def numbered(body: str, number: int) -> str:
    """An update with its number at Telegram."""
    return f'{{"update_id": {number}, {body.removeprefix("{")}' if body.startswith("{") else body


def some(endless: Iterator[Any], most: int) -> list[Any]:
    return list(islice(endless, most))
