"""What is encrypted is believed only as far as its sender signed it, for this conversation; keys are made by X's library."""

import base64
import json
import random
from datetime import UTC, datetime

import pytest

from engine.x import events
from engine.x.chat.envelope import Detail, Malformed, envelope_of
from engine.x.chat.reading import NewKey, Nothing, Reader, Said, TakenBack, Unread, Why
from engine.x.encrypted import Encrypted
from tests.chatting import Talk, Talker

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
CHANNEL, JUAN, EVE = Talker(1215441834412953600), Talker(1843439638876491776), Talker(1900000000000000000)


@pytest.fixture(scope="module")
def talk() -> Talk:
    return Talk(JUAN, CHANNEL, NOW)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(CHANNEL.x_user_id, CHANNEL.blob, CHANNEL.version)


def read(
    reader: Reader, talk: Talk, event: str, *, keys: dict[str, bytes] | None = None, sender: Talker = JUAN
) -> object:
    known = {k.version: k.value for k in talk.keys} if keys is None else keys
    signers = [JUAN.signer, CHANNEL.signer, EVE.signer]
    try:
        return reader.read(event, sender.x_user_id, JUAN.x_user_id, known, signers)
    except Unread as unread:
        return unread.why


def test_a_message_says_what_its_sender_wrote(reader: Reader, talk: Talk) -> None:
    said = read(reader, talk, talk.write("Choque en la A6 🚗"))
    assert isinstance(said, Said)
    assert (said.text, said.media, said.edits) == ("Choque en la A6 🚗", False, "")
    assert said.envelope.sequence == str(talk.sequence)
    assert said.envelope.created_ms == NOW.timestamp() * 1000


def test_a_key_is_learnt_from_the_change_that_one_of_the_two_signed(reader: Reader, talk: Talk) -> None:
    key = talk.keys[0]
    found = read(reader, talk, key.change, keys={})
    assert isinstance(found, NewKey)
    assert (found.version, found.key) == (key.version, key.value)


def test_without_the_key_it_says_which_one_it_waits_for(reader: Reader, talk: Talk) -> None:
    with pytest.raises(Unread) as unread:
        reader.read(talk.write("hola"), JUAN.x_user_id, JUAN.x_user_id, {}, [JUAN.signer])
    assert (unread.value.why, unread.value.needs_key) == (Why.UNKNOWN_KEY, talk.keys[-1].version)


def test_without_the_senders_public_keys_it_says_whose_it_waits_for(reader: Reader, talk: Talk) -> None:
    for signers in ([], [CHANNEL.signer], [EVE.signer]):
        with pytest.raises(Unread) as unread:
            reader.read(talk.write("hola"), JUAN.x_user_id, JUAN.x_user_id, {}, signers)
        assert (unread.value.why, unread.value.needs_signer) == (Why.NO_SIGNER, JUAN.x_user_id)


def test_what_is_not_signed_by_its_sender_is_forged(reader: Reader, talk: Talk) -> None:
    under = {"conversation_key": talk.keys[-1].value, "conversation_key_version": talk.keys[-1].version}
    as_juan = EVE.chat.encrypt_message(
        talk.id, "x", sender_id=str(JUAN.x_user_id), signing_key_version=JUAN.version, **under
    )
    true = JUAN.chat.encrypt_message(talk.id, "hola", **under)
    wrong_key = JUAN.chat.encrypt_message(talk.id, "x", **(under | {"conversation_key": b"\1" * 32}))
    assert read(reader, talk, talk.sent(as_juan, JUAN)) is Why.FORGED
    assert read(reader, talk, talk.sent(true, JUAN, message_id="another")) is Why.FORGED
    assert read(reader, talk, talk.sent(wrong_key, JUAN)) is Why.FORGED


