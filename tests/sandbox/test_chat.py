"""X Chat in the sandbox: what is on its wire is encrypted by X's own library, and only that library reads it."""

import asyncio
import base64
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from chat_xdk import Chat, guesses_remaining

from sandbox.faults import CHAT_FORGED, CHAT_OTHER_KEY
from tests.conftest import SPECS
from tests.sandbox.on_the_wire import Answer, Wired
from tests.sandbox.test_specs import foreign_keys
from tests.specs import wrong_with_x

NEIGHBOUR = "maria_rdz"


class Reader:
    """A channel that reads X Chat with X's library, as a service would."""

    def __init__(self, wired: Wired, stream: Any) -> None:
        self.wired, self._stream, self.library = wired, stream, Chat()
        self.library.set_cache_keys(True)

    async def registers(self) -> Answer:
        """New keys of its own, made here and registered at X."""
        made = self.library.generate_keypairs()
        names = ("public_key", "signing_public_key", "identity_public_key_signature", "registration_method")
        pair = {name: getattr(made.public_key, name) for name in names}
        body = {"public_key": pair, "version": made.version, "generate_version": made.generate_version}
        answer = await self.wired.x("POST", f"/2/users/{self.wired.channel.id}/public_keys", body)
        if answer.status == 200:
            self.library.set_identity(str(self.wired.channel.id), answer.body["data"]["public_key_version"])
        return answer

    async def keys_of(self, handle: str) -> list[dict[str, str]]:
        """Somebody's public keys, as the library takes them."""
        user = self.wired.sandbox.world.user(handle)
        told = (await self.wired.x("GET", f"/2/users/{user.id}/public_keys")).body.get("data", [])
        return [
            {
                "user_id": str(user.id),
                "public_key_version": k["public_key_version"],
                "public_key": k["signing_public_key"],
                "identity_public_key": k["public_key"],
                "identity_public_key_signature": k["identity_public_key_signature"],
            }
            for k in told
        ]

    async def knows(self, *handles: str) -> None:
        keys = [k for h in (*handles, self.wired.channel.handle) for k in await self.keys_of(h)]
        self.library.set_signing_keys(keys)

    async def hears(self) -> dict[str, Any]:
        """The next event on the stream."""
        while not (line := (await self._stream.content.readline()).strip()):
            pass
        told: dict[str, Any] = json.loads(line)
        return told

    async def reads(self) -> dict[str, Any]:
        """The next event, decrypted. Raises ValueError for what can't be believed or read."""
        payload = (await self.hears())["data"]["payload"]
        change = payload.get("conversation_key_change_event")
        if change and (errors := self.library.decrypt_events([change])["errors"]):
            raise ValueError(errors)
        read: dict[str, Any] = self.library.decrypt_event(payload["encoded_event"])
        return read

    async def reads_back(self, **query: str) -> tuple[list[dict[str, Any]], Answer]:
        """What its conversation with the neighbour holds, the newest first."""
        other = self.wired.sandbox.world.user(NEIGHBOUR)
        answer = await self.wired.x("GET", f"/2/chat/conversations/{other.id}/events", **query)
        events = [e["encoded_event"] for e in answer.body.get("data", [])]
        read = self.library.decrypt_events([*answer.body["meta"].get("conversation_key_events", []), *events])
        return [m["event"] for m in read["messages"] if m["event"]["type"] != "KeyChange"], answer


@asynccontextmanager
async def reading(*, keys: bool = True) -> AsyncIterator[Reader]:
    """A channel that listens to chat.received, with keys that are registered."""
    async with Wired() as wired:
        mine = {"event_type": "chat.received", "filter": {"user_id": str(wired.channel.id)}, "tag": "canales"}
        assert (await wired.x("POST", "/2/activity/subscriptions", mine)).status == 200
        async with wired.listens() as stream:
            await wired.connected()
            reader = Reader(wired, stream)
            if keys:
                assert (await reader.registers()).status == 200
                await reader.knows(NEIGHBOUR)
            yield reader
        if SPECS.exists():
            calls = [e for e in wired.sandbox.wire.exchanges if e.peer == "x" and e.route != "/2/activity/stream"]
            shown = [{f: getattr(e, f) for f in e.__slots__} for e in calls]
            assert sorted({p for e in shown for p in wrong_with_x(e)}) == []


