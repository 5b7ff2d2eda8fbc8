"""Who asks X for what is watched: the app for a list, for which a channel's token lacks a scope; else the channel.

The app's own filtered stream is in `tasks/watching/listening.py`.
"""

from engine.watching import WatchedKind
from engine.x.watching.calls import Ask
from models.accounts.channels import Channel
from models.settings import settings
from tasks import accounts, costs


def asker(channel: Channel, kind: WatchedKind) -> Ask:
    """What asks. Raises TokenBusy, XError."""
    if kind is WatchedKind.LIST and settings().x_bearer_token.get_secret_value():
        return accounts.app_client(costs.told(channel.id), costs.paying(channel.id)).ask
    return accounts.client(channel).ask
