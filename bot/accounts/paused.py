"""That a channel stands paused by who runs the service: said wherever its owner believes that it goes on now."""

from bot.chat.language import Speaker
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
