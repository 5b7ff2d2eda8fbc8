"""A pair of keys for X Chat, as it is kept: what X's library makes of it is opaque to everybody else."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pair:
    """X's library's blob, and the identity key's public half, raw, in base64."""

    blob: bytes = field(repr=False)
    public_key: str
