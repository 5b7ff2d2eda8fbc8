"""A channel as it stands once it is connected, with made-up tokens."""

from datetime import datetime, timedelta

from engine.x.events import Account
from models import connecting
from models.accounts import people
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from tests.conftest import NOW

ANA = 7


def connected(
    x_id: int = 70,
    handle: str = "trafico",
    owner: int = ANA,
    at: datetime = NOW,
    *,
    language: str = "es",
    scopes: str = "",
) -> Channel:
    """Connected at this moment, with access to X for a day; its owner is known."""
    people.person(owner, "Ana", language, at)
    access, refresh, ends = f"access-{handle}", f"refresh-{handle}", at + timedelta(days=1)
    tokens = Tokens(Auth.OAUTH2, access, refresh, expires_at=ends, scopes=scopes)
    return connecting.connect_channel(Account(x_id, handle, handle.title()), owner, tokens, at)
