"""What lies in a queue is signed, since it is unpickled: whoever can write to Redis can ring bells, and run no code."""

from functools import cache
from typing import Any

from huey.serializer import Serializer, SignedSerializer

from models import vault


class SignedJobs(Serializer):  # type: ignore[misc]
    """Signs with the newest key of SECRET_KEY, and unpickles what any of its keys has signed.

    Raises ValueError for anything else: a job that somebody forged, or one of a release that did not sign.
    """

    def serialize(self, data: Any) -> bytes:
        signed: bytes = _signers()[0].serialize(data)
        return signed

    def deserialize(self, data: bytes) -> Any:
        for signer in _signers():
            try:
                return signer.deserialize(data)
            except ValueError:  # not by this key
                continue
        raise ValueError("not signed with a key of SECRET_KEY")


@cache
def _signers() -> tuple[SignedSerializer, ...]:
    return tuple(SignedSerializer(key) for key in vault.keys_for("canales jobs"))