async def act(reader: Reader, **body: Any) -> Any:
    return await reader.wired.does("x/chat", **body)


async def says(reader: Reader, text: str, **more: Any) -> str:
    """The neighbour writes it; its id."""
    said = await act(reader, act="say", handle=NEIGHBOUR, to=reader.wired.channel.handle, text=text, **more)
    return str(said["id"])


async def test_a_dm_comes_encrypted_with_its_key_once_and_in_the_shape_of_the_sample() -> None:
    async with reading() as reader:
        await says(reader, "Choque en el puente")
        first = await reader.hears()
        payload = first["data"]["payload"]
        assert "Choque" not in json.dumps(first)
        assert b"Choque" not in base64.b64decode(payload["encoded_event"])
        if SPECS.exists():
            sample = json.loads((SPECS / "x-events" / "chat.received.json").read_text())
            assert foreign_keys(first, sample, "chat.received") == []
            assert foreign_keys(sample, first, "chat.received") == []
        assert uuid.UUID(first["data"]["event_uuid"]).version == 4
        assert reader.library.decrypt_events([payload["conversation_key_change_event"]])["errors"] == {}
        read = reader.library.decrypt_event(payload["encoded_event"])
        assert (read["content"]["text"], read["verified"]) == ("Choque en el puente", True)
        await says(reader, "Ya pasó")
        second = (await reader.hears())["data"]["payload"]
        assert "conversation_key_change_event" not in second
        assert reader.library.decrypt_event(second["encoded_event"])["content"]["text"] == "Ya pasó"


async def test_a_key_is_rotated_with_the_next_message_or_by_itself() -> None:
    async with reading() as reader:
        await says(reader, "uno")
        before = (await reader.reads())["key_version"]
        rotation = {"act": "rotate", "handle": NEIGHBOUR, "to": reader.wired.channel.handle}
        await act(reader, **rotation)
        await says(reader, "dos")
        assert before < (await reader.reads())["key_version"]
        await act(reader, **rotation, alone=True)
        alone = (await reader.hears())["data"]["payload"]
        (change,) = reader.library.decrypt_events([alone["encoded_event"]])["messages"]
        assert (change["event"]["type"], change["event"]["verified"]) == ("KeyChange", True)
        await says(reader, "tres")
        assert (await reader.reads())["content"]["text"] == "tres"


async def test_edits_reactions_answers_deletions_and_photos_are_events_of_their_own() -> None:
    async with reading() as reader:
        first = await says(reader, "Choke")
        await act(reader, act="edit", id=first, text="Choque")
        await act(reader, act="react", handle=NEIGHBOUR, id=first, emoji="👍")
        await act(reader, act="react", handle=NEIGHBOUR, id=first, emoji="👍", take_back=True)
        await act(reader, act="answer", handle=NEIGHBOUR, id=first, text="sigo aquí")
        await says(reader, "mira", media=True)
        await act(reader, act="delete", id=first)
        heard = [await reader.reads() for _ in range(7)]
        contents = [e["content"] for e in heard[:6]]
        kinds = ["Text", "Edit", "Reaction", "ReactionRemoved", "Text", "Text"]
        assert [c["content_type"] for c in contents] == kinds
        assert [c["target_message_id"] for c in contents[1:4]] == [first] * 3
        assert (contents[1]["new_text"], contents[4]["replying_to_preview"]["message_text"]) == ("Choque", "Choke")
        assert contents[5]["attachments"][0]["media"]["type"] == "IMAGE"
        assert (heard[6]["type"], heard[6]["message_ids"], heard[6]["verified"]) == ("MessageDeleted", [first], True)


