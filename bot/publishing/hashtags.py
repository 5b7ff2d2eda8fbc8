"""Promoted hashtags: `/hashtags` shows each with its uses and what is left; typed and tapped."""

import re
from datetime import datetime
from typing import ClassVar

from bot.chat import doors, switches, undo
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Button, Rows, dot, in_rows, lamp, page_of
from bot.chat.language import N_
from bot.chat.switches import Tick
from bot.chat.targets import HashtagId, button
from bot.chat.turn import Refusal, Sentences, Turn, said_back
from bot.chat.undo import doing
from bot.chat.words import ADD, REMOVE
from engine import hashtags as engine_hashtags
from engine.hashtags import BadHashtag, Used, parse
from engine.timetable import ALWAYS
from models import choosing
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.database import transaction
from models.publishing import hashtags

SCHEDULED_TOO = Tick(engine_hashtags.SCHEDULED_TOO, N_("In scheduled tweets too"))
FREE = re.compile(r"[,;]?\s+(?:sin\s+l[ií]mites?|no\s+limits?|without\s+limits?)\s*$", re.IGNORECASE)
EACH = (0, 1, 2, 3)
PAGE = 20


@button
class Tag:
    word: ClassVar[str] = "tag"
    channel: int
    hashtag: HashtagId


@button
class AddTag:
    word: ClassVar[str] = "tagadd"
    channel: int


@button
class TagOn:
    word: ClassVar[str] = "tagon"
    channel: int
    hashtag: HashtagId


@button
class TagOff:
    word: ClassVar[str] = "tagoff"
    channel: int
    hashtag: HashtagId


@button
class Each:
    """So many hashtags in a post."""

    word: ClassVar[str] = "tageach"
    channel: int
    count: int


@button
class RemoveTag:
    word: ClassVar[str] = "tagdel"
    channel: int
    hashtag: HashtagId


@step
class TypeTag:
    """A hashtag with its limits is waited for."""

    word: ClassVar[str] = "hashtag"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int


async def command(turn: Turn) -> None:
    """/hashtags [add #TAG, LIMITS|remove #TAG]"""
    channel = turn.take_channel()
    verb, _, rest = turn.arguments.partition(" ")
    if not turn.arguments:
        await show(turn, channel)
    elif verb.lower() in ADD or verb[:1] in "#＃":
        await add(turn, channel, rest if verb.lower() in ADD else turn.arguments)
    elif verb.lower() in REMOVE:
        await remove(turn, channel, rest.strip())
    else:
        raise Refusal(
            turn.t("I don't know {verb} here. For example: {example}", verb=said_back(verb), example=_example(turn))
        )


@handles(doors.Hashtags)
async def _opened(turn: Turn, channel: Channel, button: doors.Hashtags) -> None:
    await show(turn, channel, button.page)


@switches.stand_on(SCHEDULED_TOO)
async def show(turn: Turn, channel: Channel, page: int = 0, undo_id: int = 0) -> None:
    """Each with its uses and what is left."""
    row = choices.row_of(channel.id)
    zone = choices.zone_of(channel.id)
    found = hashtags.used(channel.id, turn.now)
    shown, _, turning = page_of(found, page, PAGE, lambda n: doors.Hashtags(channel.id, n))
    on = {h.id for h in hashtags.used(channel.id, turn.now, only_on=True)}
    lines: Sentences = [
        turn.t(
            "#️⃣ <b>Hashtags of {channel}</b>\nAdded at the end of credited copies where there is room, evenly by what"
            " they have left. A use counts when X has the post, and comes back with Undo.",
            channel=channel,
        )
    ]
    tags: list[Button] = []
    for item in shown:
        allowed = item.id in on and item.has_left and item.hashtag.open_at(turn.now, zone)
        lines.append(f"{lamp(allowed)} {_line(turn, item)}")
        tags.append((f"#{item.hashtag.tag}", Tag(channel.id, item.id)))
    if not found:
        lines.append(turn.t("None yet. For example: {example}", example=_example(turn)))
    each: list[Button] = [(dot(row.hashtags_each == n) + str(n), Each(channel.id, n)) for n in EACH]
    lines.append(turn.t("How many in a post: tap 0 to 3."))
    rows: Rows = [
        *in_rows(tags, 2),
        *turning,
        [undo.undo_button(turn, channel, undo_id)] if undo_id else [],
        each,
        [switches.button(turn, channel, choices.choices(channel).policy, SCHEDULED_TOO)],
        [(turn.t("➕ Add"), AddTag(channel.id)), (turn.t("« Back"), doors.Panel(channel.id))],
    ]
    await turn.answer("\n".join(lines), rows)


