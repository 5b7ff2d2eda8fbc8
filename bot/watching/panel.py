"""What a channel watches: `/watch`, its panel, and the card of each: what it brought and cost, pause, remove."""

from typing import ClassVar

from bot.chat import doors, undo
from bot.chat.handling import handles
from bot.chat.keyboards import Button, Rows, in_rows, page_of
from bot.chat.moments import moment
from bot.chat.targets import WatchedId, button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.chat.undo import doing
from bot.chat.xs_words import of_x
from bot.costs.money import money
from bot.watching import adding, refusals, shown, typed, wanting
from models import undoing
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.watching import brought, watched
from models.watching.brought import Brought, Shown
from models.watching.watched import Watched, WatchedStatus
from tasks import bells

PAGE = 10


@button
class Pause:
    word: ClassVar[str] = "watchpause"
    channel: int
    watched: WatchedId


@button
class GoOn:
    word: ClassVar[str] = "watchgo"
    channel: int
    watched: WatchedId


@button
class Remove:
    word: ClassVar[str] = "watchdel"
    channel: int
    watched: WatchedId


async def command(turn: Turn) -> None:
    """/watch [@NAME|list ADDRESS|search WORDS|home] [triggers] [max DOLLARS]; alone, its panel"""
    channel = turn.take_channel(named_only_if_mine=True)
    if not turn.arguments.strip():
        await show(turn, channel)
        return
    order = typed.order(turn.typed())
    if order.verb == "add":
        await adding.begin(turn, channel, order.said)
        return
    row = adding.known(channel, order.said)
    if row is None:
        raise refusals.not_watched(turn, order.said.what)
    if order.verb == "remove":
        await remove(turn, channel, row)
    elif order.verb == "pause":
        await _pause(turn, channel, row)
    else:
        await _go_on(turn, channel, row)


# --- all of them -------------------------------------------------------------------------------------------


@handles(doors.Watching)
async def _opened(turn: Turn, channel: Channel, target: doors.Watching) -> None:
    await show(turn, channel, target.page)


async def show(turn: Turn, channel: Channel, page: int = 0) -> None:
    """Each with its day."""
    found = brought.shown(channel.id, turn.now)
    lines: Sentences = [
        turn.t(
            "👁 <b>What {channel} watches</b>\nPosts of others that it hears though nobody mentions it. What passes is"
            " reposted as it is. X charges for each post; each has a ceiling a day.",
            channel=channel,
        )
    ]
    some, _, turning = page_of(found, page, PAGE, lambda n: doors.Watching(channel.id, n))
    lines += [_line(turn, item) for item in some]
    if found:
        total = sum(item.today.cost for item in found)
        lines.append(turn.t("Today in all: ${cost}", cost=money(total)))
    else:
        lines.append(turn.t("Nothing yet. For example: {examples}", examples=refusals.examples(turn)))
    cards: list[Button] = [
        (f"{shown.SIGNS[i.row.kind]} {shown.label(turn, i.row, shown.SHORT)}", doors.WatchedCard(channel.id, i.row.id))
        for i in some
    ]
    rows: Rows = [
        *in_rows(cards, 2),
        *turning,
        *adding.ways_in(turn, channel),
        [(turn.t("« Back"), doors.Panel(channel.id))],
    ]
    await turn.answer("\n".join(lines), rows)


def _line(turn: Turn, item: Shown) -> str:
    row = item.row
    return (
        f"{shown.LAMPS[row.status]} {shown.SIGNS[row.kind]} {shown.name(turn, row, 60)} · {_day(turn, row, item.today)}"
    )


def _day(turn: Turn, row: Watched, day: Brought) -> str:
    if row.status is WatchedStatus.PAUSED:
        return turn.t("paused")
    if row.status is WatchedStatus.REFUSED:
        return turn.t("X refuses it")
    if row.status is WatchedStatus.NO_ROOM:
        return turn.t("waits for room at X")
    cost = money(day.cost)
    if row.most_cost is None:
        return turn.n("{count} post · 🔁 {passed} · ${cost}", "{count} posts · 🔁 {passed} · ${cost}",
                      day.posts, passed=day.passed, cost=cost)  # fmt: skip
    return turn.n(
        "{count} post · 🔁 {passed} · ${cost} of ${most}",
        "{count} posts · 🔁 {passed} · ${cost} of ${most}",
        day.posts,
        passed=day.passed,
        cost=cost,
        most=money(row.most_cost),
    )


# --- one of them -------------------------------------------------------------------------------------------


@handles(doors.WatchedCard)
async def _card_opened(turn: Turn, channel: Channel, target: doors.WatchedCard) -> None:
    still = bool(target.undo) and undoing.still(channel.id, target.undo, turn.now)
    await card(turn, channel, target.watched, target.undo if still else 0)


