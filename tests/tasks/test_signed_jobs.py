"""Jobs are signed with SECRET_KEY: what another key has signed is no job, and what a former key has is."""

from collections.abc import Iterator

import pytest

from models.settings import settings
from tasks.ringing import signed_jobs
from tasks.ringing.signed_jobs import SignedJobs

OLD, NEW = "the-old-key-of-this-service", "the-new-key-of-this-service"


@pytest.fixture(autouse=True)
def own_keys() -> Iterator[None]:
    yield
    forget()


def forget() -> None:
    settings.cache_clear()
    signed_jobs._signers.cache_clear()


def test_a_job_signed_with_a_key_of_the_list_is_read_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_key(key: str) -> SignedJobs:
        monkeypatch.setenv("SECRET_KEY", key)
        forget()
        return SignedJobs()

    job = ("say", (5,))
    by_old = with_key(OLD).serialize(job)
    by_new = with_key(f"{NEW},{OLD}").serialize(job)
    assert SignedJobs().deserialize(by_old) == SignedJobs().deserialize(by_new) == job
    assert with_key(NEW).deserialize(by_new) == job
    with pytest.raises(ValueError, match="not signed with a key of SECRET_KEY"):
        SignedJobs().deserialize(by_old)


def test_a_job_of_which_one_sign_was_changed_is_not_read() -> None:
    signed = bytearray(SignedJobs().serialize(("say", (5,))))
    for at in range(len(signed)):
        spoilt = signed.copy()
        spoilt[at] ^= 1
        with pytest.raises(ValueError, match="not signed"):
            SignedJobs().deserialize(bytes(spoilt))
