"""Whatever is sealed is sealed anew when SECRET_KEY changes, also what waits for a quarter of an hour."""

from datetime import timedelta

import pytest

from engine.x.events import Account
from models.accounts import signing_in
from models.accounts.channels import Auth
from models.accounts.signing_in import BadSignIn
from models.accounts.tokens import Tokens
from models.settings import Settings, settings
from tests.conftest import NOW

OLD, NEW = "the-old-key-of-this-test", "the-new-key-of-this-test"
TOKENS = Tokens(Auth.OAUTH2, "access", "refresh", expires_at=NOW + timedelta(hours=2))


def becomes(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", key)
    settings.cache_clear()


@pytest.mark.parametrize("rotated", [True, False])
@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
def test_a_sign_in_that_waits_outlives_a_new_key_or_is_begun_anew(
    db: Settings, monkeypatch: pytest.MonkeyPatch, rotated: bool
) -> None:
    becomes(OLD, monkeypatch)
    signing_in.begin_sign_in("one", 7, 7, "verifier", NOW)
    signing_in.begin_sign_in("two", 7, 7, "verifier", NOW)
    found, _ = signing_in.use_sign_in("two", None, NOW)
    signing_in.wait_for_person(found, "code", Account(70, "trafico", "Tráfico"), TOKENS, NOW)
    if rotated:
        becomes(f"{NEW},{OLD}", monkeypatch)
        assert signing_in.rotate_keys(NOW) == 2
    becomes(NEW, monkeypatch)
    if rotated:
        assert signing_in.use_sign_in("one", 7, NOW)[1] == "verifier"
        assert signing_in.confirm("code", 7, NOW)[1] == TOKENS
    else:
        for again in (lambda: signing_in.use_sign_in("one", 7, NOW), lambda: signing_in.confirm("code", 7, NOW)):
            with pytest.raises(BadSignIn, match="expired"):
                again()
    settings.cache_clear()
