"""By hand: `/post`, and whatever is written or forwarded to the bot: posted now, queued, scheduled or discarded."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from bot.accounts.paused import must_run
from bot.chat import doors
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers, handles
from bot.chat.keyboards import Rows
from bot.chat.targets import DraftId, button
from bot.chat.turn import Refusal, Sentences, Turn
from bot.chat.undo import noted
from bot.publishing import drafts as drawing
from bot.publishing import quoting
from bot.publishing.adding import AddPost
from engine import composing, posts
from engine.roles import May
from models.accounts import choices
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.notifications import wanted
from models.notifications.declaring import Setting
from models.publishing import following, placing, threads
from models.publishing.drafts import Draft, Way
from models.scheduling import schedules
from models.scheduling.schedules import DEFAULT_GRACE
from tasks import publishing as jobs
from tasks import scheduling as planner

MOST_ASKED = 6


@button
class PostNow:
    word: ClassVar[str] = "postnow"
    channel: int
    draft: DraftId


@button
class Discard:
    word: ClassVar[str] = "postno"
    channel: int
    draft: DraftId = 0


@button
class TakeThis:
    """This text of several is meant."""

    word: ClassVar[str] = "postthis"
    channel: int
    draft: DraftId


@step
class PostText:
    """What a channel shall say is waited for."""

    word: ClassVar[str] = "posttext"
    takes: ClassVar[Takes] = Takes.TEXT | Takes.PHOTO
    channel: int


@step
class PostMore:
    """The next post of a thread is waited for."""

    word: ClassVar[str] = "threadtext"
    takes: ClassVar[Takes] = Takes.TEXT | Takes.PHOTO
    channel: int
    draft: int


async def command(turn: Turn) -> None:
    """/post TEXT"""
    channel = turn.take_channel(named_only_if_mine=True)
    answered = [] if turn.typed() else quoting.texts(turn)
    if text := turn.typed() or (answered[0] if len(answered) == 1 else ""):
        await offer(turn, channel, text)
        return
    if answered:
        await _ask_which(turn, channel, answered)
        return
    await turn.ask(
        PostText(channel.id),
        turn.t("What shall {channel} say? Send me the text, or a photo. /cancel to leave.", channel=channel),
        [[(turn.t("🗓 Schedules"), doors.Schedules(channel.id)), (turn.t("Cancel"), Discard(channel.id))]],
    )


async def _ask_which(turn: Turn, channel: Channel, texts: Sequence[str]) -> None:
    """A message of ours that tells of several was answered: which of them?"""
    rows: Rows = []
    for text in texts[:MOST_ASKED]:
        said = tuple(drawing.checked(turn, channel, text))
        draft = drawing.made(turn, Draft(channel.id, turn.person.telegram_id, Way.BY_HAND, said))
        rows.append([(drawing.short(text), TakeThis(channel.id, draft.id))])
    await turn.send(turn.t("That tells of several. Which of them shall {channel} say?", channel=channel), rows)


@handles(TakeThis, by=May.WRITE)
async def _this_one(turn: Turn, channel: Channel, button: TakeThis) -> None:
    await show(turn, channel, drawing.found(turn, button.draft))


@answers(PostText, by=May.WRITE)
async def _got_text(turn: Turn, channel: Channel, _step: PostText) -> None:
    await offer(turn, channel, turn.typed())
    turn.end_step()


async def offer(turn: Turn, channel: Channel, text: str) -> None:
    """Something was written or forwarded: what shall become of it?"""
    said = tuple(drawing.checked(turn, channel, text))
    draft = Draft(channel.id, turn.person.telegram_id, Way.BY_HAND, said, source_id=turn.message_id)
    await show(turn, channel, drawing.made(turn, draft))


@drawing.shows(Way.BY_HAND)
async def show(turn: Turn, channel: Channel, draft: Draft) -> None:
    """The draft, with what can be done with it. It is drawn anew in the message that shows it already."""
    lines: Sentences = [turn.t("📤 Shall <b>{channel}</b> say this?", channel=channel)]
    lines += drawing.pictured(turn, draft.turns)
    lines += drawing.warned(turn, channel, draft)
    if any(schedules.alike(channel.id, t) for t in draft.turns):
        lines.append(turn.t("⚠️ A schedule says the same already."))
    near = schedules.close_to(channel.id, turn.now)
    if near is not None:
        text = drawing.short(posts.in_words(near.threads[0]))
        lines.append(turn.t("⚠️ Within five minutes of: {text}", text=text))
    key = (channel.id, draft.id)
    rows: Rows = [
        [(turn.t("📤 Post now"), PostNow(*key)), (turn.t("🗓 Schedule…"), doors.ScheduleDraft(*key))],
        [(turn.t("🧺 Queue"), doors.QueueDraft(*key)), (turn.t("🗑 Discard"), Discard(*key))],
        drawing.more_rows(turn, channel, draft),
    ]
    await drawing.draw(turn, draft, "\n".join(lines), rows)


@handles(AddPost, by=May.WRITE)
async def _more(turn: Turn, channel: Channel, button: AddPost) -> None:
    drawing.change(turn, button.draft, lambda d: replace(d, shown_id=None, source_id=None))
    await turn.ask(
        PostMore(channel.id, button.draft),
        turn.t("🧵 Send me the next post of the thread: text, or a photo. /cancel to leave."),
    )


@answers(PostMore, by=May.WRITE)
async def _got_more(turn: Turn, channel: Channel, step: PostMore) -> None:
    """The next post of the thread."""
    (thread, *_) = drawing.checked(turn, channel, turn.typed())
    before = drawing.found(turn, step.draft)
    drawing.fitting(turn, (*before.turns[-1], *thread))
    draft = drawing.change(turn, step.draft, lambda d: replace(d.with_answer(thread), source_id=turn.message_id))
    turn.end_step()
    await drawing.show(turn, channel, draft)


# --- what becomes of it --------------------------------------------------------------------------------------


@handles(PostNow, by=May.WRITE)
async def _now(turn: Turn, channel: Channel, button: PostNow) -> None:
    """Post it now: the draft goes in the transaction that queues it, so two taps make one tweet."""
    must_run(turn, channel)

    def queued() -> int:
        thread = drawing.one_thread(turn, drawing.taken(turn, button.draft))
        noted(turn, channel, Did.POSTED, posts.in_words(thread))
        return placing.say_now(channel.id, turn.person.telegram_id, thread, turn.now, fresh=DEFAULT_GRACE).tweet_id

    await _on_its_way(turn, channel, turn.once("said", int, queued))


@handles(Discard, by=May.WRITE)
async def _discard(turn: Turn, channel: Channel, button: Discard) -> None:
    if button.draft:
        turn.once("discarded", int, lambda: drawing.taken(turn, button.draft).id)
    turn.end_step()
    await turn.answer(turn.t("Discarded."), [[(turn.t("Panel"), doors.Panel(channel.id))]])


async def _on_its_way(turn: Turn, channel: Channel, tweet_id: int) -> None:
    jobs.say.ring_once(5, tweet_id)
    planner.plan.ring_once(5)
    follows = following.tweet(channel.id, tweet_id)
    told = wanted.is_wanted(turn.person.telegram_id, channel.id, Setting.SAID)
    text = turn.t("📤 On its way to X. You see it in /history when it is there.")
    if channel.hold_until is not None and channel.hold_until > turn.now:
        text = turn.t("⏳ It waits: X takes nothing of {channel} right now.", channel=channel)
    elif told:
        text = turn.t("📤 On its way to X: I tell you when it is there, with Undo.")
    await turn.answer(
        text,
        [[(turn.t("✖️ Don't post it"), doors.CancelTweet(channel.id, tweet_id))]],
        follows=follows,
    )


async def say_scheduled(turn: Turn, channel: Channel, schedule_id: int) -> None:
    """What a schedule says next, at once, besides its times."""
    item = schedules.schedule(channel.id, schedule_id)
    if item is None:
        raise Refusal(turn.t("I no longer know that schedule. See which there are: /schedules"))
    must_run(turn, channel)
    thread = item.says(item.used, choices.wall_of(channel.id, turn.now))

    def queued() -> int:
        made = placing.say_once(channel.id, turn.person.telegram_id, thread, turn.now, fresh=DEFAULT_GRACE)
        if made is None:
            raise Refusal(turn.t("That one is on its way already."))
        noted(turn, channel, Did.POSTED, posts.in_words(thread))
        return made.tweet_id

    await _on_its_way(turn, channel, turn.once("said", int, queued))


@handles(doors.GoOn, by=May.WRITE)
async def _go_on(turn: Turn, channel: Channel, button: doors.GoOn) -> None:
    """Try again what was lost, and the rest of its thread."""
    must_run(turn, channel)

    def goes_on() -> bool:
        went = threads.go_on(button.tweet, turn.now)
        if went:
            noted(turn, channel, Did.WENT_ON, tweet=button.tweet)
        return went

    if not turn.once("again", bool, goes_on):
        raise Refusal(turn.t("That one is on its way again already."))
    planner.plan.ring_once(5)
    jobs.say.ring_once(5, button.tweet)
    head = threads.head_of(button.tweet)
    follows = following.tweet(channel.id, head)
    await turn.answer(turn.t("▶️ On its way again: I tell you when it is there."), follows=follows)


def rewritten(turn: Turn, channel: Channel, draft: Draft, text: str) -> Draft:
    """The draft with another text in the place of its last one: the message that it came from was edited."""
    found = drawing.checked(turn, channel, text)
    if len(found) == len(found[0]) == 1:
        return drawing.change(turn, draft.id, lambda d: d.with_last(replace(d.last, text=found[0][0].text)))
    return drawing.change(turn, draft.id, lambda d: replace(d, turns=(*d.turns[:-1], *found)))


def captioned(turn: Turn, draft: Draft, caption: str) -> Draft:
    """The draft with another text beside its last photo."""
    text = composing.clean(caption)
    return drawing.change(turn, draft.id, lambda d: d.with_last(*drawing.fitting(turn, (replace(d.last, text=text),))))
