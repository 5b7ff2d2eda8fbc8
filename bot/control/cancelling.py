"""Leaving what was begun: `/cancel`, which says what that was, and what stays."""

from dataclasses import replace
from datetime import timedelta

from bot.chat.dialogue import Step
from bot.chat.keyboards import Rows
from bot.chat.language import N_
from bot.chat.turn import Turn
from bot.publishing import drafts as drawing
from bot.publishing.posting import Discard
from bot.scheduling.asking import AnotherTime, Drop
from engine import posts
from models.accounts.channels import Channel
from models.publishing import drafts
from models.publishing.drafts import Draft, DraftGone, Way

A_MOMENT_AGO = timedelta(minutes=10)
#: What each step waits for, by its word.
WAITED_FOR = {
    "posttext": N_("the text of a post"),
    "threadtext": N_("the next post of the thread"),
    "photo": N_("a photo or a video"),
    "alt": N_("the description of a photo"),
    "othertext": N_("another text"),
    "schedtext": N_("the text to schedule"),
    "schedwhen": N_("the time of a schedule"),
    "schedlimits": N_("the limits of a schedule"),
    "edited": N_("the text of a held message"),
    "credit": N_("the credit line"),
    "hashtag": N_("a hashtag"),
    "keywords": N_("words for a list"),
    "kwsearch": N_("what you look for"),
    "kwinto": N_("what a word becomes"),
    "peoplesearch": N_("whom you look for"),
    "test": N_("a message to try"),
    "file": N_("a file"),
    "pasted": N_("the address from X"),
}


async def cancel(turn: Turn) -> None:
    """/cancel: leave what was begun"""
    step = turn.step
    turn.end_step()
    draft = _draft_of(turn, step)
    if step is None:
        await _nothing_asked(turn)
        return
    what = WAITED_FOR.get(step.word)
    said = turn.t("Cancelled: I wait for {what} no more.", what=turn.t(what)) if what else turn.t("Cancelled.")
    if draft is None:
        await turn.send(said)
        return
    channel = Channel.get_by_id(draft.channel_id)
    if not draft.turns:
        drawing.dropped(turn, draft.id)
        await turn.send(said)
    elif draft.way is Way.SCHEDULED and draft.when is None:
        rows: Rows = [[(turn.t("🕒 Say when"), AnotherTime(channel.id, draft.id)),
                       (turn.t("🗑 Discard"), Drop(channel.id, draft.id))]]  # fmt: skip
        await turn.send(f"{said}\n{_stays(turn, draft)}", rows)
    else:
        turn.note = said
        drafts.change(draft.id, lambda d: replace(d, shown_id=None), turn.now)
        await drawing.show(turn, channel, replace(draft, shown_id=None))


async def _nothing_asked(turn: Turn) -> None:
    """Nothing was asked; a draft that is open may be meant."""
    draft = drafts.newest(turn.person.telegram_id, turn.now - A_MOMENT_AGO)
    if draft is None or not draft.turns:
        await turn.send(turn.t("There was nothing to cancel."))
        return
    discard: Rows = [[(turn.t("🗑 Discard"), Discard(draft.channel_id, draft.id))]]
    asked = turn.t("I was asking for nothing.")
    await turn.send(f"{asked} {_stays(turn, draft)}", discard)


def _stays(turn: Turn, draft: Draft) -> str:
    return turn.t("The draft stays: “{text}”", text=drawing.short(posts.in_words(draft.turns[-1])))


def _draft_of(turn: Turn, step: Step | None) -> Draft | None:
    draft_id = getattr(step, "draft", 0)
    try:
        draft = drafts.one(draft_id) if draft_id else None
    except DraftGone:
        return None
    return draft if draft is not None and draft.person_id == turn.person.telegram_id else None
