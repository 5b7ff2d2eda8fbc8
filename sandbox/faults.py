"""The faults that can be switched on, by HTTP and on the page."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

WRITES = (
    "post", "dm", "repost", "unrepost", "delete", "upload", "describe", "subscribe", "rules", "connections", "register",
    "chat_write",
)  # fmt: skip
READS = ("me", "timeline", "mentions", "dms", "lookup", "search", "list", "home", "keys", "chats")
STREAMS = ("activity", "filtered")
#: X's own words, and what comes instead of them: the last ones are none of its noes, and some look like a yes.
NOES = (
    "403", "404", "408", "401", "402", "503", "400", "429", "duplicate", "locked", "automated", "app_stopped",
    "media_gone", "html", "cut", "garbled", "redirect", "page", "empty", "odd",
)  # fmt: skip
ANY = "any"  # one of those that pass at once, by the dice; what comes after the deed may also look final
TORN = NOES[NOES.index("html") :]
ANY_OF = {
    "refuse_before": ("404", "408", "503", *TORN),
    "refuse_after": ("403", "404", "408", "503", "400", "duplicate", *TORN),
}
TOKEN_NOES = (
    "invalid_client", "unauthorized_client", "401", "403", "404", "408", "429", "503", "redirect", "html", "cut",
    "garbled", "empty", "no_token",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault does. `seconds`, `answers`, `on` and `whose` say what else can be chosen, the first by default.

    `whose` is what it can be narrowed to: a `user` (of X, by handle or id) or a `chat` (of Telegram, by id).
    """

    says: str
    place: str = "X"
    seconds: float | None = None
    answers: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    whose: str = "user"


CHAT_FORGED, CHAT_OTHER_KEY = ("signature", "altered", "key_change", "cut"), ("unknown", "wrong")
MEDIA_NOES = ("failed", "error", "error at work")
CHECK_AFTER = ("1", "0", "-5", "1000000000", "soon", "none")

KINDS = {
    "drop_after_accept": Kind("X acts, and its answer is lost", on=WRITES),
    "drop_post": Kind("X takes a post, and its answer is lost"),
    "error_5xx": Kind("X answers 503 and does not act", on=WRITES + READS),
    "limit_429": Kind("X answers 429 (rate limit)", seconds=60.0, on=WRITES + READS),
    "slow": Kind("X acts, and answers seconds later", seconds=5.0, on=WRITES),
    "slow_calls": Kind("Each call takes X seconds", seconds=10.0, on=WRITES + READS),
    "refuse_repost": Kind("X refuses reposts (403)"),
    "refuse_post": Kind("X refuses posts (403)"),
    "refuse_before": Kind(
        "X says no, and does not act", answers=(*NOES, ANY), on=(*WRITES, *READS, "stream", "filtered")
    ),
    "refuse_after": Kind("X acts, and says no", answers=(*NOES, ANY), on=WRITES),
    "user_day_limit": Kind("A channel's day is used up (429)", seconds=3600.0, on=WRITES),
    "app_day_limit": Kind("The app's day is used up (429)", seconds=3600.0, on=WRITES),
    "locked": Kind("An account is locked (403)"),
    "automated": Kind("X takes writes for automated (403)", on=WRITES),
    "upload_breaks": Kind("An upload breaks off in its middle"),
    "media_fails": Kind("X can't use a photo or video", answers=MEDIA_NOES),
    "media_at_work": Kind("X's work on a photo or video has no end", answers=CHECK_AFTER),
    "media_404": Kind("Media upload answers 404"),
    "alt_refused": Kind("X refuses descriptions (403)"),
    "token_refused": Kind("Tokens are refused", "Sign-in", answers=TOKEN_NOES),
    "token_odd": Kind(
        "X makes tokens, and an odd life stands beside them",
        "Sign-in",
        answers=("missing", "0", "-7200", "soon", "251000000000", "no_refresh"),
    ),
    "token_slow": Kind("X takes seconds, and then makes tokens", "Sign-in", seconds=15.0),
    "token_late": Kind("X makes tokens, and answers seconds later", "Sign-in", seconds=15.0),
    "doubled": Kind("Stream events come twice", "Stream", on=STREAMS),
    "shuffled": Kind("Stream events come out of order", "Stream", on=STREAMS),
    "swallowed": Kind("Stream events never come", "Stream", on=STREAMS),
    "malformed": Kind("Junk lines in the stream", "Stream", on=STREAMS, whose=""),
    "silent": Kind("The stream's heartbeat stops", "Stream", on=STREAMS, whose=""),
    "accept_then_close": Kind("The stream is accepted, then closed", "Stream", on=STREAMS, whose=""),
    "trickle": Kind("The stream comes byte by byte", "Stream", seconds=2.0, on=STREAMS, whose=""),
    "chat_forged": Kind("An encrypted DM is forged", "X Chat", answers=CHAT_FORGED),
    "chat_other_key": Kind("An encrypted DM is under another key", "X Chat", answers=CHAT_OTHER_KEY),
    "chat_key_missing": Kind("Key changes never come on the stream", "X Chat"),
    "chat_key_late": Kind("A key change comes seconds after its message", "X Chat", seconds=1.0),
    "telegram_down": Kind("Telegram answers 502", "Telegram", whose="chat"),
    "telegram_429": Kind("Telegram says retry_after", "Telegram", seconds=2.0, whose="chat"),
    "telegram_slow": Kind("Each call takes Telegram seconds", "Telegram", seconds=10.0, whose="chat"),
    "telegram_lost": Kind("Telegram acts, and its answer is lost", "Telegram", whose="chat"),
    "telegram_twice": Kind("Updates come twice", "Telegram", whose=""),
}


