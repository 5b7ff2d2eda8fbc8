"""Something comes to be watched: typed or tapped, looked up at X, offered with its price, and confirmed."""

from typing import ClassVar

from bot.chat import doors, undo
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles, open_target
from bot.chat.keyboards import Rows
from bot.chat.targets import WatchDraftId, button, cut
from bot.chat.turn import Refusal, Turn
from bot.costs.money import money
from bot.watching import refusals, shown, typed, wanting
from bot.watching.typed import Said
from engine.moderation import BadKeyword
from engine.watching import Ceiling, WatchedKind, Way
from engine.x.watching.lookups import ListAtX, NotShown
from engine.x.watching.searches import BadSearch
from models.accounts.channels import Channel
from models.watching import drafts, watched
from models.watching.drafts import WatchDraft
from models.watching.watched import OwnChannel, TooMany, Watched, Wish
from tasks import bells
from tasks.watching import asking
from tasks.watching.asking import NoAnswer

MOST_LISTS = 12
NAME_BYTES = 28  # of a list, on its button


@button
class AskWhat:
    """Asks what is to be watched, of this kind."""

    word: ClassVar[str] = "watchadd"
    channel: int
    kind: WatchedKind


@button
class TakeList:
    """One of the channel's own lists, with its name as far as it fits."""

    word: ClassVar[str] = "watchlist"
    channel: int
    number: int
    name: str


@button
class Look:
    """Asks X once more."""

    word: ClassVar[str] = "watchlook"
    channel: int
    draft: WatchDraftId


@button
class Confirm:
    word: ClassVar[str] = "watchyes"
    channel: int
    draft: WatchDraftId


@button
class Discard:
    word: ClassVar[str] = "watchno"
    channel: int
    draft: WatchDraftId


@step
class TypeWhat:
    """A name, a list or a search is waited for."""

    word: ClassVar[str] = "watch"
    takes: ClassVar[Takes] = Takes.TEXT
    own: ClassVar[tuple[type[TakeList], ...]] = (TakeList,)
    channel: int
    kind: WatchedKind


def ways_in(turn: Turn, channel: Channel) -> Rows:
    """The buttons that begin."""
    return [
        [
            (turn.t("➕ Account"), AskWhat(channel.id, WatchedKind.ACCOUNT)),
            (turn.t("➕ List"), AskWhat(channel.id, WatchedKind.LIST)),
        ],
        [
            (turn.t("➕ Search"), AskWhat(channel.id, WatchedKind.SEARCH)),
            (turn.t("➕ Whom it follows"), AskWhat(channel.id, WatchedKind.HOME)),
        ],
    ]


@handles(AskWhat)
async def _asked(turn: Turn, channel: Channel, target: AskWhat) -> None:
    if target.kind is WatchedKind.HOME:
        await begin(turn, channel, Said(WatchedKind.HOME))
        return
    await _ask(turn, channel, target.kind)


async def _ask(turn: Turn, channel: Channel, kind: WatchedKind) -> None:
    rows: Rows = []
    if kind is WatchedKind.ACCOUNT:
        text = turn.t(
            "👤 Whom? Send me the name or the address, and its own triggers behind it if it shall have some. For"
            " example: @inameh · x.com/inameh · @inameh rain, alert\n/cancel to leave."
        )
    elif kind is WatchedKind.SEARCH:
        text = turn.t(
            "🔎 Which posts? Words that each of them holds, “phrases”, OR, -without, from:, lang: … For"
            ' example: "road closed" caracas -is:retweet · (crash OR accident) #metro lang:es\n/cancel to leave.'
        )
    else:
        text, rows = _which_list(turn, channel)
    await turn.ask(TypeWhat(channel.id, kind), text, rows)


