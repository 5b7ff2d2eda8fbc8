"""X tokens at rest: encrypted with SECRET_KEY (Fernet of `cryptography`), readable after the key has changed."""

import base64
from collections.abc import Callable, Iterable
from functools import cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.settings import settings


class WrongKey(Exception):
    """What is stored was encrypted with a key that SECRET_KEY does not hold."""


def seal(plain: str) -> str:
    """Encrypt with the newest key."""
    return _fernet(tuple(settings().secret_keys())).encrypt(plain.encode()).decode()


def unseal(sealed: str) -> str:
    """Decrypt with whichever key fits. Raises WrongKey."""
    try:
        return _fernet(tuple(settings().secret_keys())).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise WrongKey("SECRET_KEY can't read a stored token; add the former key: SECRET_KEY=new,old") from None


def reseal(sealed: str) -> str:
    """The same secret under the newest key. Raises WrongKey."""
    return seal(unseal(sealed))


def seal_all_anew(ids: Iterable[int], one: Callable[[int], bool | None]) -> int:
    """Seal these rows under the newest key, one after another; how many there were.

    `one`: False where its row is another by now, and is looked at again; None where it is gone. Raises WrongKey where
    some can't be read, when all others are sealed.
    """
    touched, lost = 0, None
    for row_id in ids:
        try:
            while (done := one(row_id)) is False:
                continue
            touched += done is not None
        except WrongKey as error:
            lost = error
    if lost is not None:
        raise lost
    return touched


def keys_for(purpose: str) -> list[bytes]:
    """A key for this purpose alone of each that SECRET_KEY holds, the newest first."""
    return [_derived(key, purpose) for key in settings().secret_keys()]


@cache
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key, "canales x tokens")) for key in keys])


@cache
def _derived(key: str, purpose: str) -> bytes:
    kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose.encode())
    return base64.urlsafe_b64encode(kdf.derive(key.encode()))