@dataclass
class Switch:
    """How a fault is set: its rate from 0 (never) to 1 (always), and maybe a number of times left."""

    rate: float = 0.0
    left: int | None = None
    seconds: float = 0.0
    answer: str = ""
    whose: frozenset[str] = frozenset()
    on: frozenset[str] = frozenset()


@dataclass
class Faults:
    """All faults, and the dice that they are thrown with."""

    switches: dict[str, Switch] = field(
        default_factory=lambda: {
            name: Switch(seconds=kind.seconds or 0.0, answer=(kind.answers or ("",))[0]) for name, kind in KINDS.items()
        }
    )
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def set(
        self, name: str, rate: float, *, times: int | None = None, seconds: float | None = None, answer: str = "",
        whose: Iterable[str] = (), on: Iterable[str] = (),
    ) -> None:  # fmt: skip
        """Switch a fault, for some (`whose`) and on some calls (`on`) or all.

        Raises KeyError for a fault, an answer or a kind of call that does not exist.
        """
        kind, switch = KINDS[name], self.switches[name]
        calls = frozenset(on)
        if (answer and answer not in kind.answers) or not calls <= set(kind.on):
            raise KeyError(f"{answer} {', '.join(sorted(calls))}")
        switch.rate, switch.left = max(0.0, min(1.0, rate)), times
        switch.whose, switch.on = frozenset(w.lstrip("@").lower() for w in whose), calls
        if seconds is not None:
            switch.seconds = seconds
        if answer:
            switch.answer = answer

    def seconds(self, name: str) -> float:
        return self.switches[name].seconds

    def answer(self, name: str) -> str:
        answer = self.switches[name].answer
        return self.dice.choice(ANY_OF[name]) if answer == ANY else answer

    def strikes(self, name: str, whose: Iterable[str] = (), on: str = "") -> bool:
        """Whether the fault happens now: to who is called one of these names, on this kind of call."""
        switch, kind = self.switches[name], KINDS[name]
        if switch.rate <= 0 or switch.left == 0:
            return False
        if (switch.whose and switch.whose.isdisjoint(whose)) or (kind.on and on not in (switch.on or kind.on)):
            return False
        if self.dice.random() >= switch.rate:
            return False
        if switch.left is not None:
            switch.left -= 1
        return True

    def shown(self) -> dict[str, dict[str, Any]]:
        return {
            name: {
                "says": kind.says,
                "place": kind.place,
                "rate": (switch := self.switches[name]).rate,
                "left": switch.left,
                "seconds": switch.seconds if kind.seconds is not None else None,
                "answer": switch.answer,
                "answers": kind.answers,
                "narrows": kind.whose,
                "whose": sorted(switch.whose),
                "calls": kind.on,
                "on": sorted(switch.on),
            }
            for name, kind in KINDS.items()
        }
