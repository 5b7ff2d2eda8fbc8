"""By hand: `/post`, and whatever is written or forwarded to the bot: posted now, queued, scheduled or discarded."""

from dataclasses import replace

from bot.chat.turn import Refusal, Rows, Sentences, Turn
from bot.publishing import drafts
from bot.publishing.drafts import BY_HAND, SCHEDULED, Draft
from bot.scheduling import queueing
from bot.scheduling import schedules as wizard
from engine import composing, posts
from engine.posts import Thread
from models.accounts import choices
from models.accounts.channels import Channel
from models.notifications import wanted
from models.notifications.declaring import Setting
from models.publishing import saying as said
from models.publishing import threads
from models.scheduling import schedules
from models.scheduling.schedules import DEFAULT_GRACE
from tasks import publishing as saying
from tasks import scheduling as planning


async def command(turn: Turn) -> None:
    """/post TEXT"""
    channel = turn.take_channel()
    text = turn.typed() or turn.replied_text()
    if not text:
        drafts.keep(turn, Draft(channel.id, BY_HAND, step="posttext"))
        await turn.send(
            turn.t("What shall {channel} say? Send me the text, or a photo. /cancel to leave.", channel=channel),
            [[(turn.t("🗓 Schedules"), f"scheds:{channel.id}"), (turn.t("Cancel"), f"postno:{channel.id}")]],
        )
        return
    await offer(turn, channel, text)


async def got_text(turn: Turn) -> None:
    """The text that `/post` asked for."""
    await offer(turn, turn.own(int(turn.dialogue["channel"])), turn.typed())


async def offer(turn: Turn, channel: Channel, text: str) -> None:
    """Something was written or forwarded."""
    source = turn.update.message
    found = drafts.checked(turn, channel, text)
    drafts.keep(turn, Draft(channel.id, BY_HAND, tuple(found), source=source.message_id if source else None))
    await show(turn, channel)


async def show(turn: Turn, channel: Channel) -> None:
    """The draft, with what can be done with it. It is drawn anew in the message that shows it already."""
    draft = drafts.of_channel(turn, channel)
    if not draft.turns:
        raise Refusal(turn.t("That draft is no longer at hand. Send me the text again."))
    lines: Sentences = [turn.t("📤 Shall <b>{channel}</b> say this?", channel=channel)]
    lines += drafts.pictured(turn, draft.turns)
    lines += drafts.warned_of_access(turn, channel, draft.turns)
    if any(schedules.alike(channel.id, t) for t in draft.turns):
        lines.append(turn.t("⚠️ A schedule says the same already."))
    near = schedules.close_to(channel.id, turn.now)
    if near is not None:
        text = drafts.short(posts.in_words(near.threads[0]))
        lines.append(turn.t("⚠️ Within five minutes of: {text}", text=text))
    key = channel.id
    rows: Rows = [
        [(turn.t("📤 Post now"), f"postnow:{key}"), (turn.t("🗓 Schedule…"), f"postlater:{key}")],
        [(turn.t("🧺 Queue"), f"postqueue:{key}"), (turn.t("🗑 Discard"), f"postno:{key}")],
        drafts.more_rows(turn, channel, draft),
    ]
    await drafts.draw(turn, draft, "\n".join(lines), rows)


async def edited(turn: Turn) -> None:
    """The message that a draft came from was edited before it was confirmed: so is the draft."""
    message = turn.update.edited_message
    draft = drafts.of(turn)
    if message is None or draft is None or draft.source != message.message_id or not draft.turns:
        return
    channel = turn.own(draft.channel_id)
    if message.text is None:
        caption = composing.clean(message.caption or "")
        drafts.change(turn, lambda d: d.with_last(*drafts.fitting(turn, (replace(d.last, text=caption),))))
    else:
        text = message.text
        if draft.way == SCHEDULED and text.startswith("/"):
            return  # the time may have changed with it: the command is given anew
        text = text.removeprefix("/post").strip()
        found = drafts.checked(turn, channel, text)
        if len(found) == len(found[0]) == 1:
            drafts.change(turn, lambda d: d.with_last(replace(d.last, text=found[0][0].text)))
        else:
            drafts.change(turn, lambda d: replace(d, turns=(*d.turns[:-1], *found)))
    if draft.way == BY_HAND:
        await show(turn, channel)
    else:
        await wizard.show_draft(turn, channel)


