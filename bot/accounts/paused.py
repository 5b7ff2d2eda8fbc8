"""That a channel stands paused by who runs the service: said wherever somebody believes that it goes on now."""

from bot.chat.language import Speaker
from bot.chat.turn import Refusal, Turn
from models.accounts.channels import Channel, OffReason


def lines(say: Speaker, channel: Channel) -> list[str]:
    """A sentence where it is so, and when it goes on."""
    if channel.off_reason is OffReason.ALL_PAUSED:
        return [
            say.t(
                "⏸ Who runs this service has paused everything. {channel} goes on by itself when that ends, and you are"
                " told.",
                channel=channel,
            )
        ]
    if channel.off_reason is OffReason.PAUSED:
        return [say.t("Who runs this service has paused {channel}. You are told when it goes on.", channel=channel)]
    return []


def must_run(turn: Turn, channel: Channel) -> None:
    """Raises Refusal where nothing can be posted, with the reason and what helps."""
    if channel.is_on and channel.connected:
        return
    if stands := lines(turn, channel):
        raise Refusal("\n".join(stands))
    if channel.off_reason is OffReason.PUT_OUT:
        raise Refusal(
            turn.t("The owner of {channel} no longer has access here, so nothing can be posted.", channel=channel)
        )
    if not channel.connected or channel.off_reason is OffReason.TOKEN:
        raise lost_access(turn, channel)
    raise Refusal(turn.t("{channel} is off, so nothing can be posted. Turn it on first: /on", channel=channel))


def lost_access(turn: Turn, channel: Channel) -> Refusal:
    """Nothing goes on before it is signed in anew."""
    return Refusal(turn.t("{channel} has lost its access to X. Connect it again: /connect", channel=channel))