@handles(AddTag)
async def _ask(turn: Turn, channel: Channel, _button: AddTag) -> None:
    await turn.ask(
        TypeTag(channel.id),
        turn.t(
            "Send me the hashtag and its limits, separated by commas. For example: #metro, 100 in all, 5 a day, mon-fri"
            " 6-22, until 31/12/2026. Every limit may be left out. /cancel to leave."
        ),
    )


@answers(TypeTag)
async def _typed(turn: Turn, channel: Channel, _step: TypeTag) -> None:
    await add(turn, channel, turn.arguments)
    turn.end_step()


async def add(turn: Turn, channel: Channel, typed: str) -> None:
    wall = choices.wall_of(channel.id, turn.now)
    free = FREE.search(typed)
    try:
        wanted = parse(typed if free is None else typed[: free.start()], wall)
    except BadHashtag as error:
        if error.reason == "tag":
            raise Refusal(
                turn.t("“{piece}” is no hashtag: letters, digits and _ only. For example: {example}",
                       piece=said_back(error.piece), example=_example(turn))
            ) from None  # fmt: skip
        raise Refusal(
            turn.t(
                "I don't understand “{piece}”. For example: {example}",
                piece=said_back(error.piece),
                example=_example(turn),
            )
        ) from None
    with transaction():
        undo_id = undo.keep(turn, channel, doors.Hashtags(channel.id), hashtags.before(channel.id, wanted.tag))
        known = hashtags.named(channel.id, wanted.tag)
        if known is not None and free is None:
            wanted = wanted.over(known.value)
        hashtags.put(channel.id, wanted)
    if known is not None:
        turn.note = turn.t(
            "#{tag} was there already: what you did not name of its limits stays as it was. To lift them: /hashtags add"
            " #{tag} no limits",
            tag=wanted.tag,
        )
    await show(turn, channel, undo_id=undo_id)


@handles(Tag)
async def _tapped(turn: Turn, channel: Channel, button: Tag) -> None:
    await show_one(turn, channel, button.hashtag)


async def show_one(turn: Turn, channel: Channel, hashtag_id: int) -> None:
    row = hashtags.one(channel.id, hashtag_id)
    found = next((h for h in hashtags.used(channel.id, turn.now) if h.id == hashtag_id), None)
    if row is None or found is None:
        await show(turn, channel)
        return
    state: Button = (
        (turn.t("⏸ Pause"), TagOff(channel.id, row.id)) if row.is_on else (turn.t("▶️ Go on"), TagOn(channel.id, row.id))
    )
    text = (
        _line(turn, found)
        + "\n"
        + turn.t("Other limits: type it again, for example: {example}", example=_example(turn))
    )
    rows: Rows = [
        [state, (turn.t("🗑 Remove"), RemoveTag(channel.id, row.id))],
        [(turn.t("« Back"), doors.Hashtags(channel.id))],
    ]
    await turn.answer(text, rows)


@handles(TagOn)
async def _on(turn: Turn, channel: Channel, button: TagOn) -> None:
    with doing(turn, channel, Did.HASHTAG):
        hashtags.switch(channel.id, button.hashtag, on=True)
    await show_one(turn, channel, button.hashtag)


@handles(TagOff)
async def _off(turn: Turn, channel: Channel, button: TagOff) -> None:
    with doing(turn, channel, Did.HASHTAG):
        hashtags.switch(channel.id, button.hashtag, on=False)
    await show_one(turn, channel, button.hashtag)


@handles(Each)
async def _set_each(turn: Turn, channel: Channel, button: Each) -> None:
    if button.count in EACH:
        with doing(turn, channel, Did.CHOICES, "hashtags"):
            choosing.choose(channel.id, turn.now, hashtags_each=button.count)
    await show(turn, channel)


@handles(RemoveTag)
async def _remove_pressed(turn: Turn, channel: Channel, button: RemoveTag) -> None:
    row = hashtags.one(channel.id, button.hashtag)
    if row is None and not turn.did("removed"):
        await show(turn, channel)
        return
    await remove(turn, channel, row.tag if row is not None else "")


async def remove(turn: Turn, channel: Channel, tag: str) -> None:
    """Off the list, with a way back; its uses stay."""

    def take_off() -> tuple[int, str]:
        undo_id = undo.keep(turn, channel, doors.Hashtags(channel.id), hashtags.before(channel.id, tag))
        gone = hashtags.remove(channel.id, tag)
        if gone is None:
            raise Refusal(turn.t("{tag} is not in the list. See what is: /hashtags", tag=said_back(tag) or "#…"))
        return undo_id, gone.tag

    undo_id, gone = turn.once("removed", tuple[int, str], take_off)
    rows: Rows = [[undo.undo_button(turn, channel, undo_id), (turn.t("« Back"), doors.Hashtags(channel.id))]]
    await turn.answer(turn.t("Removed: {words}", words=f"#{gone}"), rows)


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