async def more(turn: Turn, channel: Channel) -> None:
    """One more post for the thread."""
    drafts.of_channel(turn, channel)
    drafts.change(turn, lambda d: replace(d, step="threadtext", shown=None, source=None))
    await turn.send(turn.t("🧵 Send me the next post of the thread: text, or a photo. /cancel to leave."))


async def got_more(turn: Turn) -> None:
    """The next post of the thread."""
    draft = drafts.of(turn)
    if draft is None or not draft.turns:
        raise Refusal(turn.t("That draft is no longer at hand. Send me the text again."))
    channel = turn.own(draft.channel_id)
    (thread, *_) = drafts.checked(turn, channel, turn.typed())
    drafts.fitting(turn, (*draft.turns[-1], *thread))
    source = turn.update.message.message_id if turn.update.message else None
    drafts.change(turn, lambda d: replace(d.with_answer(thread), step="", source=source))
    if draft.way == BY_HAND:
        await show(turn, channel)
    else:
        await wizard.show_draft(turn, channel)


# --- what becomes of it --------------------------------------------------------------------------------------


async def now(turn: Turn, channel: Channel) -> None:
    """Post it now."""
    thread = _one(turn, channel)
    _must_run(turn, channel)
    turn.remember()
    await say(turn, channel, thread)


async def later(turn: Turn, channel: Channel) -> None:
    """Ask when."""
    drafts.of_channel(turn, channel)
    drafts.change(turn, lambda d: replace(d, way=SCHEDULED, step="schedwhen", shown=None))
    await wizard.ask_when(turn)


async def queue(turn: Turn, channel: Channel) -> None:
    await queueing.put(turn, channel, _one(turn, channel))
    turn.remember()


async def discard(turn: Turn, channel: Channel) -> None:
    turn.remember()
    await turn.answer(turn.t("Discarded."), [[(turn.t("Panel"), f"panel:{channel.id}")]])


async def say(turn: Turn, channel: Channel, thread: Thread) -> None:
    """Queue it, to go out at once."""
    _must_run(turn, channel)
    queued = said.say_now(channel.id, turn.person.telegram_id, thread, turn.now, fresh=DEFAULT_GRACE)
    saying.say.ring_once(5, queued.tweet_id)
    planning.plan.ring_once(5)
    if wanted.is_wanted(turn.person.telegram_id, channel.id, Setting.SAID):
        await turn.answer(turn.t("📤 On its way to X: I tell you when it is there, with Undo."))
    else:
        await turn.answer(turn.t("📤 On its way to X. You see it in /history when it is there."))


async def say_scheduled(turn: Turn, channel: Channel, schedule_id: int) -> None:
    """What a schedule says next, at once, besides its times."""
    item = schedules.schedule(channel.id, schedule_id)
    if item is None:
        raise Refusal(turn.t("I no longer know that schedule. See which there are: /schedules"))
    await say(turn, channel, item.says(item.used, choices.wall_of(channel.id, turn.now)))


async def go_on(turn: Turn, channel: Channel, tweet_id: int) -> None:
    """Try again what was lost, and the rest of its thread."""
    tweet = said.tweet(tweet_id)
    if tweet is None or tweet.channel_id != channel.id:
        raise Refusal(turn.t("I no longer know that post."))
    _must_run(turn, channel)
    if not threads.go_on(tweet_id, turn.now):
        raise Refusal(turn.t("That one is on its way again already."))
    planning.plan.ring_once(5)
    saying.say.ring_once(5, tweet_id)
    if wanted.is_wanted(turn.person.telegram_id, channel.id, Setting.SAID):
        await turn.answer(turn.t("▶️ On its way again: I tell you when it is there."))
    else:
        await turn.answer(turn.t("▶️ On its way again. You see it in /history when it is there."))


def _one(turn: Turn, channel: Channel) -> Thread:
    draft = drafts.of_channel(turn, channel)
    if not draft.turns:
        raise Refusal(turn.t("That draft is no longer at hand. Send me the text again."))
    if len(draft.turns) > 1:
        raise Refusal(turn.t("Texts that take turns go out by a schedule: tap Schedule…"))
    return draft.turns[0]


def _must_run(turn: Turn, channel: Channel) -> None:
    if not channel.is_on or not channel.connected:
        raise Refusal(turn.t("{channel} is off, so nothing can be posted. Turn it on first: /on", channel=channel))
