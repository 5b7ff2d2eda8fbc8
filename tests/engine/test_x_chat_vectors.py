"""X's own test vectors of X Chat: data that nobody here made are read rightly, or not at all."""

import base64
import json
from pathlib import Path

import pytest

from engine.x.chat.reading import NewKey, Nothing, Reader, Said, Signer, Unread, Why

VECTORS: dict[str, str] = json.loads((Path(__file__).parent / "x_chat_vectors.json").read_text())
SENDER, OTHER = map(int, VECTORS["event_conversation_id"].split(":"))
KEYS = {VECTORS["event_conversation_key_version"]: base64.b64decode(VECTORS["conversation_key_b64"])}
SIGNERS = [
    Signer(
        SENDER,
        VECTORS["event_signing_key_version"],
        VECTORS["signing_public_b64"],
        VECTORS["identity_public_b64"],
        VECTORS["identity_public_key_signature_b64"],
    )
]


@pytest.fixture(scope="module")
def reader() -> Reader:
    blob = base64.b64decode(VECTORS["private_keys_concat_b64"])
    return Reader(SENDER, blob, VECTORS["event_recipient_key_version"])


def test_the_key_change_brings_the_key_that_x_says(reader: Reader) -> None:
    read = reader.read(VECTORS["event_key_change_b64"], SENDER, OTHER, {}, SIGNERS)
    assert isinstance(read, NewKey)
    assert {read.version: read.key} == KEYS


@pytest.mark.parametrize(
    ("event", "text"),
    [
        ("event_message_b64", "event_message_text"),
        ("event_reply_valid_b64", "event_reply_text"),
        ("event_reply_forged_b64", "event_reply_text"),  # whose preview of what it answers is made up
    ],
)
def test_messages_say_what_x_says_and_nothing_of_a_forged_preview(reader: Reader, event: str, text: str) -> None:
    read = reader.read(VECTORS[event], SENDER, OTHER, KEYS, SIGNERS)
    assert isinstance(read, Said)
    assert read.text == VECTORS[text]
    assert VECTORS["event_reply_forged_preview_text"] not in read.text


def test_a_failure_tells_nothing_and_garbage_is_none_of_x_s(reader: Reader) -> None:
    assert isinstance(reader.read(VECTORS["event_failure_b64"], SENDER, OTHER, KEYS, SIGNERS), Nothing)
    with pytest.raises(Unread) as unread:
        reader.read(VECTORS["event_garbage_b64"], SENDER, OTHER, KEYS, SIGNERS)
    assert unread.value.why is Why.MALFORMED


def test_a_message_without_its_key_says_which_it_waits_for(reader: Reader) -> None:
    with pytest.raises(Unread) as unread:
        reader.read(VECTORS["event_message_b64"], SENDER, OTHER, {}, SIGNERS)
    assert (unread.value.why, unread.value.needs_key) == (Why.UNKNOWN_KEY, *KEYS)


@pytest.mark.parametrize("event", ["event_message_b64", "event_key_change_b64"])
def test_whatever_byte_is_changed_it_says_the_same_or_nothing(reader: Reader, event: str) -> None:
    whole = bytearray(base64.b64decode(VECTORS[event]))
    told = set()
    for at in range(0, len(whole), 3):
        changed = whole.copy()
        changed[at] ^= 1
        try:
            read = reader.read(base64.b64encode(changed).decode(), SENDER, OTHER, KEYS, SIGNERS)
        except Unread:
            continue
        told.add(read.text if isinstance(read, Said) else read.key if isinstance(read, NewKey) else None)
    assert told <= {VECTORS["event_message_text"], *KEYS.values(), None}