async def card(turn: Turn, channel: Channel, watched_id: int, undo_id: int = 0) -> None:
    """What it brought and cost, how it is heard, and what can be chosen of it; the panel where it is gone."""
    item = next((s for s in brought.shown(channel.id, turn.now) if s.row.id == watched_id), None)
    if item is None:
        await show(turn, channel)
        return
    row = item.row
    lines = [f"{shown.SIGNS[row.kind]} <b>{shown.name(turn, row)}</b>", _state(turn, channel, row)]
    lines.append(turn.t("Today: {day}", day=_counts(turn, item.today)))
    lines.append(turn.t("Yesterday: {day}", day=_counts(turn, item.yesterday)))
    lines += [shown.wants(turn, row.words), shown.most_a_day(turn, row.ceiling, turn.now)]
    stands = row.status not in (WatchedStatus.ON, WatchedStatus.CEILING)
    state: Button = (
        (turn.t("▶️ Go on"), GoOn(channel.id, row.id)) if stands else (turn.t("⏸ Pause"), Pause(channel.id, row.id))
    )
    rows: Rows = [
        [undo.undo_button(turn, channel, undo_id)] if undo_id else [],
        [state, (turn.t("🗑 Remove"), Remove(channel.id, row.id))],
        *wanting.rows(turn, channel, row),
        [(turn.t("« Back"), doors.Watching(channel.id))],
    ]
    await turn.answer("\n".join(lines), rows)


def _counts(turn: Turn, day: Brought) -> str:
    return turn.n("{count} post · 🔁 {passed} · ${cost}", "{count} posts · 🔁 {passed} · ${cost}",
                  day.posts, passed=day.passed, cost=money(day.cost))  # fmt: skip


def _state(turn: Turn, channel: Channel, row: Watched) -> str:
    if row.status is WatchedStatus.PAUSED:
        return turn.t("⏸ Paused: nothing of it is heard, and nothing is paid.")
    if row.status is WatchedStatus.CEILING:
        if row.until is None:
            return turn.t("🛑 It has brought enough for today.")
        at = moment(turn, row.until.astimezone(choices.zone_of(channel.id)))
        return turn.t("🛑 It has brought enough for today, and goes on {moment} by itself.", moment=at)
    if row.status is WatchedStatus.REFUSED:
        text = turn.t("⚠️ X does not let it be watched. Look at it there, then try again.")
        return f"{text} {of_x(turn, row.said)}".strip()
    if row.status is WatchedStatus.NO_ROOM:
        return turn.t("⏳ X's room for what is watched is full for now; it comes in as soon as there is some.")
    if not channel.is_on:
        return turn.t("⏸ {channel} is off, so nothing of it is heard.", channel=channel)
    return turn.t("✅ It is heard: {how}", how=shown.how(turn, row.way))


@handles(Pause)
async def _paused(turn: Turn, channel: Channel, target: Pause) -> None:
    await _pause(turn, channel, _row(turn, channel, target.watched))


@handles(GoOn)
async def _went_on(turn: Turn, channel: Channel, target: GoOn) -> None:
    await _go_on(turn, channel, _row(turn, channel, target.watched))


@handles(Remove)
async def _removed(turn: Turn, channel: Channel, target: Remove) -> None:
    row = watched.one(channel.id, target.watched)
    if row is None and not turn.did("unwatched"):
        await show(turn, channel)
        return
    await remove(turn, channel, row)


async def _pause(turn: Turn, channel: Channel, row: Watched) -> None:
    with doing(turn, channel, Did.WATCHED, row.name):
        watched.pause(channel.id, row.id)
    bells.ring_subscriptions()
    await card(turn, channel, row.id)


async def _go_on(turn: Turn, channel: Channel, row: Watched) -> None:
    if row.status is WatchedStatus.CEILING:  # it would stop with its next post, which X bills
        turn.note = turn.t("🛑 It has brought enough for today. Raise its ceiling to hear more of it: tap an amount.")
        await card(turn, channel, row.id)
        return
    with doing(turn, channel, Did.WATCHED, row.name):
        watched.resume(channel.id, row.id, turn.now)
    bells.ring_subscriptions()
    await card(turn, channel, row.id)


async def remove(turn: Turn, channel: Channel, row: Watched | None) -> None:
    """Watched no longer, with a way back."""

    def take_off() -> tuple[int, str]:
        if row is None:
            return 0, ""
        back = doors.WatchedCard(channel.id, row.id)
        undo_id = undo.keep(turn, channel, back, watched.before(channel.id, row.kind, row.key))
        if watched.remove(channel.id, row.id) is None:
            undo.drop(undo_id)
            return 0, ""
        return undo_id, shown.label(turn, row, shown.LONG)

    undo_id, name = turn.once("unwatched", tuple[int, str], take_off)
    if not undo_id:
        await show(turn, channel)
        return
    bells.ring_subscriptions()
    rows: Rows = [[undo.undo_button(turn, channel, undo_id), (turn.t("« Back"), doors.Watching(channel.id))]]
    await turn.answer(turn.t("🗑 {name} is watched no more.", name=name), rows)


def _row(turn: Turn, channel: Channel, watched_id: int) -> Watched:
    found = watched.one(channel.id, watched_id)
    if found is None:
        raise Refusal(turn.t("It is not watched any more. What is: /watch"))
    return found
