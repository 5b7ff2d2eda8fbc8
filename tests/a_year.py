"""Days of use as rows, written quickly: what was heard, said and told, and is over. For the bench and for tests of growth."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.watching import WatchedKind, Way
from models.bulk import execute_many
from models.database import EPOCH, db, is_sqlite, to_stored, transaction
from models.streaming.optouts import AskedBy, OptOut
from models.watching.watched import Watched

DAY = timedelta(days=1)
TEXT = "@trafico choque en la avenida Libertador con Callao, un carril cortado, hay que tomar por Santa Fe hoy #"
INSERTS = {
    "message": "INSERT INTO message (channel_id, kind, x_id, sender_id, sender_handle, sender_name, text, at, heard_at,"
    " status, rule, evidence, judged_at, origin_id, media, sensitive)"
    " VALUES (?, 'mention', ?, ?, ?, 'Vecino', ?, ?, ?, ?, ?, '', ?, ?, ?, ?)",
    "tweet": "INSERT INTO tweet (channel_id, message_id, form, text, target_x_id, status, reason, detail, due_at,"
    " fresh_until, attempts, claim, started_at, x_id, sent_at, cost, undo, undo_attempts, fell_back, any_hour)"
    " VALUES (?, ?, 'copy', ?, NULL, ?, '', '', ?, ?, 1, '', ?, ?, ?, 15000, '', 0, '', ?)",
    "notice": "INSERT INTO notice (person_id, channel_id, kind, data, key, tweet_id, message_id, status, due_at, attempts,"
    " telegram_message_id, created_at, delivered_at, doubtful)"
    " VALUES (?, ?, 'posted', '{}', ?, ?, ?, 'delivered', ?, 1, ?, ?, ?, ?)",
    "journal": "INSERT INTO journal_entry (channel_id, at, event, data, written) VALUES (?, ?, ?, ?, 1)",
    "sender": "INSERT INTO sender (channel_id, sender_id, handle, handle_key, name, heard, approved, last_heard_at, standing,"
    " reason, source) VALUES (?, ?, ?, ?, 'Vecino', 3, 1, ?, '', '', '') ON CONFLICT (channel_id, sender_id) DO NOTHING",
    "inbox": "INSERT INTO inbox (update_id, person_id, payload, received_at, claim, claimed_until, tries, kept, done_at)"
    " VALUES (?, 7, '', ?, '', 0, 1, '', ?)",
    "upload": "INSERT INTO upload (tweet_id, head_id, place, media_id, alt, status, claim, due_at, attempts, x_media_key)"
    " VALUES (?, ?, 0, 1, '', 'ready', '', ?, 1, '')",
    "use": "INSERT INTO hashtag_use (hashtag_id, tweet_id) VALUES (1, ?)",
    "schedule": "INSERT INTO schedule (channel_id, person_id, texts, language, rules, starts, last, used, grace_s, status, was,"
    " next_wall, in_queue, created_at) VALUES (?, 7, '[[[\"hola\", []]]]', 'es', '', ?, '', 1, 900, 'done', '', '', ?, ?)",
}


def fill(channel_ids: Sequence[int], until: datetime, days: int, heard: int, *, said_every: int = 20) -> None:
    """So many days up to an instant, with so many messages a day over all channels, every so-manyth of them said."""
    message = _next("message")
    tweet = _next("tweet")
    for n in range(days):
        with transaction():
            message, tweet = _day(channel_ids, until - (days - n) * DAY, heard, said_every, message, tweet)


def passed(channel_ids: Sequence[int], until: datetime, count: int) -> None:
    """What passed within the hours up to an instant: it is kept for a day or two, but looked at for each message."""
    step = timedelta(hours=12) / count
    rows = [
        (channel_ids[n % len(channel_ids)], -n, -n, f"aviso {n} calle {n}", to_stored(until - n * step))
        for n in range(1, count + 1)
    ]
    execute_many("INSERT INTO passed_text (channel_id, message_id, origin_id, words, at) VALUES (?, ?, ?, ?, ?)", rows)


def watched(channel_ids: Sequence[int], count: int) -> None:
    """What the channels watch by the stream, which no poll asks for."""
    Watched.insert_many(
        {
            "channel_id": channel_ids[n % len(channel_ids)], "kind": WatchedKind.ACCOUNT, "key": f"{10**9 + n}",
            "name": f"visto{n}", "way": Way.STREAM,
        }
        for n in range(count)
    ).execute()  # fmt: skip


def opted_out(channel_ids: Sequence[int], count: int) -> None:
    """Who asked not to be reposted."""
    OptOut.insert_many(
        {
            "channel_id": channel_ids[n % len(channel_ids)], "sender_id": 10**9 + n, "is_out": True,
            "asked_by": AskedBy.SELF, "asked_at": EPOCH,
        }
        for n in range(count)
    ).execute()  # fmt: skip


def _day(
    channel_ids: Sequence[int], begins: datetime, heard: int, said_every: int, message: int, tweet: int
) -> tuple[int, int]:
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in INSERTS}
    first, step = to_stored(begins), 86_400_000_000 // max(1, heard)
    for n in range(heard):
        at, channel = first + n * step, channel_ids[n % len(channel_ids)]
        said = n % said_every == 0
        x_id, writer = 10**18 + message, 10**9 + (message * 7919) % 40_000
        text = f"{TEXT}{message}"
        status = "approved" if said else "blocked" if n % 17 == 1 else "ignored"
        rows["message"].append(
            (channel, x_id, writer, f"vecino{writer}", text, at, at, status, "trigger", at, x_id, False, False)
        )
        rows["journal"].append((channel, at, status, f'{{"message": {message}, "x_id": "{x_id}", "text": "{text}"}}'))
        if n % 5 == 0:
            rows["sender"].append((channel, writer, f"vecino{writer}", f"vecino{writer}", at))
        if n % 50 == 0:
            rows["inbox"].append((message, at, at))
        if said:
            went = "failed" if n % 31 == 0 else "sent"
            rows["tweet"].append(
                (channel, message, text, went, at, at, at, x_id + 1 if went == "sent" else None,
                 at if went == "sent" else None, False)
            )  # fmt: skip
            rows["notice"].append((7, channel, f"p:{tweet}", tweet, message, at, tweet, at, at, False))
            rows["journal"].append((channel, at, "sent", f'{{"tweet": {tweet}, "x_id": "{x_id}"}}'))
            if n % 10 == 0:
                rows["use"].append((tweet,))
            if n % 100 == 0:
                rows["upload"].append((tweet, tweet, at))
            if n % 40 == 0:
                rows["schedule"].append((channel, "2026-01-01T09:00:00", False, at))
            tweet += 1
        message += 1
    for name, some in rows.items():
        execute_many(INSERTS[name], some)
    return message, tweet


def _next(table: str) -> int:
    """The id that the next row of a table gets."""
    given = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {table}_id_seq"
    if is_sqlite():
        given = f"SELECT seq FROM sqlite_sequence WHERE name = '{table}'"
    last = db.execute_sql(given).fetchone()
    return int(last[0]) + 1 if last else 1


def analyze() -> None:
    """As PostgreSQL does by itself after a while."""
    if not is_sqlite():
        db.execute_sql("ANALYZE")
