"""Promoted hashtags: `/hashtags` shows each with its uses and what is left; typed and tapped."""

from datetime import datetime

from bot.chat import switches
from bot.chat.language import N_
from bot.chat.pages import page_of
from bot.chat.switches import Tick, lamp
from bot.chat.turn import Refusal, Rows, Sentences, Turn
from engine import hashtags as engine_hashtags
from engine.hashtags import BadHashtag, Used, parse
from engine.timetable import ALWAYS
from models.accounts import choices
from models.accounts.channels import Channel
from models.publishing import hashtags

SCHEDULED_TOO = Tick(engine_hashtags.SCHEDULED_TOO, N_("In scheduled tweets too"))
ADD = {"add", "añadir", "agregar", "+"}
REMOVE = {"remove", "quitar", "borrar", "delete", "-"}
EACH = (0, 1, 2, 3)
PAGE = 20


async def command(turn: Turn) -> None:
    """/hashtags [add #TAG, LIMITS|remove #TAG]"""
    channel = turn.take_channel()
    verb, _, rest = turn.arguments.partition(" ")
    if not turn.arguments:
        await show(turn, channel)
    elif verb.lower() in ADD or verb[:1] in "#＃":
        await add(turn, channel, rest if verb.lower() in ADD else turn.arguments)
    elif verb.lower() in REMOVE:
        found = hashtags.named(channel.id, rest.strip())
        if found is None:
            raise Refusal(turn.t("{tag} is not in the list. See what is: /hashtags", tag=rest.strip() or "#…"))
        await remove(turn, channel, found.id)
    else:
        raise Refusal(turn.t("I don't know {verb} here. For example: {example}", verb=verb, example=_example(turn)))


@switches.stand_on(SCHEDULED_TOO)
async def show(turn: Turn, channel: Channel, page: int = 0) -> None:
    """Each with its uses and what is left."""
    row = choices.row_of(channel.id)
    zone = choices.zone_of(channel.id)
    found = hashtags.used(channel.id, turn.now)
    shown, _, turning = page_of(found, page, PAGE, f"tags:{channel.id}")
    on = {h.id for h in hashtags.used(channel.id, turn.now, only_on=True)}
    lines: Sentences = [
        turn.t(
            "#️⃣ <b>Hashtags of {channel}</b>\nAdded at the end of credited copies where there is room, evenly by what"
            " they have left. A use counts when X has the post, and comes back with Undo.",
            channel=channel,
        )
    ]
    rows: Rows = []
    for item in shown:
        allowed = item.id in on and item.has_left and item.hashtag.open_at(turn.now, zone)
        lines.append(f"{lamp(allowed)} {_line(turn, item)}")
        rows.append([(f"#{item.hashtag.tag}", f"tag:{channel.id}:{item.id}")])
    if not found:
        lines.append(turn.t("None yet. For example: {example}", example=_example(turn)))
    rows = [[b for row_ in rows[i : i + 2] for b in row_] for i in range(0, len(rows), 2)]
    each = [(("● " if row.hashtags_each == n else "") + str(n), f"tageach:{channel.id}:{n}") for n in EACH]
    lines.append(turn.t("How many in a post: tap 0 to 3."))
    rows += [
        *turning,
        each,
        [switches.button(turn, channel, choices.choices(channel).policy, SCHEDULED_TOO)],
        [(turn.t("➕ Add"), f"tagadd:{channel.id}"), (turn.t("« Back"), f"panel:{channel.id}")],
    ]
    await turn.answer("\n".join(lines), rows)


async def ask(turn: Turn, channel: Channel) -> None:
    turn.remember(step="hashtag", channel=channel.id)
    await turn.send(
        turn.t(
            "Send me the hashtag and its limits, separated by commas. For example: #metro, 100 in all, 5 a day, mon-fri"
            " 6-22, until 31/12/2026. Every limit may be left out. /cancel to leave."
        )
    )


async def answered(turn: Turn) -> None:
    """The hashtag that the wizard asked for."""
    await add(turn, turn.own(int(turn.dialogue["channel"])), turn.arguments)