def test_what_is_of_others_is_misaddressed_however_well_it_is_signed(reader: Reader, talk: Talk) -> None:
    """A third person with keys of their own; another conversation of the sender's; another sender than X said."""
    under = {"conversation_key": talk.keys[-1].value, "conversation_key_version": talk.keys[-1].version}
    by_eve = talk.sent(EVE.chat.encrypt_message(talk.id, "x", **under), EVE)
    elsewhere = Talk(JUAN, EVE, NOW)
    keys = {k.version: k.value for k in (*talk.keys, *elsewhere.keys)}
    assert read(reader, talk, by_eve) is Why.MISADDRESSED
    assert read(reader, talk, by_eve, sender=EVE) is Why.MISADDRESSED
    assert read(reader, talk, elsewhere.write("x"), keys=keys) is Why.MISADDRESSED
    assert read(reader, talk, talk.write("x"), sender=CHANNEL) is Why.MISADDRESSED
    moved = talk.sent(JUAN.chat.encrypt_message(elsewhere.id, "x", **under), JUAN)
    assert read(reader, talk, moved) is Why.FORGED


def test_a_key_change_of_a_third_person_is_not_believed(reader: Reader, talk: Talk) -> None:
    made = EVE.chat.prepare_conversation_key_change(
        [JUAN.as_recipient(), CHANNEL.as_recipient()], conversation_id=talk.id
    )
    assert read(reader, talk, talk.action(made["action_signatures"][0], EVE), keys={}, sender=EVE) is Why.MISADDRESSED
    assert read(reader, talk, talk.action(made["action_signatures"][0], JUAN), keys={}) is not None
    signed = made["action_signatures"][0] | {"public_key_version": JUAN.version}
    assert read(reader, talk, talk.action(signed, JUAN), keys={}) is Why.FORGED


def test_what_was_encrypted_to_other_keys_of_the_account_is_told_from_a_forgery(talk: Talk) -> None:
    older = Reader(CHANNEL.x_user_id, CHANNEL.blob, "17")
    assert read(older, talk, talk.keys[0].change, keys={}) is Why.OTHER_KEYS


def test_edits_deletions_media_and_what_tells_nothing(reader: Reader, talk: Talk) -> None:
    event = talk.write("hola")
    first = talk.sequence
    edited, gone = read(reader, talk, talk.edit(event, "adiós")), read(reader, talk, talk.delete(first))
    assert isinstance(edited, Said)
    assert isinstance(gone, TakenBack)
    assert (edited.text, edited.edits, gone.sequences) == ("adiós", str(first), (str(first),))
    assert read(reader, talk, talk.delete(first, for_all=False)) == Nothing()
    assert read(reader, talk, talk.react(event, "👍")) == Nothing()
    kinds = ((1, "photo"), (2, "gif"), (3, "video"), (4, "voice"), (5, "file"), (6, "photo"), (9, ""))
    for kind, called in kinds:
        shown = {"attachment_type": "media", "media_hash_key": "k", "width": 1, "height": 1, "filesize_bytes": 1}
        said = read(reader, talk, talk.write("", attachments=[shown | {"filename": "f", "media_type": kind}]))
        assert isinstance(said, Said)
        assert (said.media, said.media_kinds) == (True, called)
    linked = read(reader, talk, talk.write("mira", attachments=[{"attachment_type": "url", "url": "https://a.es/b"}]))
    assert isinstance(linked, Said)
    assert (linked.text, linked.media) == ("mira https://a.es/b", False)


def test_whatever_bytes_come_it_is_read_as_signed_or_not_at_all(reader: Reader, talk: Talk) -> None:
    """Bits turned over anywhere: what is still read says what was signed, and nothing else is raised."""
    chance = random.Random(13)
    whole = [base64.b64decode(e) for e in (talk.write("hola"), talk.keys[-1].change, talk.delete(1))]
    for _ in range(300):
        raw = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 3)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        cut = raw[: chance.randrange(len(raw))] if chance.random() < 0.2 else raw
        found = read(reader, talk, base64.b64encode(cut).decode())
        if isinstance(found, Said):
            assert found.text == "hola"
        if isinstance(found, NewKey):
            assert found.key == talk.keys[-1].value


@pytest.mark.parametrize("event", ["", "AAAA", "$$$$", "CwABAAAA", "DAAH" * 100, "A" * 300_000, "Dw" * 40, "ñandú"])
def test_what_is_no_event_is_malformed(event: str, reader: Reader, talk: Talk) -> None:
    with pytest.raises(Malformed):
        envelope_of(event)
    assert read(reader, talk, event) is Why.MALFORMED


