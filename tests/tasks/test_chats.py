"""What comes encrypted is read once, in whatever order it comes, with keys out of the database; and forgotten with them.

Keys are made by X's library, and what is read was truly encrypted.
"""

import random
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.x.chat.pairs import Pair
from engine.x.chat.reading import Why
from engine.x.encrypted import Encrypted
from engine.x.events import Heard, id_at
from models import choosing, connecting, database, vault
from models.accounts import chat_keys
from models.accounts.channels import Channel
from models.moderation import judging, lists
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings, settings
from models.streaming import chats, conversation_keys, messages, reading
from models.streaming.chats import ChatEvent, ChatStatus
from models.streaming.conversation_keys import ConversationKey, SignerKeys
from models.streaming.messages import Message, MessageStatus
from models.streaming.taken_back import TakenBack
from models.streaming.twins import ChatMessage
from tasks.clock import now
from tasks.streaming import chats as job
from tasks.streaming import taken_back
from tests.channels import connected
from tests.chatting import Talk, Talker
from tests.tasks.test_ear import Silent

CHANNEL, JUAN, EVE = Talker(1215441834412953600), Talker(1843439638876491776), Talker(1900000000000000000)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def channel(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Channel:
    """Connected, with keys; nobody is rung for."""
    for bell in ("judge", "ask_for_chat_keys", "read_chats", "follow"):
        monkeypatch.setattr(job, bell, Silent())
    found = connected(CHANNEL.x_user_id, at=now())
    unlock(found)
    for talker in (CHANNEL, JUAN):
        conversation_keys.learn_signer(found.id, talker.x_user_id, [talker.signer], now() - MINUTE)
    return found


@pytest.fixture
def talk() -> Talk:
    return Talk(JUAN, CHANNEL, now())


def unlock(channel: Channel) -> None:
    pair = Pair(CHANNEL.blob, CHANNEL.chat.get_public_keys().identity)
    assert chat_keys.unlocked(channel.id, pair, CHANNEL.version, now())


def comes(channel: Channel, *events: str, change: str = "", sender: Talker = JUAN) -> None:
    """They come by the stream; nobody has read them yet."""
    for event in events:
        heard = Encrypted(channel.x_user_id, sender.x_user_id, event, change)
        job.store(job.of_event(channel.id, heard))


def read() -> None:
    """A worker reads all that there is to read."""
    while job._read_some():
        continue


def heard() -> list[str]:
    return [m.text for m in Message.select().order_by(Message.id)]


def unread(channel: Channel) -> dict[Why, int]:
    return chats.unread(channel.id, now() - MINUTE, now() + 2 * MINUTE)


def by_the_old_way(channel: Channel, x_id: int, text: str, at_s: float = 0.0) -> None:
    at = now() + timedelta(seconds=at_s)
    old = Heard(MessageKind.DM, channel.x_user_id, x_id, JUAN.x_user_id, "juan", "Juan", text, at)
    messages.hear({channel.x_user_id: channel.id}, [old], now())


def test_an_encrypted_message_is_a_direct_message(channel: Channel, talk: Talk) -> None:
    comes(channel, talk.write("Choque en la A6"), change=talk.keys[0].change)
    read()
    message = Message.get()
    assert (message.kind, message.text, message.sender_id) == (MessageKind.DM, "Choque en la A6", JUAN.x_user_id)
    assert (message.x_id, message.origin_id) == (talk.sequence, talk.sequence)
    assert unread(channel) == {}


def test_whatever_the_order_each_is_heard_once(channel: Channel) -> None:
    """Two keys, a message under each, and orders in which the four can come, each twice."""
    orders = list(permutations(range(4)))[::4]
    for n, order in enumerate(orders):
        talk = Talk(JUAN, CHANNEL, now(), sequence=id_at(now()) + 100 * n)
        events = [talk.keys[0].change, talk.write(f"uno {n}"), talk.rotate().change, talk.write(f"dos {n}")]
        for place in order:
            comes(channel, events[place])
            if n % 2:
                read()
        comes(channel, *random.Random(n).sample(events, 4))
        read()
        assert sorted(heard()[-2:]) == [f"dos {n}", f"uno {n}"]
    assert len(heard()) == 2 * len(orders)


def test_who_dies_between_key_and_message_leaves_both_to_the_next(channel: Channel, talk: Talk) -> None:
    event = talk.write("hola")
    comes(channel, talk.keys[0].change)
    chats.claim(channel.id, now(), 100)  # and dies
    comes(channel, event)
    read()
    assert heard() == []
    ChatEvent.update(claimed_until=now()).execute()  # the claim has lapsed
    read()
    assert heard() == ["hola"]


def test_two_workers_that_read_the_same_say_it_once(channel: Channel, talk: Talk) -> None:
    comes(channel, talk.write("hola"), change=talk.keys[0].change)
    events = chats.claim(channel.id, now(), 100)
    version, found = job._with_keys(channel, events)
    assert reading.settle(channel.id, found, version, now()).heard == 1
    assert reading.settle(channel.id, found, version, now()).heard == 0
    assert heard() == ["hola"]


def test_what_nobody_can_read_and_live_is_given_up(channel: Channel, talk: Talk) -> None:
    comes(channel, talk.write("hola"))
    for n in range(chats.MOST_TRIES):
        assert chats.claim(channel.id, now() + n * 2 * MINUTE, 100)
    chats.give_up(now() + 100 * MINUTE)
    assert unread(channel) == {Why.MALFORMED: 1}
    assert ChatEvent.get().event == ""


def test_the_same_signed_message_under_another_delivery_is_heard_once(channel: Channel, talk: Talk) -> None:
    """A replay: the same message with another number, at another time, after it was said; under another event's id."""
    payload = JUAN.chat.encrypt_message(
        talk.id, "hola", conversation_key=talk.keys[0].value, conversation_key_version=talk.keys[0].version
    )
    comes(channel, talk.sent(payload, JUAN), change=talk.keys[0].change)
    read()
    talk.at += timedelta(days=1)
    comes(channel, talk.sent(payload, JUAN))
    comes(channel, talk.sent(payload, JUAN))
    read()
    assert heard() == ["hola"]


def test_nobody_silences_another_by_their_messages_id(channel: Channel, talk: Talk) -> None:
    other = Talk(EVE, CHANNEL, now(), sequence=id_at(now()) + 1000)
    conversation_keys.learn_signer(channel.id, EVE.x_user_id, [EVE.signer], now() - MINUTE)
    comes(channel, other.write("suyo"), change=other.keys[0].change, sender=EVE)
    read()
    ChatMessage.update(signed_id="the same").execute()
    ChatMessage.insert(
        channel_id=channel.id, sender_id=JUAN.x_user_id, signed_id="the same", sequence="1", at=now(), heard_at=now()
    ).execute()  # the two may be alike: they are told apart by who signed them
    comes(channel, talk.write("mío"), change=talk.keys[0].change)
    read()
    assert sorted(heard()) == ["mío", "suyo"]


def test_forged_misaddressed_and_malformed_are_counted_and_not_heard(channel: Channel, talk: Talk) -> None:
    under = {"conversation_key": talk.keys[0].value, "conversation_key_version": talk.keys[0].version}
    forged = EVE.chat.encrypt_message(
        talk.id, "x", sender_id=str(JUAN.x_user_id), signing_key_version=JUAN.version, **under
    )
    by_eve = EVE.chat.encrypt_message(talk.id, "x", **under)
    comes(channel, talk.sent(forged, JUAN), talk.sent(by_eve, EVE), "AAAA", change=talk.keys[0].change)
    read()
    assert heard() == []
    assert unread(channel) == {Why.FORGED: 1, Why.MISADDRESSED: 1, Why.MALFORMED: 1}
    assert [e.event for e in ChatEvent.select()] == [""] * 4


def test_what_nobody_thought_of_costs_only_itself(channel: Channel, talk: Talk) -> None:
    """Numbers, moments, texts and ids as no honest app writes them, all signed, and beside them a message."""
    event = talk.write("a")
    number = talk.sequence
    odd = [
        talk.edit(event, "b\0\ud83d".encode("utf-8", "replace").decode()),
        talk.write("\0"),
        talk.write("x" * 40_000),
    ]
    for sequence in (2**63, 2**64 - 1, 10**18, -1):
        talk.sequence = sequence - 1
        odd.append(talk.write(f"número {sequence}"))
    talk.sequence = number + 20
    for at in (datetime(9999, 12, 31, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC)):
        talk.at = at
        odd.append(talk.write(f"año {at.year}"))
    talk.at, talk.sequence = now(), number + 50
    odd += [talk.delete(*range(1500)), talk.write("b")]
    comes(channel, event, *odd, change=talk.keys[0].change)
    read()
    assert {"a", "b", "\ufffd", "año 9999", "año 1970", f"número {2**64 - 1}"} <= set(heard())
    assert max(len(text) for text in heard()) == 30_000
    assert all(m.at <= now() and 0 < m.x_id < 2**63 for m in Message.select())
    assert unread(channel) == {}


def test_what_lacks_a_key_waits_is_counted_and_expires(channel: Channel, talk: Talk) -> None:
    comes(channel, talk.write("hola"))
    read()
    assert unread(channel) == {Why.UNKNOWN_KEY: 1}
    assert chats.unread(channel.id, now() - MINUTE, now()) == {}  # it may still come
    assert chats.to_fetch(channel.id, now(), 5) == []
    assert chats.to_fetch(channel.id, now() + MINUTE, 5) == [JUAN.x_user_id]
    chats.fetched(channel.id, JUAN.x_user_id, now() + MINUTE)
    assert chats.to_fetch(channel.id, now() + 1.5 * MINUTE, 5) == []
    chats.give_up(now() + timedelta(days=2))
    assert ChatEvent.get().status is ChatStatus.UNREAD
    assert unread(channel) == {Why.UNKNOWN_KEY: 1}


def test_no_more_wait_than_are_kept(channel: Channel, talk: Talk) -> None:
    most = chats.MOST_OF_ONE
    comes(channel, *(talk.write(f"n {n}") for n in range(most + 2)))
    read()
    assert unread(channel) == {Why.UNKNOWN_KEY: most, Why.TOO_MANY: 2}
    comes(channel, talk.keys[0].change)
    read()
    assert heard() == [f"n {n}" for n in range(2, most + 2)]


def test_a_stranger_leads_to_one_question_for_their_keys(channel: Channel) -> None:
    """However much they send, and under whatever version: X is asked once, and not again for ten minutes."""
    eve = Talk(EVE, CHANNEL, now())
    comes(channel, eve.write("a"), eve.write("b"), change=eve.keys[0].change, sender=EVE)
    read()
    assert conversation_keys.to_look_up(channel.id, now(), 20) == [EVE.x_user_id]
    conversation_keys.learn_signer(channel.id, EVE.x_user_id, [], now())
    read()
    assert unread(channel) == {Why.NO_SIGNER: 3}
    comes(channel, eve.write("c"), sender=EVE)
    read()
    assert conversation_keys.to_look_up(channel.id, now(), 20) == []
    assert conversation_keys.to_look_up(channel.id, now() + 11 * MINUTE, 20) == [EVE.x_user_id]
    conversation_keys.learn_signer(channel.id, EVE.x_user_id, [EVE.signer], now() + 11 * MINUTE)
    comes(channel, eve.rotate().change, sender=EVE)
    read()
    assert heard() == []
    comes(channel, eve.write("d"), sender=EVE)
    read()
    assert heard() == ["d"]


def test_what_comes_before_the_channels_keys_is_read_with_them(channel: Channel, talk: Talk) -> None:
    chat_keys.drop(channel.id)
    comes(channel, talk.write("hola"), change=talk.keys[0].change)
    read()
    assert unread(channel) == {Why.NO_KEYS: 2}
    chats.keys_came(now())
    unlock(channel)
    chats.keys_came(now())
    read()
    assert heard() == ["hola"]


def test_what_is_encrypted_to_other_keys_waits_for_those(channel: Channel) -> None:
    newer = Talker(CHANNEL.x_user_id)
    talk = Talk(JUAN, newer, now())
    comes(channel, talk.write("hola"), change=talk.keys[0].change)
    read()
    assert unread(channel) == {Why.OTHER_KEYS: 1, Why.UNKNOWN_KEY: 1}
    chat_keys.unlocked(channel.id, Pair(newer.blob, newer.chat.get_public_keys().identity), newer.version, now())
    chats.keys_came(now())
    read()
    assert heard() == ["hola"]


# --- both ways ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("old_first", [True, False])
def test_the_same_by_both_ways_is_one_message(channel: Channel, talk: Talk, old_first: bool) -> None:
    if old_first:
        by_the_old_way(channel, 2_080_000_000_000_000_001, "Choque en  la A6")
    comes(channel, talk.write("Choque en la A6"), change=talk.keys[0].change)
    read()
    if not old_first:
        by_the_old_way(channel, 2_080_000_000_000_000_001, "Choque en la A6")
    by_the_old_way(channel, 2_080_000_000_000_000_001, "Choque en la A6")
    assert len(heard()) == 1
    assert Message.get().sender_handle == "juan", "which only the old way brings"
    again = Heard(MessageKind.DM, channel.x_user_id, 2_080_000_000_000_000_001, JUAN.x_user_id, "", "", "", now())
    assert messages.unheard(channel.id, [again]) == []


def test_two_that_are_alike_are_two_by_both_ways_too(channel: Channel, talk: Talk) -> None:
    """Said twice by each way: two messages, whichever way comes first; and by one way, apart, however shortly."""
    by_the_old_way(channel, 2_080_000_000_000_000_001, "choque")
    comes(channel, talk.write("choque"), talk.write("choque"), change=talk.keys[0].change)
    read()
    by_the_old_way(channel, 2_080_000_000_000_000_002, "choque")
    assert len(heard()) == 2
    by_the_old_way(channel, 2_080_000_000_000_000_003, "choque")
    assert len(heard()) == 3


def test_alike_but_long_apart_or_by_others_is_not_the_same(channel: Channel, talk: Talk) -> None:
    comes(channel, talk.write("choque"), change=talk.keys[0].change)
    read()
    by_the_old_way(channel, 2_080_000_000_000_000_001, "choque", at_s=-40)
    other = Heard(MessageKind.DM, channel.x_user_id, 2_080_000_000_000_000_002, 5, "pepe", "Pepe", "choque", now())
    messages.hear({channel.x_user_id: channel.id}, [other], now())
    mention = Heard(
        MessageKind.MENTION, channel.x_user_id, 2_080_000_000_000_000_003, JUAN.x_user_id, "", "", "choque", now()
    )
    messages.hear({channel.x_user_id: channel.id}, [mention], now())
    assert len(heard()) == 4


# --- edits and deletions -----------------------------------------------------------------------------------


def test_an_edit_is_one_of_what_was_said_first_and_keeps_its_media(channel: Channel, talk: Talk) -> None:
    shown = {"attachment_type": "media", "media_hash_key": "k", "width": 1, "height": 1, "filesize_bytes": 1}
    event = talk.write("hola", attachments=[shown | {"filename": "f", "media_type": 1}])
    first = talk.sequence
    comes(channel, event, talk.edit(event, "adiós"), change=talk.keys[0].change)
    read()
    last = Message.get(Message.text == "adiós")
    assert (last.origin_id, last.media, last.media_kinds, last.x_id > first) == (first, True, "photo", True)


def test_an_edit_that_comes_first_waits_and_one_of_nothing_is_heard_as_it_is(channel: Channel, talk: Talk) -> None:
    event = talk.write("hola")
    first = talk.sequence
    comes(channel, talk.edit(event, "adiós"), change=talk.keys[0].change)
    read()
    assert heard() == []
    assert unread(channel) == {}
    comes(channel, event)
    read()
    assert heard() == ["hola", "adiós"]
    assert Message.get(Message.text == "adiós").origin_id == first
    comes(channel, talk.edit(talk.write("nunca llegó"), "tarde"))
    read()
    ChatEvent.update(heard_at=now() - MINUTE).execute()
    reading.originals_late(now())
    read()
    assert heard() == ["hola", "adiós", "tarde"]


def test_nobody_edits_or_takes_back_what_another_wrote(channel: Channel, talk: Talk) -> None:
    event = talk.write("hola")
    comes(channel, event, change=talk.keys[0].change)
    read()
    sequence = talk.sequence
    comes(channel, talk.edit(event, "malo", by=CHANNEL), talk.delete(sequence, by=CHANNEL), sender=CHANNEL)
    ChatEvent.update(sender_id=0, person_id=JUAN.x_user_id).where(ChatEvent.status == ChatStatus.NEW).execute()
    read()
    assert heard() == ["hola"]
    assert not ChatMessage.get().taken_back


def test_what_is_taken_back_is_withdrawn_as_a_deleted_post_is(channel: Channel, talk: Talk) -> None:
    """After it was heard, by its number; and all that was said of it, its twin and its edits too."""
    by_the_old_way(channel, 2_080_000_000_000_000_001, "hola")
    event = talk.write("hola")
    first = talk.sequence
    comes(channel, event, talk.edit(event, "adiós"), change=talk.keys[0].change)
    read()
    assert heard() == ["hola", "adiós"]
    comes(channel, talk.delete(first))
    read()
    taken_back.follow()
    assert heard() == ["", ""]
    assert {m.status for m in Message.select()} == {MessageStatus.IGNORED}


def test_an_edit_replaces_what_is_not_said_yet_and_a_deletion_takes_it_out(channel: Channel, talk: Talk) -> None:
    lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    choosing.choose(channel.id, now(), repeats_on=False, burst_most=0)
    event = talk.write("choque en la A5")
    first = talk.sequence
    comes(channel, event, change=talk.keys[0].change)
    read()
    judge(channel)
    comes(channel, talk.edit(event, "choque en la A6"))
    read()
    judge(channel)
    assert [(t.text.split(": ")[-1], t.status) for t in Tweet.select().order_by(Tweet.id)] == [
        ("choque en la A5", TweetStatus.CANCELLED), ("choque en la A6", TweetStatus.QUEUED),
    ]  # fmt: skip
    comes(channel, talk.delete(first))
    read()
    taken_back.follow()
    assert {t.status for t in Tweet.select()} == {TweetStatus.CANCELLED}
    assert heard() == ["", ""]


def test_what_its_sender_lets_disappear_is_heard_and_taken_back_when_it_does(channel: Channel, talk: Talk) -> None:
    lasting = talk.write("por una hora", ttl_msec=3_600_000)
    comes(channel, talk.write("se queda"), lasting, change=talk.keys[0].change)
    read()
    taken_back.follow()
    assert heard() == ["por una hora", "se queda"]
    TakenBack.update(at=now() - MINUTE, look_at=now() - MINUTE).execute()
    taken_back.follow()
    assert heard() == ["", "se queda"]
    talk.at -= 2 * MINUTE
    comes(channel, talk.write("ya pasó", ttl_msec=60_000), talk.write("para siempre", ttl_msec=2**63 - 1))
    read()
    assert sorted(heard()) == ["", "", "para siempre", "se queda"]


def test_who_deletes_before_it_disappears_is_not_made_to_wait(channel: Channel, talk: Talk) -> None:
    event = talk.write("por una hora", ttl_msec=3_600_000)
    comes(channel, event, change=talk.keys[0].change)
    read()
    comes(channel, talk.delete(talk.sequence))
    read()
    taken_back.follow()
    assert heard() == [""]


def judge(channel: Channel) -> None:
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    judging.judge([(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(10)], now())


def test_what_is_taken_back_before_it_comes_is_never_heard(channel: Channel, talk: Talk) -> None:
    event = talk.write("hola")
    comes(channel, talk.delete(talk.sequence), change=talk.keys[0].change)
    read()
    comes(channel, event, talk.edit(event, "adiós"))
    read()
    assert heard() == []


def test_what_the_channel_wrote_itself_is_not_heard(channel: Channel, talk: Talk) -> None:
    job.store(
        [
            chats.Arrived(channel.id, JUAN.x_user_id, 0, e)
            for e in (talk.rotate(by=CHANNEL).change, talk.write("x", by=CHANNEL))
        ]
    )
    comes(channel, talk.write("hola"))
    read()
    assert heard() == ["hola"]


def test_numbers_that_are_no_ids_keep_messages_apart(channel: Channel) -> None:
    """X does not say that its numbers are its ids: small ones, or those of another conversation, are no others' message."""
    for n in range(3):
        talker = Talker(1_900_000_000_000_000_100 + n)
        talk = Talk(talker, CHANNEL, now(), sequence=5)
        conversation_keys.learn_signer(channel.id, talker.x_user_id, [talker.signer], now() - MINUTE)
        comes(channel, talk.write("a"), talk.write("b"), change=talk.keys[0].change, sender=talker)
        read()
    assert len(heard()) == 6


# --- secrets -----------------------------------------------------------------------------------------------


def test_no_key_stands_in_any_table_in_plain(channel: Channel, talk: Talk) -> None:
    comes(channel, talk.write("hola"), change=talk.keys[0].change)
    read()
    secret = {talk.keys[0].value.hex(), CHANNEL.blob.hex(), CHANNEL.blob[:32].hex()}
    whole = "\n".join(str(row) for table in connecting.tables() for row in database.as_tuples(table.select()))
    assert not any(s in whole for s in secret)
    assert repr(talk.keys[0].value) not in whole


def test_a_goodbye_deletes_all_keys_and_what_is_read_meanwhile_stays_unread(channel: Channel, talk: Talk) -> None:
    comes(channel, talk.write("hola"), change=talk.keys[0].change)
    events = chats.claim(channel.id, now(), 100)
    version, found = job._with_keys(channel, events)
    assert connecting.disconnect_channel(channel.id)
    assert reading.settle(channel.id, found, version, now()).heard == 0
    conversation_keys.learn_signer(channel.id, JUAN.x_user_id, [JUAN.signer], now())
    for table in (ConversationKey, SignerKeys, ChatEvent, Message):
        assert not table.select().exists(), table
    comes(channel, talk.write("después"))
    read()
    assert not ConversationKey.select().exists()
    assert not ChatEvent.select().exists()


def test_keys_are_sealed_anew_and_one_under_a_lost_key_is_as_if_it_had_not_come(
    channel: Channel, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes(channel, talk.keys[0].change)
    read()
    before = ConversationKey.get().sealed
    monkeypatch.setenv("SECRET_KEY", "a-new-key-for-the-tests,a-key-for-the-tests-of-canales")
    settings.cache_clear()
    assert conversation_keys.rotate() == 1
    assert ConversationKey.get().sealed != before
    monkeypatch.setenv("SECRET_KEY", "another-key-for-the-tests-of-it")
    settings.cache_clear()
    assert conversation_keys.keys_of(channel.id, [JUAN.x_user_id]) == {JUAN.x_user_id: {}}
    conversation_keys.learn_key(channel.id, 77, "1", b"k", now())
    kept = ConversationKey.get(ConversationKey.person_id == 77).sealed
    with pytest.raises(vault.WrongKey):
        conversation_keys.rotate()
    assert ConversationKey.get(ConversationKey.person_id == 77).sealed != kept  # behind the lost one
    monkeypatch.undo()
    settings.cache_clear()
