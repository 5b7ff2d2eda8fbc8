"""Taking a post back, from the notice that told of it."""

from bot.chat.language import Speaker
from bot.chat.turn import Refusal, Turn
from bot.notifications.drawing import About, draw, drawn
from models.accounts.channels import Channel
from models.notifications import notices
from models.notifications.kinds import Posted
from models.publishing import saying, taking_back
from tasks import publishing as jobs


async def undo(turn: Turn, channel: Channel, tweet_id: int) -> None:
    """Ask for it; the notice shows how it goes."""
    tweet = saying.tweet(tweet_id)
    if tweet is None or tweet.channel_id != channel.id:
        raise Refusal(turn.t("I no longer know that post."))
    if not taking_back.want(tweet_id, turn.now):
        raise Refusal(turn.t("That one is undone already, or on its way."))
    for due in taking_back.due(turn.now):
        jobs.undo.ring_once(5, due)
    say, notice = Speaker(turn.language), notices.of_tweet(tweet_id)
    if notice is not None and notice.telegram_message_id:
        together = notices.of_telegram_message(turn.person.telegram_id, notice.telegram_message_id)
        shown = drawn(say, together, turn.now)
    else:  # the person does not want to be told of posts
        posted = Posted(tweet.thread_id or tweet.id)
        shown = draw(say, [posted], About(turn.person.telegram_id, channel, turn.now))
    if shown is not None:
        await turn.answer(*shown)
