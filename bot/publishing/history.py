"""What went out, with links, and what did not, with why: `/history`."""

from zoneinfo import ZoneInfo

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Button, Rows
from bot.chat.moments import day_of, moment
from bot.chat.reasons import why
from bot.chat.turn import Sentences, Turn
from engine.fitting import fit
from engine.moderation import Form
from engine.roles import May
from models.accounts import choices, days
from models.accounts.channels import Channel
from models.accounts.days import Before
from models.publishing import history, media
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.streaming import messages

PAGE = 8
MOST_PAGES = 10**6


async def command(turn: Turn) -> None:
    """/history"""
    await show(turn, turn.take_channel(), 0)


@handles(doors.History, by=May.READ)
async def _opened(turn: Turn, channel: Channel, button: doors.History) -> None:
    await show(turn, channel, max(0, min(button.page, MOST_PAGES)))


async def show(turn: Turn, channel: Channel, page: int) -> None:
    """A page of it, the newest first."""
    zone = choices.zone_of(channel.id)
    found = history.ended(channel.id, PAGE + 1, page * PAGE)
    lines: Sentences = [turn.t("🕰 <b>History of {channel}</b>", channel=channel)]
    lines += [_line(turn, channel, tweet, zone) for tweet in found[:PAGE]]
    if not found:
        lines.append(turn.t("Nothing yet."))
    if len(found) <= PAGE and (earlier := days.before(channel.id)) is not None:
        lines.append(_earlier(turn, earlier, zone))
    turning: list[Button] = [("◀", doors.History(channel.id, page - 1))] if page else []
    turning += [("▶", doors.History(channel.id, page + 1))] if len(found) > PAGE else []
    rows: Rows = [turning] if turning else []
    rows.append([(turn.t("🗓 Schedules"), doors.Schedules(channel.id)), (turn.t("« Back"), doors.Panel(channel.id))])
    await turn.answer("\n".join(lines), rows)


def _earlier(turn: Turn, sums: Before, zone: ZoneInfo) -> str:
    """What is left of all that is past its time."""
    return turn.t(
        "… and before, since {day}: {heard} messages heard, {said} posted.",
        day=day_of(turn, sums.since.astimezone(zone).date()),
        heard=sums.heard,
        said=sums.said,
    )


def _line(turn: Turn, channel: Channel, tweet: Tweet, zone: ZoneInfo) -> str:
    at = moment(turn, (tweet.sent_at or tweet.due_at).astimezone(zone))
    message = messages.message(tweet.message_id) if tweet.message_id else None
    text = fit(tweet.text or (message.text if message else ""), 60)
    text = f"{'🖼' * media.count_of(tweet.id)} {text}".strip() if message is None else text
    text = f"🧵 {text}" if tweet.thread_id is not None else text
    if tweet.undo == UndoState.DONE:
        return turn.t("↩️ {moment} {text} — undone", moment=at, text=text)
    if tweet.status == TweetStatus.SENT:
        account = "i" if tweet.form == Form.REPOST else channel.handle
        link = f"https://x.com/{account}/status/{tweet.x_id}"
        return f'✅ {at} <a href="{link}">↗</a> ' + turn.t("{text}", text=text)
    reason = why(turn, tweet.reason, detail=tweet.detail)
    return turn.t("▫️ {moment} {text} — {why}", moment=at, text=text, why=reason)
