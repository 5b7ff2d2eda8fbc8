"""X tokens at rest: encrypted with SECRET_KEY (Fernet of `cryptography`), readable after the key has changed."""

import base64
import secrets
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TypeVar

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from models.settings import settings

Id = TypeVar("Id", int, str)


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


def seal_all_anew(ids: Iterable[Id], one: Callable[[Id], bool | None]) -> int:
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


def lock_up(passphrase: str) -> dict[str, str]:
    """SECRET_KEY itself, so that only who knows this passphrase gets it out again: costly to guess at (scrypt)."""
    salt = secrets.token_bytes(16)
    locked = Fernet(_of_passphrase(passphrase, salt)).encrypt(",".join(settings().secret_keys()).encode())
    return {"salt": base64.b64encode(salt).decode(), "locked": locked.decode()}


def take_out(locked: Mapping[str, str], passphrase: str) -> str:
    """What was locked up. Raises WrongKey."""
    try:
        key = _of_passphrase(passphrase, base64.b64decode(locked["salt"]))
        return Fernet(key).decrypt(locked["locked"].encode()).decode()
    except InvalidToken:
        raise WrongKey("the passphrase is another") from None


def _of_passphrase(passphrase: str, salt: bytes) -> bytes:
    scrypt = Scrypt(salt=salt, length=32, n=2**16, r=8, p=1)  # 64 MiB, a quarter of a second
    return base64.urlsafe_b64encode(scrypt.derive(passphrase.encode()))


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
