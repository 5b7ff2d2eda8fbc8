"""A sign-in that X's redirect brought waits for its person's yes, and not for ever."""

from datetime import timedelta

import pytest

from engine.x.events import Account
from models import vault
from models.accounts import signing_in
from models.accounts.channels import Auth
from models.accounts.signing_in import SIGN_IN_LIFE, BadSignIn, SignIn
from models.accounts.tokens import Tokens
from models.settings import Settings
from tests.conftest import NOW

ANA, BEN = 7, 8
ACCOUNT = Account(70, "trafico", "Tráfico")
KEYS = Tokens(Auth.OAUTH2, "access", "refresh", expires_at=NOW + timedelta(hours=2), scopes="tweet.read")


@pytest.fixture
def waiting(db: Settings) -> str:
    """The code of a sign-in of Ana's that waits."""
    signing_in.begin_sign_in("state", ANA, ANA, "verifier", NOW)
    found, verifier = signing_in.use_sign_in("state", None, NOW)
    assert verifier == "verifier"
    signing_in.wait_for_person(found, "code", ACCOUNT, KEYS, NOW)
    return "code"


def test_its_person_alone_says_yes_once(waiting: str) -> None:
    with pytest.raises(BadSignIn, match="foreign"):
        signing_in.confirm(waiting, BEN, NOW)
    assert signing_in.refuse(waiting, BEN, NOW) is None
    assert signing_in.confirm(waiting, ANA, NOW) == (ACCOUNT, KEYS)
    with pytest.raises(BadSignIn, match="used"):
        signing_in.confirm(waiting, ANA, NOW)


def test_where_nobody_says_yes_in_time_no_key_stays(waiting: str) -> None:
    late = NOW + SIGN_IN_LIFE + timedelta(seconds=1)
    assert signing_in.take_lapsed(NOW) == []
    with pytest.raises(BadSignIn, match="expired"):
        signing_in.confirm(waiting, ANA, late)
    assert signing_in.take_lapsed(late) == [KEYS]
    assert signing_in.take_lapsed(late) == []
    assert SignIn.select().count() == 0


@pytest.mark.parametrize("spoilt", ["sealed with another key", "{}", "[]", "no JSON"])
def test_keys_that_cannot_be_read_keep_no_others_from_being_revoked(waiting: str, spoilt: str) -> None:
    signing_in.begin_sign_in("other", BEN, BEN, "verifier", NOW)
    found, _ = signing_in.use_sign_in("other", None, NOW)
    signing_in.wait_for_person(found, "another code", ACCOUNT, KEYS, NOW)
    kept = spoilt if spoilt.startswith("sealed") else vault.seal(spoilt)
    SignIn.update(pair=kept).where(SignIn.person_id == ANA).execute()
    assert signing_in.take_lapsed(NOW + 2 * SIGN_IN_LIFE) == [KEYS]
    assert SignIn.select().count() == 0