async def test_a_group_is_heard_too_and_says_that_it_is_one() -> None:
    async with reading() as reader:
        people = {"handle": NEIGHBOUR, "members": ["elpanadero", reader.wired.channel.handle], "name": "Vecinos"}
        group = (await act(reader, act="group", **people))["id"]
        founded = await reader.hears()
        assert founded["data"]["payload"]["conversation_id"] == group
        assert reader.library.decrypt_event(founded["data"]["payload"]["encoded_event"])["type"] == "GroupChange"
        await act(reader, act="group_say", handle=NEIGHBOUR, id=group, text="a todos")
        assert (await reader.reads())["content"]["text"] == "a todos"


@pytest.mark.parametrize("answer", CHAT_FORGED)
async def test_what_is_forged_is_refused_and_the_next_message_is_read(answer: str) -> None:
    async with reading() as reader:
        await says(reader, "antes")
        await reader.reads()
        await reader.wired.breaks("chat_forged", answer=answer, times=1, whose=reader.wired.channel.handle)
        await says(reader, "mentira")
        with pytest.raises(ValueError, match=r"."):
            await reader.reads()
        await says(reader, "después")
        assert (await reader.reads())["content"]["text"] == "después"


@pytest.mark.parametrize("answer", CHAT_OTHER_KEY)
async def test_what_is_under_another_key_is_not_read_and_the_next_message_is(answer: str) -> None:
    async with reading() as reader:
        await reader.wired.breaks("chat_other_key", answer=answer, times=1)
        await says(reader, "ilegible")
        with pytest.raises(ValueError, match=r"."):
            await reader.reads()
        await says(reader, "legible")
        reader.library.decrypt_events((await reader.reads_back())[1].body["meta"]["conversation_key_events"])
        assert (await reader.reads())["content"]["text"] == "legible"


async def test_a_key_change_comes_late_or_never_and_is_there_to_be_read_back() -> None:
    async with reading() as reader:
        await reader.wired.breaks("chat_key_late", seconds=0, times=1)
        await says(reader, "sin llave todavía")
        early, late = [(await reader.hears())["data"]["payload"] for _ in range(2)]
        assert "conversation_key_change_event" not in early
        with pytest.raises(ValueError, match="key"):
            reader.library.decrypt_event(early["encoded_event"])
        assert reader.library.decrypt_events([late["encoded_event"]])["errors"] == {}
        assert reader.library.decrypt_event(early["encoded_event"])["content"]["text"] == "sin llave todavía"
        await act(reader, act="rotate", handle=NEIGHBOUR, to=reader.wired.channel.handle)
        await reader.wired.breaks("chat_key_missing", times=1)
        await says(reader, "y ahora")
        assert "conversation_key_change_event" not in (await reader.hears())["data"]["payload"]
        read, _ = await reader.reads_back()
        assert [e["content"]["text"] for e in read] == ["y ahora", "sin llave todavía"]


async def test_what_was_missed_is_read_back_page_by_page_by_the_inbox_and_the_conversation() -> None:
    async with reading() as reader:
        for number in range(5):
            await says(reader, f"mensaje {number}")
        inbox = await reader.wired.x("GET", "/2/chat/conversations", expansions="participant_ids")
        (talk,) = inbox.body["data"]
        assert str(reader.wired.channel.id) in talk["participant_ids"]
        assert talk["id"] == "-".join(sorted(talk["participant_ids"], key=int))
        read, answer = await reader.reads_back(max_results="2")
        while token := answer.body["meta"].get("next_token"):
            assert answer.body["meta"]["has_more"]
            more, answer = await reader.reads_back(max_results="2", pagination_token=token)
            read += more
        assert [e["content"]["text"] for e in read] == [f"mensaje {n}" for n in (4, 3, 2, 1, 0)]
        by_id = await reader.wired.x("GET", f"/2/chat/conversations/{talk['id']}/events", **{
            "chat_message_event.fields": "sender_id,encoded_event"})  # fmt: skip
        assert set(by_id.body["data"][0]) == {"id", "sender_id", "encoded_event"}
        assert (await reader.wired.x("GET", "/2/chat/conversations/1000007919-1000015838/events")).status == 404


