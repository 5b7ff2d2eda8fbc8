"""The PIN-guarded backup of keys, as X keeps it: two realms of the Juicebox protocol, which X's library asks directly.

They never see the PIN: a realm multiplies a blinded point by a number that it keeps for the account, and proves it.
Too many wrong guesses, and what it keeps is gone.
"""

import hashlib
import json
import secrets
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.chat import cbor, ristretto

REALMS = ("7a9d0f6cb1e84d2f9d1c35a8e0b74c11", "c3e1b8527f604a9e8b6d2a90f4d15e22")
MOST_GUESSES = 20
HASHING, QUICK_HASHING = "Standard2019", "FastInsecure"
PROOF = b"Juicebox_DLEQ_2023_1;"


@dataclass
class Kept:
    """What a realm keeps for an account, and how often somebody guessed since the last right guess."""

    registered: dict[str, Any]
    guesses: int = 0

    @property
    def most(self) -> int:
        return int(self.registered["policy"]["num_guesses"])


@dataclass
class Backups:
    """Both realms. `hashing`: how costly a guess is for who guesses; `asked` counts what they were asked, by name."""

    hashing: str = HASHING
    asked: Counter[str] = field(default_factory=Counter)
    _kept: dict[tuple[str, int], Kept] = field(default_factory=dict)
    _tokens: dict[str, int] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/x/backup/{realm}/req", self._serve)]

    def config(self, user_id: int, origin: str) -> dict[str, Any]:
        """The `juicebox_config` of an account: where its realms are, and tokens that open them for it alone."""
        realms = [{"id": realm, "address": f"{origin}/x/backup/{realm}/"} for realm in REALMS]
        tokens = []
        for realm in realms:
            token = secrets.token_urlsafe(24)
            self._tokens[token] = user_id
            tokens.append({"key": realm["id"], "value": {"address": realm["address"], "token": token}})
        store = {
            "realms": realms,
            "register_threshold": len(REALMS),
            "recover_threshold": len(REALMS),
            "pin_hashing_mode": self.hashing,
        }
        return {"key_store_token_map_json": json.dumps(store), "max_guess_count": MOST_GUESSES, "token_map": tokens}

    def forget(self, user_id: int) -> None:
        """The backup is gone."""
        for realm in REALMS:
            self._kept.pop((realm, user_id), None)

    async def _serve(self, request: web.Request) -> web.Response:
        user_id = self._tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if user_id is None:
            return web.Response(status=401)
        try:
            asked = cbor.unpacked(await request.read())
            name, given = (asked, {}) if isinstance(asked, str) else next(iter(asked.items()))
            told = self._answered(request.match_info["realm"], user_id, name, given)
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
            return web.Response(status=400)
        self.asked[name] += 1
        return web.Response(body=cbor.packed({name: told}), content_type="application/octet-stream")

    def _answered(self, realm: str, user_id: int, name: str, given: dict[str, Any]) -> Any:
        """What a realm says to one of the protocol's questions. Raises KeyError for one that it does not know."""
        kept = self._kept.get((realm, user_id))
        if name == "Register1":
            return "Ok"
        if name == "Register2":
            self._kept[realm, user_id] = Kept(given)
            return "Ok"
        if name == "Delete":
            self._kept.pop((realm, user_id), None)
            return "Ok"
        if kept is None:
            return "NotRegistered"
        if kept.guesses >= kept.most:
            return "NoGuesses"
        if name == "Recover1":
            return {"Ok": {"version": kept.registered["version"]}}
        if given["version"] != kept.registered["version"]:
            return "VersionMismatch"
        return {"Recover2": _evaluated, "Recover3": _opened}[name](kept, given)


def _evaluated(kept: Kept, given: dict[str, Any]) -> Any:
    """A guess: the blinded point times the secret number, and the proof that it was that number."""
    kept.guesses += 1
    secret = int.from_bytes(kept.registered["oprf_private_key"], "little")
    public = kept.registered["oprf_signed_public_key"]
    point = ristretto.decoded(given["oprf_blinded_input"])
    result, chance = (point * secret).encoded(), secrets.randbelow(ristretto.ORDER)
    shown = [given["oprf_blinded_input"], public["public_key"], result]
    shown += [(ristretto.BASE * chance).encoded(), (point * chance).encoded()]
    challenge = int.from_bytes(hashlib.sha512(PROOF + b"".join(shown)).digest(), "little") % ristretto.ORDER
    answer = (chance + secret * challenge) % ristretto.ORDER
    return {
        "Ok": {
            "oprf_signed_public_key": public,
            "oprf_blinded_result": result,
            "oprf_proof": {"c": challenge.to_bytes(32, "little"), "beta_z": answer.to_bytes(32, "little")},
            "unlock_key_commitment": kept.registered["unlock_key_commitment"],
            "num_guesses": kept.most,
            "guess_count": kept.guesses,
        }
    }


def _opened(kept: Kept, given: dict[str, Any]) -> Any:
    """What was kept, for who knows the tag that only the right PIN leads to."""
    if not secrets.compare_digest(given["unlock_key_tag"], kept.registered["unlock_key_tag"]):
        return {"BadUnlockKeyTag": {"guesses_remaining": kept.most - kept.guesses}}
    kept.guesses = 0
    names = ("encryption_key_scalar_share", "encrypted_secret", "encrypted_secret_commitment")
    return {"Ok": {name: kept.registered[name] for name in names}}