async def add(turn: Turn, channel: Channel, typed: str) -> None:
    wall = choices.wall_of(channel.id, turn.now)
    try:
        wanted = parse(typed, wall)
    except BadHashtag as error:
        if error.reason == "tag":
            raise Refusal(
                turn.t("“{piece}” is no hashtag: letters, digits and _ only. For example: {example}",
                       piece=error.piece, example=_example(turn))
            ) from None  # fmt: skip
        raise Refusal(
            turn.t("I don't understand “{piece}”. For example: {example}", piece=error.piece, example=_example(turn))
        ) from None
    hashtags.put(channel.id, wanted)
    turn.remember()
    await show(turn, channel)


async def show_one(turn: Turn, channel: Channel, hashtag_id: int) -> None:
    row = hashtags.one(channel.id, hashtag_id)
    found = next((h for h in hashtags.used(channel.id, turn.now) if h.id == hashtag_id), None)
    if row is None or found is None:
        await show(turn, channel)
        return
    key = f"{channel.id}:{row.id}"
    state = (turn.t("⏸ Pause"), f"tagoff:{key}") if row.is_on else (turn.t("▶️ Go on"), f"tagon:{key}")
    text = (
        _line(turn, found)
        + "\n"
        + turn.t("Other limits: type it again, for example: {example}", example=_example(turn))
    )
    await turn.answer(
        text, [[state, (turn.t("🗑 Remove"), f"tagdel:{key}")], [(turn.t("« Back"), f"tags:{channel.id}")]]
    )


async def set_on(turn: Turn, channel: Channel, hashtag_id: int, *, on: bool) -> None:
    hashtags.switch(channel.id, hashtag_id, on=on)
    await show_one(turn, channel, hashtag_id)


async def set_each(turn: Turn, channel: Channel, count: int) -> None:
    if count not in EACH:
        raise ValueError(count)
    choices.choose(channel.id, hashtags_each=count)
    await show(turn, channel)


async def remove(turn: Turn, channel: Channel, hashtag_id: int) -> None:
    gone = hashtags.remove(channel.id, hashtag_id)
    if gone is None:
        await show(turn, channel)
        return
    turn.remember(untagged=dict(gone.__data__))
    rows: Rows = [[(turn.t("↩️ Undo"), f"tagback:{channel.id}"), (turn.t("« Back"), f"tags:{channel.id}")]]
    await turn.answer(turn.t("Removed: {words}", words=f"#{gone.tag}"), rows)


async def put_back(turn: Turn, channel: Channel) -> None:
    """Undo the last removal."""
    values = turn.dialogue.get("untagged") or {}
    if values.get("channel_id") != channel.id:
        raise Refusal(turn.t("There is nothing left to put back."))
    hashtags.put_back(values)
    turn.remember()
    await show(turn, channel)


def _line(turn: Turn, item: Used) -> str:
    tag = item.hashtag
    parts = [turn.t("<b>#{tag}</b>", tag=tag.tag)]
    if tag.most is None:
        parts.append(turn.n("{count} use", "{count} uses", item.total))
    else:
        parts.append(
            turn.t("{used} of {most}, {left} left", used=item.total, most=tag.most, left=max(0, tag.most - item.total))
        )
    if tag.most_day is not None:
        parts.append(turn.t("today {used} of {most}", used=item.today, most=tag.most_day))
    if tag.window != ALWAYS:
        parts.append(tag.window.written(turn.day_names()))
    if tag.first is not None:
        parts.append(turn.t("from {day}", day=_date(tag.first)))
    if tag.last is not None:
        parts.append(turn.t("until {day}", day=_date(tag.last)))
    return " · ".join(parts)


def _date(day: object) -> str:
    return f"{datetime.fromisoformat(str(day)):%d/%m/%Y}"


def _example(turn: Turn) -> str:
    return turn.t("/hashtags add #metro, 100 in all, 5 a day, mon-fri 6-22, until 31/12/2026")
