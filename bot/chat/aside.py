"""What takes long beside the chat: X is asked, or a file is stored, while everybody else is answered."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple, Unpack

from models.database import rest

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def aside(work: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
    """Do it in a thread, which gives its connection to the database back."""

    def done() -> T:
        try:
            return work(*args)
        finally:
            rest()

    return await asyncio.to_thread(done)