def _which_list(turn: Turn, channel: Channel) -> tuple[str, Rows]:
    """The channel's own lists to tap; an address for any other."""
    address = turn.t(
        "Send me the address of a public list, of anybody's. For example: https://x.com/i/lists/1746000000000000001\n"
        "/cancel to leave."
    )
    try:
        found = asking.lists_of(channel)
    except NoAnswer:
        return turn.t("📋 X does not tell right now which lists {channel} has.", channel=channel) + "\n" + address, []
    if not found:
        return turn.t("📋 {channel} has no public list of its own.", channel=channel) + "\n" + address, []
    rows: Rows = [
        [(one.name, TakeList(channel.id, one.id, cut(one.name, NAME_BYTES).strip() or "…"))]
        for one in found[:MOST_LISTS]
    ]
    return turn.t("📋 Which list? Tap one of {channel}'s.", channel=channel) + "\n" + address, rows


@answers(TypeWhat)
async def _typed(turn: Turn, channel: Channel, asked: TypeWhat) -> None:
    await begin(turn, channel, typed.understood(turn.typed(), asked.kind))


@handles(TakeList)
async def _list_taken(turn: Turn, channel: Channel, target: TakeList) -> None:
    turn.end_step()
    await _begin(turn, channel, Said(WatchedKind.LIST, str(target.number)), target.name)


# --- from what was said to an offer ------------------------------------------------------------------------


def known(channel: Channel, said: Said) -> Watched | None:
    """What the channel watches already under this name, number or search."""
    what = said.what.casefold()
    for row in watched.of(channel.id):
        if said.kind in (None, row.kind) and (
            what in (row.name.casefold(), row.key.casefold())
            or (row.kind is WatchedKind.SEARCH and _same_search(said.what, row.key))
            or said.kind is row.kind is WatchedKind.HOME
        ):
            return row
    return None


def _same_search(typed_search: str, key: str) -> bool:
    try:
        return watched.a_search(typed_search).key == key
    except BadSearch:
        return False


async def begin(turn: Turn, channel: Channel, said: Said) -> None:
    """What was typed is looked up, and offered; what is watched already is changed as was said, and shown."""
    await _begin(turn, channel, said, "")


async def _begin(turn: Turn, channel: Channel, said: Said, name: str) -> None:
    if said.kind is None:
        raise refusals.unclear(turn, said.what)
    if said.no_ceiling:
        raise refusals.no_ceiling(turn, said.no_ceiling)
    if said.several:
        raise refusals.one_by_one(turn, said.what, said.several)
    if not said.what and said.kind in (WatchedKind.ACCOUNT, WatchedKind.LIST):  # only the word for it
        await _ask(turn, channel, said.kind)
        return
    row = known(channel, said)
    if row is not None:
        undo_id = wanting.change(turn, channel, row, said)
        turn.end_step()
        turn.note = turn.t("👁 {channel} watches it already.", channel=channel) if not undo_id else ""
        await open_target(turn, doors.WatchedCard(channel.id, row.id, undo_id))
        return
    if len(watched.of(channel.id)) >= watched.MOST_EACH:
        raise refusals.no_room(turn, TooMany(watched.MOST_EACH))
    if drafts.begun_lately(channel.id, turn.now) >= drafts.MOST_A_DAY and not turn.did("watch"):
        raise refusals.no_more_looks(turn, drafts.MOST_A_DAY)
    wish = _wish(turn, said, name)
    draft_id = turn.once("watch", int, lambda: _drafted(turn, channel, said, wish))
    turn.end_step()
    await _look(turn, channel, draft_id)


def _wish(turn: Turn, said: Said, name: str) -> Wish:
    """What is wanted, as far as it is known without X. Raises Refusal."""
    if said.kind is WatchedKind.HOME:
        return watched.home()
    if said.kind is WatchedKind.SEARCH:
        try:
            return watched.a_search(said.what)
        except BadSearch as error:
            raise refusals.bad_search(turn, error) from None
    if said.kind is WatchedKind.ACCOUNT:
        if not typed.HANDLE.fullmatch(said.what):
            raise refusals.no_name(turn, said.what)
        return Wish(WatchedKind.ACCOUNT, "", said.what, Way.STREAM)
    if not typed.NUMBER.fullmatch(said.what):
        return Wish(WatchedKind.LIST, "", said.what[:100], Way.POLL)
    try:
        return watched.a_list(said.what, name or said.what)
    except ValueError:
        raise refusals.unclear(turn, said.what) from None


