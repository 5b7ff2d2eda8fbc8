"""Taking a post back from X, and taking one out of the queue before it is said."""

from bot.chat import doors
from bot.chat.handling import handles
from bot.chat.keyboards import Rows
from bot.chat.turn import Refusal, Turn
from bot.chat.undo import noted
from bot.notifications import drawing
from engine.roles import May
from models.accounts.channels import Channel
from models.accounts.deeds import Did
from models.moderation import review
from models.notifications import notices
from models.notifications.kinds import Posted
from models.publishing import following, history, taking_back, threads
from models.streaming import messages
from models.streaming.messages import Message
from tasks import publishing as jobs


@handles(doors.TakeBack, by=May.DECIDE | May.WRITE)
async def _take_back(turn: Turn, channel: Channel, button: doors.TakeBack) -> None:
    """Ask for it; the notice shows how it goes."""
    tweet_id = button.tweet
    message = _must_be_theirs(turn, channel, tweet_id)
    head, of_message = threads.head_of(tweet_id), message.id if message is not None else None

    def wanted() -> bool:
        won = taking_back.want(tweet_id, turn.now)
        if won:
            noted(turn, channel, Did.TOOK_BACK, message=of_message, tweet=head)
        return won

    if not turn.once("taken back", bool, wanted):
        raise Refusal(turn.t("That one is undone already, or on its way."))
    for due in taking_back.due(turn.now):
        jobs.undo.ring_once(5, due)
    notice = notices.of_tweet(tweet_id, turn.reader)
    follows = following.tweet(channel.id, head)
    if notice is not None and notice.telegram_message_id:
        together = notices.of_telegram_message(turn.reader, notice.telegram_message_id)
        shown = drawing.drawn(turn, together, turn.now)
    else:  # the person does not want to be told of posts
        tweet = history.tweet(tweet_id)
        posted = Posted(tweet.thread_id or tweet.id if tweet is not None else tweet_id)
        shown = drawing.draw(turn, [posted], drawing.About(turn.reader, channel, turn.now))
    if shown is not None:
        await turn.answer(*shown, follows=follows)


@handles(doors.CancelTweet, by=May.DECIDE | May.WRITE)
async def _cancel(turn: Turn, channel: Channel, button: doors.CancelTweet) -> None:
    """As long as it waits its turn."""
    message = _must_be_theirs(turn, channel, button.tweet)

    def unsaid() -> bool:
        won = taking_back.unsay(button.tweet, turn.person.telegram_id, turn.now)
        if won:
            of_message = message.id if message is not None else None
            noted(turn, channel, Did.CANCELLED, message=of_message, tweet=threads.head_of(button.tweet))
        return won

    if not turn.once("unsaid", bool, unsaid):
        raise Refusal(turn.t("Too late: it does not wait any more."))
    await turn.answer(turn.t("✖️ It is not posted."), _card_row(turn, channel, message))


def _must_be_theirs(turn: Turn, channel: Channel, tweet_id: int) -> Message | None:
    """What people decided on is for who decides, what they wrote or planned for who writes, what the rules let through
    the owner's; the message, if it came of one. Raises Refusal.
    """
    tweet = history.tweet(tweet_id)
    message = messages.message(tweet.message_id) if tweet is not None and tweet.message_id is not None else None
    turn.needs = May.OWN
    if message is not None and review.was_held(message):
        turn.needs = May.DECIDE
    elif tweet is not None and tweet.message_id is None:
        turn.needs = May.WRITE
    turn.reach(channel.id, turn.needs)
    return message


def _card_row(turn: Turn, channel: Channel, message: Message | None) -> Rows:
    """The way back to the card of the message that it came from."""
    return [[(turn.t("« The message"), doors.MessageCard(channel.id, message.id))]] if message is not None else []
