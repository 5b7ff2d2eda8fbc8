"""Encrypted DMs in the chat: how a channel's keys stand, making them, signing in for them, and a PIN that is sent."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot import incoming
from bot.accounts import signing_in
from bot.chat.language import Speaker
from engine.x.chat import pins
from engine.x.chat.reading import Why
from engine.x.client import XSession
from models import vault
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.accounts.chat_keys import ChatKeys, KeyState
from models.accounts.people import Person
from models.database import db as database
from models.database import rest
from models.inbox import Inbox
from models.publishing.drafts import DraftRow
from models.settings import Settings, settings
from models.streaming import chats, unreadable
from models.streaming.chats import Arrived, ChatEvent, ChatStatus
from sandbox.app import Sandbox
from sandbox.people import GROUP
from tasks import accounts
from tasks import chat_keys as asking
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel
from tests.bot.pictures import photo
from tests.tasks.nearby_x import nearby_x, sign_in

DM_WRITE = "tweet.read tweet.write users.read dm.read media.write offline.access dm.write"
PIN = "40718263"


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with nearby_x(monkeypatch) as sandbox:
        monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
        yield sandbox


@pytest.fixture
def owner(x: Sandbox, newcomer: Conversation) -> Conversation:
    """Ana, who has signed @TraficoValle in, with the permission to register keys."""
    sign_in(x, "TraficoValle", scopes=DM_WRITE)
    x.world.user("TraficoValle").channel = True
    Person.update(language=newcomer.language).execute()
    return newcomer


# --- the panel ---------------------------------------------------------------------------------------------


async def test_keys_are_made_by_two_taps_after_it_is_said_what_that_means(x: Sandbox, owner: Conversation) -> None:
    await owner.types("/chatkeys")
    owner.reads("no tiene claves de X Chat todavía|aún no tiene claves", "no keys for X Chat yet")
    await owner.taps("Hacer claves", "Make keys")
    owner.reads(
        "No tiene PIN.*la de tu teléfono.*ya no lo podrá leer nadie", "no PIN.*yours on the phone.*by anybody any more"
    )
    assert chat_keys.pending(channel().id) is None
    await owner.taps("Sí, haz las claves", "Yes, make keys")
    owner.reads("✅ Leo lo que llega cifrado.*se hicieron aquí", "✅ I read what is encrypted.*made here")
    assert len(x.chat.keyrings.registered(channel().x_user_id)) == 1
    await owner.types("/channel")
    owner.reads("🔐 Leo los directos cifrados", "🔐 Encrypted DMs are read")


async def test_what_x_refuses_is_said_in_its_words_and_asked_again(x: Sandbox, owner: Conversation) -> None:
    x.faults.set("refuse_before", 1, times=1, on=["register"], answer="403")
    await owner.types("/chatkeys")
    await owner.taps("Hacer claves", "Make keys")
    await owner.taps("Sí, haz las claves", "Yes, make keys")
    owner.reads("guardadas aquí, selladas.*🚫 X no toma las claves", "kept here, sealed.*🚫 X does not take the keys")
    await owner.taps("Preguntar a X otra vez", "Ask X again")
    owner.reads("✅ Leo lo que llega cifrado", "✅ I read what is encrypted")


async def test_the_permission_is_asked_for_where_it_is_needed_with_the_reason(x: Sandbox, owner: Conversation) -> None:
    Channel.update(scopes=DM_WRITE.removesuffix(" dm.write")).execute()
    await owner.types("/chatkeys")
    await owner.taps("Hacer claves", "Make keys")
    owner.reads(
        "un permiso más.*contestar una sola vez.*sigue igual", "one more permission.*one answer.*goes on as before"
    )
    assert chat_keys.pending(channel().id) is None
    await owner.taps("Entrar otra vez", "Sign in once more")
    asked = owner.reads("un permiso más", "one more permission")
    assert asks_for(asked.buttons[0][0][1]) == set(DM_WRITE.split())
    await owner.types("/connect")
    assert asks_for(owner.reads("Abre X", "Open X").buttons[0][0][1]) == set(DM_WRITE.split()) - {"dm.write"}


async def test_who_signs_in_for_keys_and_has_triggers_is_not_asked_for_them(x: Sandbox, owner: Conversation) -> None:
    assert "AddWords" in str(signing_in.connected(owner_says(owner), channel()))
    await owner.types("/triggers add choque")
    text, rows = signing_in.connected(owner_says(owner), channel())
    assert re.search("Sus reglas están como estaban|rules are as they were", text)
    assert "AddWords" not in str(rows)


def owner_says(owner: Conversation) -> Speaker:
    return Speaker(owner.language)


def asks_for(address: str) -> set[str]:
    return set(parse_qs(urlsplit(address).query)["scope"][0].split())


async def test_keys_of_a_phone_are_the_operators_to_unlock(x: Sandbox, owner: Conversation) -> None:
    x.chat.keyrings.make(channel().x_user_id)
    await owner.types("/chatkeys")
    shown = owner.reads("tiene claves que no están aquí.*chat-keys @TraficoValle.*No lo mandes nunca por aquí",
                        "has keys that are not here.*chat-keys @TraficoValle.*Never send it here")  # fmt: skip
    assert not re.search("Hacer claves|Make keys", str(shown))
    x.chat.keyrings.make(channel().x_user_id)
    chat_keys.begin(channel().id, now())
    asking.ask(channel())  # by the clock: they see it later
    await owner.is_told("tiene claves que no están aquí", "has keys that are not here")


async def test_keys_that_were_made_on_a_phone_meanwhile_are_seen_where_it_is_looked(
    x: Sandbox, owner: Conversation
) -> None:
    await owner.types("/chatkeys")
    owner.reads("aún no tiene claves", "no keys for X Chat yet")
    x.chat.keyrings.make(channel().x_user_id)
    ChatKeys.update(looked_at=now() - timedelta(minutes=6)).execute()
    await owner.types("/chatkeys")
    owner.reads("tiene claves que no están aquí", "has keys that are not here")


async def test_x_away_is_said_and_nothing_is_made(ana: Conversation) -> None:
    await ana.types("/chatkeys")
    ana.reads("X aún no ha dicho", "X has not said yet")
    await ana.taps("Preguntar a X otra vez", "Ask X again")
    ana.reads("X no dio una buena respuesta", "X gave no good answer")
    assert chat_keys.pending(channel().id) is None


async def test_what_could_not_be_read_is_told_once_a_day_with_what_to_do(ana: Conversation) -> None:
    made, at = channel(), now()
    ChatKeys.update(state=KeyState.READY).execute()
    for event in ("one", "two"):
        chats.arrived([Arrived(made.id, 5, 5, event)], at)
    ChatEvent.update(status=ChatStatus.UNREAD, why=Why.FORGED).execute()
    assert [unreadable.tell(at), unreadable.tell(at + timedelta(hours=1))] == [1, 0]
    await ana.is_told("2 directos cifrados.*firma que no es de quien dice.*No hay nada que hacer",
                      "2 encrypted DMs.*signature is not the sender's.*nothing to do")  # fmt: skip
    await ana.types("/channel")
    ana.reads("2 sin poder leer en 24 h", "2 could not be read in 24 h")
    await ana.types("/chatkeys")
    ana.reads("2: una firma", "2: the signature")
    assert unreadable.tell(at + timedelta(hours=25)) == 0  # nothing of it is new
    chats.arrived([Arrived(made.id, 5, 5, "three")], at + timedelta(hours=26))
    ChatEvent.update(status=ChatStatus.UNREAD, why=Why.FORGED).where(ChatEvent.status == ChatStatus.NEW).execute()
    assert unreadable.tell(at + timedelta(hours=26)) == 1


async def test_a_goodbye_says_what_is_lost_with_the_keys(ana: Conversation) -> None:
    await ana.types("/disconnect")
    assert not re.search("claves|keys", ana.answers[-1].text)
    ChatKeys.update(state=KeyState.READY, version="1", sealed=vault.seal("AA==")).execute()
    await ana.types("/disconnect")
    ana.reads("ya no lo podrá leer nadie", "can't be read by anybody")


# --- a PIN -------------------------------------------------------------------------------------------------

REFUSED = (
    "Eso parecía un PIN, así que lo borré.*Nunca necesito el PIN",
    "looked like a PIN, so I have deleted it.*never need the PIN",
)


async def refuses(ana: Conversation, number: int) -> None:
    """What was written is deleted at Telegram and in no table, and its person reads why."""
    await ana.goes_on()
    ana.reads(*REFUSED)
    assert not ana.has(number)
    for table in database.get_tables():
        assert PIN not in str(database.execute_sql(f'SELECT * FROM "{table}"').fetchall()), table


async def is_no_pin(ana: Conversation) -> None:
    """The same number is whatever else it may be, and nothing of it is left for what comes."""
    number = ana.writes(PIN)
    await ana.goes_on()
    assert "PIN" not in ana.answers[-1].text
    assert ana.has(number)
    DraftRow.delete().execute()


async def test_a_pin_is_deleted_and_kept_nowhere(ana: Conversation) -> None:
    for typed in ("mi pin es {pin}", "/pin {pin}", "/chatkeys {pin}", "/post pin {pin}", "clave: {pin}"):
        await refuses(ana, ana.writes(typed.format(pin=PIN)))


async def test_a_bare_number_is_one_near_the_keys_and_a_text_elsewhere(ana: Conversation) -> None:
    await is_no_pin(ana)
    await ana.types("/chatkeys")
    await refuses(ana, ana.writes(PIN))
    Person.update(keys_shown_at=now() - timedelta(days=1)).execute()
    await is_no_pin(ana)
    ChatKeys.update(state=KeyState.ELSEWHERE).execute()
    await refuses(ana, ana.writes(PIN))


async def test_a_number_that_was_asked_for_is_an_answer(ana: Conversation) -> None:
    await ana.types("/chatkeys")
    await ana.types("/schedule")
    await is_no_pin(ana)


async def test_a_caption_and_what_a_message_is_changed_into_count_too(ana: Conversation) -> None:
    await refuses(ana, ana.attaches("nota.png", photo("red"), "mi pin es 40718263"))
    number = ana.writes("hola")
    await ana.goes_on()
    await ana.edits(number, "mi pin es 40718263")
    await refuses_edited(ana, number)


async def refuses_edited(ana: Conversation, number: int) -> None:
    ana.reads(*REFUSED)
    assert not ana.has(number)


@pytest.mark.parametrize("after", [False, True])
async def test_who_dies_over_it_leaves_a_mark_and_no_number(ana: Conversation, after: bool) -> None:
    ChatKeys.update(state=KeyState.ELSEWHERE).execute()
    number = ana.writes(PIN)
    assert await ana.the_bot_dies(0, after=after)
    assert pins.MARK in json.loads(Inbox.get(Inbox.done_at.is_null()).payload)["message"]["text"]
    await refuses(ana, number)


async def test_what_is_quoted_in_an_answer_holds_none_either(ana: Conversation) -> None:
    said = {"message_id": 5, "text": f"mi pin es {PIN}", "from": {"id": 7, "is_bot": False}}
    asked = {**said, "text": "¿lo viste?", "reply_to_message": said, "quote": {"text": said["text"], "position": 0}}
    update = {"update_id": 1, "message": asked}
    (kept,) = incoming.read([update])
    assert PIN not in kept.payload
    assert pins.MARK in json.loads(kept.payload)["message"]["reply_to_message"]["text"]


async def test_in_a_group_a_pin_is_deleted_too(ana: Conversation) -> None:
    for typed in (f"/chatkeys {PIN}", f"/pin {PIN}"):
        number = ana.writes(typed, group=GROUP[0])
        await ana.goes_on()
        told = re.search("así que lo borré.*Nunca|have deleted it.*I never", ana.in_group(GROUP[0]), re.DOTALL)
        assert told, ana.in_group(GROUP[0])
        assert not ana.has(number, GROUP[0])
        assert all(PIN not in row.payload for row in Inbox.select())