def _drafted(turn: Turn, channel: Channel, said: Said, wish: Wish) -> int:
    ceiling = watched.BY_DEFAULT if said.cost is None else Ceiling(cost=said.cost)
    try:
        return drafts.make(
            channel.id, turn.person.telegram_id, wish, turn.now, triggers=said.triggers or (), ceiling=ceiling
        )
    except BadKeyword as error:
        raise refusals.bad_trigger(turn, error) from None
    except TooMany as error:
        raise refusals.no_room(turn, error) from None
    except ValueError:
        raise refusals.no_ceiling(turn, money(said.cost or 0)) from None


@handles(Look)
async def _look_again(turn: Turn, channel: Channel, target: Look) -> None:
    await _look(turn, channel, target.draft)


async def _look(turn: Turn, channel: Channel, draft_id: int) -> None:
    """Ask X, and say meanwhile that it is asked; then offer, or say why not."""
    draft = _still(turn, channel, draft_id)
    if draft.last_day is not None:  # it was looked at, and paid for
        await turn.answer(*_offer(turn, channel, draft))
        return
    what = shown.name(turn, draft)
    text = turn.t("🔎 I'm asking X about {what} …", what=what)
    said_in: int | None = None
    if turn.update.callback_query is not None:
        await turn.answer(text)
    else:
        said_in = await turn.send(text)
    try:
        draft = _found(turn, channel, draft)
        row = watched.of_key(channel.id, draft.kind, draft.key)
        if row is None:
            drafts.looked_at(channel.id, draft.id, asking.last_day(channel, draft))
    except NotShown as error:
        drafts.discard(channel.id, draft_id)
        await _say(turn, said_in, refusals.not_shown(turn, error.why, draft.name), _back(turn, channel))
        return
    except Refusal as error:
        drafts.discard(channel.id, draft_id)
        await _say(turn, said_in, error.text, _back(turn, channel))
        return
    except NoAnswer as error:
        if not draft.key and draft.kind is not WatchedKind.HOME:
            again: Rows = [
                [(turn.t("🔁 Ask again"), Look(channel.id, draft_id)), (turn.t("✖️ No"), Discard(channel.id, draft_id))]
            ]
            await _say(turn, said_in, refusals.no_answer(turn, error, what), again)
            return
        row = None
    if row is not None:
        drafts.discard(channel.id, draft_id)
        text = turn.t("👁 {channel} watches {what} already.", channel=channel, what=shown.name(turn, row))
        await _say(turn, said_in, text, [[(turn.t("👁 Show it"), doors.WatchedCard(channel.id, row.id))]])
        return
    await _say(turn, said_in, *_offer(turn, channel, _still(turn, channel, draft_id)))


def _found(turn: Turn, channel: Channel, draft: WatchDraft) -> WatchDraft:
    """The draft with its key. Raises NotShown, NoAnswer, and Refusal for what may not be watched."""
    if draft.key or draft.kind in (WatchedKind.HOME, WatchedKind.SEARCH):
        return draft
    if draft.kind is WatchedKind.ACCOUNT:
        account = asking.account(channel, draft.name)
        if watched.is_ours(account.x_user_id):
            raise Refusal(refusals.own_channel(turn, account.handle))
        drafts.found(channel.id, draft.id, str(account.x_user_id), account.handle)
    else:
        one = _named(turn, asking.lists_of(channel), draft.name)
        drafts.found(channel.id, draft.id, str(one.id), one.name)
    return _still(turn, channel, draft.id)