async def test_a_channel_answers_once_and_its_neighbour_reads_it() -> None:
    async with reading() as reader:
        mine, other = str(reader.wired.channel.id), str(reader.wired.sandbox.world.user(NEIGHBOUR).id)
        people = {mine: await reader.keys_of(reader.wired.channel.handle), other: await reader.keys_of(NEIGHBOUR)}
        known = [
            {"user_id": i, "public_key": k[-1]["identity_public_key"], "key_version": k[-1]["public_key_version"]}
            for i, k in people.items()
        ]
        change = reader.library.prepare_conversation_key_change(known)
        signed = [
            {
                "message_id": a["message_id"],
                "encoded_message_event_detail": a["encoded_message_event_detail"],
                "message_event_signature": {k: a[k] for k in ("signature", "public_key_version", "signature_version")},
            }
            for a in change["action_signatures"]
        ]
        keys = [
            {
                "user_id": k["user_id"],
                "encrypted_conversation_key": k["encrypted_key"],
                "public_key_version": k["public_key_version"],
            }
            for k in change["participant_keys"]
        ]
        version = change["conversation_key_version"]
        body = {
            "conversation_key_version": version,
            "conversation_participant_keys": keys,
            "action_signatures": signed,
        }
        talk = f"/2/chat/conversations/{other}"
        assert (await reader.wired.x("POST", f"{talk}/keys", body)).status == 200
        assert (await reader.wired.x("POST", f"{talk}/keys", body)).status == 403, "it has a newer one"
        made = reader.library.encrypt_message(
            change["conversation_id"],
            "¡Gracias!",
            conversation_key=change["conversation_key"],
            conversation_key_version=version,
        )
        message = {
            "message_id": made.message_id,
            "encoded_message_create_event": made.encrypted_content,
            "encoded_message_event_signature": made.encoded_event_signature,
        }
        answers = [await reader.wired.x("POST", f"{talk}/messages", message) for _ in range(2)]
        assert [a.status for a in answers] == [201, 201]
        assert answers[0].body == answers[1].body
        told = f"chat:{mine}:{change['conversation_id']}:¡Gracias!"
        assert reader.wired.sandbox.world.accepted[told] == 1
        forged = await reader.wired.x("POST", f"{talk}/messages", {**message, "message_id": str(uuid.uuid4())})
        assert forged.status == 403
        assert (await reader.wired.x("POST", f"{talk}/read", {"seen_until_sequence_id": "5"})).status == 200
        await says(reader, "De nada")
        assert "conversation_key_change_event" not in (await reader.hears())["data"]["payload"], "it made it itself"


async def test_keys_are_refused_without_the_scope_and_where_they_are_not_bound() -> None:
    async with reading(keys=False) as reader:
        mine = f"/2/users/{reader.wired.channel.id}/public_keys"
        assert (await reader.wired.x("GET", mine)).body == {}
        said = await reader.wired.http.post(
            "/sandbox/x/say",
            json={"handle": NEIGHBOUR, "kind": "dm", "encrypted": True, "to": "TraficoValle", "text": "hola"},
        )
        assert (said.status, "no keys" in (await said.json())["detail"]) == (403, True)
        await reader.wired.does("x/act", act="narrow", handle="TraficoValle", scope="dm.write")
        refused = await reader.registers()
        assert (refused.status, "dm.write" in refused.body["detail"]) == (403, True)
        reader.wired.pair = reader.wired.sandbox.world.tokens.new_pair(reader.wired.channel.id)
        other = f"/2/users/{reader.wired.sandbox.world.user(NEIGHBOUR).id}/public_keys"
        unbound = {"public_key": "QUJD", "signing_public_key": "QUJD", "identity_public_key_signature": "QUJD"}
        body = {"public_key": unbound, "version": "1"}
        assert (await reader.wired.x("POST", mine, body)).status == 400
        assert (await reader.wired.x("POST", other, body)).status == 403
        assert (await reader.registers()).status == 200