def test_the_outside_says_what_reading_needs(talk: Talk) -> None:
    outside = envelope_of(talk.keys[0].change)
    assert outside.detail is Detail.KEY_CHANGE
    assert outside.sealed_for == {CHANNEL.x_user_id: CHANNEL.version, JUAN.x_user_id: JUAN.version}
    assert (outside.key_version, outside.signer_version) == (talk.keys[0].version, JUAN.version)


def test_nothing_secret_is_shown_of_a_value(reader: Reader, talk: Talk) -> None:
    key, said = read(reader, talk, talk.keys[0].change), read(reader, talk, talk.write("un secreto"))
    shown = f"{reader!r} {key!r} {said!r} {Unread(Why.FORGED)!r}"
    assert talk.keys[0].value.hex() not in shown
    assert repr(talk.keys[0].value) not in shown
    assert "un secreto" not in shown


# --- lines of the stream -----------------------------------------------------------------------------------

LINE = (
    b'{"data":{"event_type":"chat.received","event_uuid":"u","payload":{"conversation_id":"%s","sender_id":"%s",'
    b'"encoded_event":"AAAA","conversation_key_version":"1"%s}}}'
)


def test_the_channel_is_the_one_of_the_two_that_did_not_send_it() -> None:
    line = LINE % (b"12-34", b"34", b',"conversation_key_change_event":"BBBB"')
    assert events.parse_line(line, NOW) == [Encrypted(12, 34, "AAAA", "BBBB")]
    assert events.parse_line(LINE % (b"12:34", b"12", b""), NOW) == [Encrypted(34, 12, "AAAA")]


def test_what_several_talk_about_is_never_heard() -> None:
    assert events.parse_line(LINE % (b"g123", b"34", b""), NOW) == [events.Unknown("chat.received")]


@pytest.mark.parametrize(
    ("conversation", "sender", "more"),
    [
        (b"12-34", b"56", b""), (b"12", b"12", b""), (b"12-12", b"12", b""), (b"12-34-56", b"34", b""),
        (b"", b"34", b""), (b"12-99999999999999999999", b"12", b""), (b"12-9999999999999999999", b"12", b""),
        (b"12-34", b"\\u0663\\u0664", b""), (b"12-34", b"34", b',"encoded_event":7'),
        (b"12-34", b"34", b',"encoded_event":""'), (b"12-34", b"34", b',"encoded_event":"\\ud800"'),
        (b"12-34", b"34", b',"conversation_key_change_event":["BBBB"]'), (b"0-34", b"34", b""),
        (b"12-34", b"34", b',"encoded_event":"AA\\u0000A"'), (b"12-34", b"34", b',"encoded_event":"AA\\nAA"'),
    ],
)  # fmt: skip
def test_a_line_of_another_shape_is_malformed(conversation: bytes, sender: bytes, more: bytes) -> None:
    with pytest.raises(events.MalformedEvent):
        events.parse_line(LINE % (conversation, sender, more), NOW)


# --- the old way -------------------------------------------------------------------------------------------


def old_way(**create: object) -> list[events.Event]:
    message = {"message_create": {"sender_id": "34", "message_data": {"text": "hola"}, **create}}
    payload = {"direct_message_events": [{"id": "5", "type": "message_create", **message}]}
    data = {"event_type": "dm.received", "filter": {"user_id": "12"}, "payload": payload}
    return events.parse_line(json.dumps({"data": data}).encode(), NOW)


def test_old_direct_messages_of_several_are_not_heard_either() -> None:
    assert len(old_way(target={"recipient_id": "12"})) == 1
    for target in ({"recipient_id": "99"}, {"conversation_id": "777"}, {"recipient_id": None}, {}):
        assert old_way(target=target) == []
    known = {"id": "5", "event_type": "MessageCreate", "text": "hola", "sender_id": "34"}
    body = {
        "data": [{**known, "dm_conversation_id": c} for c in ("12-34", "34-12", "777", "12-34-56", "g12", "12-99", 7)]
    }
    assert len(events.dms_of_page(body, 12, NOW).heard) == 2
    untold = events.dms_of_page({"data": [known]}, 12, NOW)
    assert (untold.heard, untold.unreadable) == ([], 1)