def _named(turn: Turn, lists: list[ListAtX], name: str) -> ListAtX:
    """Raises Refusal where none is called so."""
    wanted = " ".join(name.casefold().split())
    found = next((one for one in lists if " ".join(one.name.casefold().split()) == wanted), None)
    if found is None:
        raise Refusal(refusals.no_such_list(turn, name, [one.name for one in lists]))
    return found


# --- the offer ---------------------------------------------------------------------------------------------


@handles(doors.WatchOffer)
async def _offered(turn: Turn, channel: Channel, target: doors.WatchOffer) -> None:
    await turn.answer(*_offer(turn, channel, _still(turn, channel, target.draft)))


def _offer(turn: Turn, channel: Channel, draft: WatchDraft) -> tuple[str, Rows]:
    """What it would bring and cost, what is chosen of it, and the button that begins."""
    day = draft.last_day
    lines = [
        turn.t("👁 <b>{channel}</b>: watch {what}?", channel=channel, what=shown.name(turn, draft)),
        *shown.last_day(turn, day, draft.kind, turn.now),
        *shown.of_the_newest(turn, day, draft.words),
        shown.wants(turn, draft.words),
        shown.most_a_day(turn, draft.ceiling, turn.now),
    ]
    if day is not None and draft.most_cost is not None and day.costs.get(draft.way, 0) > draft.most_cost:
        lines.append(turn.t("⚠️ The last day alone would have cost more than that."))
    rows = wanting.rows(turn, channel, draft)
    if day is None:
        rows.append([(turn.t("🔁 Ask again"), Look(channel.id, draft.id))])
    rows.append(
        [(turn.t("✅ Watch it"), Confirm(channel.id, draft.id)), (turn.t("✖️ No"), Discard(channel.id, draft.id))]
    )
    return "\n".join(lines), rows


@handles(Confirm)
async def _confirmed(turn: Turn, channel: Channel, target: Confirm) -> None:
    def watch() -> tuple[int, int]:
        try:
            draft = _still(turn, channel, target.draft)
            if not draft.key and draft.kind is not WatchedKind.HOME:
                raise _over(turn)
            back = doors.Watching(channel.id)
            undo_id = undo.keep(turn, channel, back, watched.before(channel.id, draft.kind, draft.key))
            made = drafts.confirm(channel.id, target.draft, turn.now)
            if made is None:
                raise _over(turn)
            if not made[1]:
                undo.drop(undo_id)
                undo_id = 0
            return made[0].id, undo_id
        except OwnChannel as error:
            raise Refusal(refusals.own_channel(turn, str(error))) from None
        except TooMany as error:
            raise refusals.no_room(turn, error) from None

    watched_id, undo_id = turn.once("watched", tuple[int, int], watch)
    bells.ring_subscriptions()
    await open_target(turn, doors.WatchedCard(channel.id, watched_id, undo_id))


@handles(Discard)
async def _discarded(turn: Turn, channel: Channel, target: Discard) -> None:
    drafts.discard(channel.id, target.draft)
    await turn.answer(turn.t("Good, nothing was added."), _back(turn, channel))


def _still(turn: Turn, channel: Channel, draft_id: int) -> WatchDraft:
    found = drafts.one(channel.id, draft_id)
    if found is None:
        raise _over(turn)
    return found


def _over(turn: Turn) -> Refusal:
    return Refusal(turn.t("That is over: it was taken away, or lies too long ago. What is watched: /watch"))


def _back(turn: Turn, channel: Channel) -> Rows:
    return [[(turn.t("👁 Watched"), doors.Watching(channel.id))]]


async def _say(turn: Turn, message_id: int | None, text: str, rows: Rows) -> None:
    """In the message that said that X is asked."""
    if message_id is None:
        await turn.answer(text, rows)
    elif not await turn.redraw(message_id, text, rows):
        await turn.send(text, rows)
