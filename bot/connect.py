"""`python -m bot connect`: an account from OAuth 1.0a tokens in the environment, for app owners and scripts."""

import os

from engine.x.errors import OverBudget, TokenRevoked, XError
from models.accounts.limits import TooMany
from models.connecting import OwnedByOther
from models.settings import settings
from tasks import bells
from tasks.clock import now
from tasks.signing_in import connect_from_tokens


def connect_from_environment(owner_id: int) -> int:
    """Connect and say what happened; the exit status."""
    access, secret = os.environ.get("X_ACCESS_TOKEN", ""), os.environ.get("X_ACCESS_SECRET", "")
    s = settings()
    given = {
        "X_ACCESS_TOKEN": access,
        "X_ACCESS_SECRET": secret,
        "X_API_KEY": s.x_api_key.get_secret_value(),
        "X_API_SECRET": s.x_api_secret.get_secret_value(),
    }
    missing = [name for name, value in given.items() if not value]
    if missing:
        print(f"Missing: {', '.join(missing)}. They are in X's developer console, under Keys and tokens.")
        print("Example: X_ACCESS_TOKEN=123-abc X_ACCESS_SECRET=def python -m bot connect --owner 123456789")
        return 2
    try:
        channel = connect_from_tokens(access, secret, owner_id, now())
    except OwnedByOther as error:
        print(f"{error.channel} is run by Telegram user {error.channel.owner_id}; they can /disconnect it first.")
        return 1
    except TooMany as error:
        print(f"They have {error.has} channels, and may have {error.most}. Give them more: /admin limits {owner_id}")
        return 1
    except TokenRevoked:
        print("X does not accept these tokens. Make new ones in the developer console (Keys and tokens).")
        return 1
    except OverBudget:
        print("The service has spent what it may this month. Raise that with /budget service in Telegram, then again.")
        return 1
    except XError as error:
        print(f"X said no: {error.detail}")
        return 1
    bells.ring_subscriptions()
    print(f"{channel} is connected. Its owner can steer it with /channels in Telegram.")
    if not channel.is_on:
        print("It stands paused: /system in Telegram says whether everything is, and lets it go on.")
    return 0