async def test_keys_may_be_registered_a_few_times_a_day() -> None:
    async with reading() as reader:
        answers = [await reader.registers() for _ in range(5)]
        assert [a.status for a in answers] == [200, 200, 200, 200, 429]
        assert answers[-1].headers["x-user-limit-24hour-remaining"] == "0"
        assert len(await reader.keys_of("TraficoValle")) == 5


async def test_an_account_has_keys_already_on_its_owner_s_phone() -> None:
    async with reading(keys=False) as reader:
        made = await act(reader, act="make_keys", handle="TraficoValle")
        (told,) = (await reader.wired.x("GET", f"/2/users/{reader.wired.channel.id}/public_keys")).body["data"]
        assert (told["public_key_version"], set(told["juicebox_config"])) == (
            made["version"],
            {"key_store_token_map_json", "max_guess_count", "token_map"},
        )
        assert not Chat(json.dumps(told["juicebox_config"])).is_unlocked(), "the library takes it as it is"
        (hers,) = (await reader.wired.x("GET", f"/2/users/{reader.wired.sandbox.world.user(NEIGHBOUR).id}/public_keys",
                                        **{"public_key.fields": "public_key,juicebox_config"})).body["data"]  # fmt: skip
        assert set(hers) == {"public_key"}, "where somebody else's backup is, nobody is told"
        reader.library.import_keys(base64.b64decode(made["keys"]), version=made["version"])
        reader.library.set_identity(str(reader.wired.channel.id), made["version"])
        await reader.knows(NEIGHBOUR)
        await says(reader, "hola")
        assert (await reader.reads())["content"]["text"] == "hola"
        await act(reader, act="make_keys", handle="TraficoValle")
        await says(reader, "para el teléfono nuevo")
        with pytest.raises(ValueError, match=r"."):
            await reader.reads()


async def test_keys_are_unlocked_with_the_pin_by_x_s_library_alone_and_wrong_guesses_are_counted() -> None:
    async with reading(keys=False) as reader:
        made = await act(reader, act="make_keys", handle="TraficoValle", pin="8315", quick=True)
        (told,) = (await reader.wired.x("GET", f"/2/users/{reader.wired.channel.id}/public_keys")).body["data"]
        phone = Chat(json.dumps(told["juicebox_config"]))
        for left in (19, 18):
            with pytest.raises(ValueError, match="Invalid PIN") as wrong:
                await asyncio.to_thread(phone.unlock, "1111")
            assert guesses_remaining(wrong.value) == left
        await asyncio.to_thread(phone.unlock, "8315")
        assert bytes(phone.export_keys() or b"") == base64.b64decode(made["keys"])
        with pytest.raises(ValueError, match="Invalid PIN") as wrong:
            await asyncio.to_thread(phone.unlock, "1111")
        assert guesses_remaining(wrong.value) == 19, "they are counted anew"
        reader.wired.sandbox.chat.backups.forget(reader.wired.channel.id)
        with pytest.raises(ValueError, match="not registered"):
            await asyncio.to_thread(phone.unlock, "8315")


async def test_the_same_dm_comes_by_both_ways_and_once_more() -> None:
    async with reading() as reader:
        mine = {"event_type": "dm.received", "filter": {"user_id": str(reader.wired.channel.id)}, "tag": "canales"}
        await reader.wired.x("POST", "/2/activity/subscriptions", mine)
        event = await says(reader, "Choque", both=True)
        await act(reader, act="again", id=event)
        new, old, again = [(await reader.hears())["data"] for _ in range(3)]
        assert (new["event_type"], old["event_type"]) == ("chat.received", "dm.received")
        assert new["payload"]["encoded_event"] == again["payload"]["encoded_event"]
        assert new["event_uuid"] != again["event_uuid"]


async def test_a_burst_is_made_before_the_first_goes() -> None:
    async with reading() as reader:
        lines = [[NEIGHBOUR, f"choque {n}"] for n in range(20)]
        await act(reader, act="burst", messages=lines, to="TraficoValle")
        assert [(await reader.reads())["content"]["text"] for _ in lines] == [text for _, text in lines]
