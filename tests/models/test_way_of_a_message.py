"""Every arrow of a message, a tweet and a notice is one conditional update: done once, by one."""

import threading
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.x.errors import RateLimited
from engine.x.events import Heard
from engine.x.signin import TokenPair
from models import choosing, connecting, database
from models.accounts import people, signing_in
from models.accounts import tokens as stored_tokens
from models.accounts.channels import Channel
from models.accounts.signing_in import BadSignIn
from models.connecting import OwnedByOther
from models.control import switching
from models.moderation import judging, lists
from models.moderation.preparing import Read
from models.notifications import journal
from models.notifications.declaring import NoticeKind
from models.notifications.kinds import Troubled
from models.notifications.notices import Notice
from models.publishing import holding, saying, settling, taking_back
from models.publishing.placing import Queued
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.streaming import hearing, messages
from models.streaming.messages import Message, MessageStatus
from tests.channels import connected
from tests.conftest import NOW

ANA, BEN = 7, 8
SECOND = timedelta(seconds=1)


@pytest.fixture
def channel(db: Settings) -> Channel:
    people.person(ANA, "Ana", "es", NOW)
    made = connected(70, "trafico", ANA)
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    lists.add(made.id, [Keyword(KeywordRole.FILTER, "promo")])
    choosing.choose(made.id, NOW, repeats_on=False, burst_most=0)
    return Channel.get_by_id(made.id)


def heard(x_id: int, text: str, kind: MessageKind = MessageKind.MENTION, at: datetime = NOW) -> Heard:
    return Heard(kind, 70, x_id, 5, "pepe", "Pepe", text, at)


def judge(channel: Channel, *heard_now: Heard, at: datetime = NOW) -> list[Queued]:
    messages.hear({70: channel.id}, heard_now, at)
    return judging.judge(read(channel), at).queued


def read(channel: Channel) -> list[Read]:
    """What waits, with the channel's rules."""
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    return [(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(1000)]


def claimed(queued: Queued, at: datetime | None = None) -> Tweet:
    taken = saying.claim(queued.tweet_id, at or queued.due_at)
    assert taken is not None
    return taken[0]


def status(tweet_id: int) -> TweetStatus:
    return Tweet.get_by_id(tweet_id).status


def kinds() -> list[NoticeKind]:
    return [n.kind for n in Notice.select().order_by(Notice.id)]


# --- hearing and judging -----------------------------------------------------------------------------------


def test_a_message_heard_twice_is_there_once(channel: Channel) -> None:
    messages.hear({70: channel.id}, [heard(1, "choque"), heard(1, "choque"), heard(2, "choque")], NOW)
    messages.hear({70: channel.id}, [heard(2, "choque"), heard(1, "otro")], NOW)
    assert [m.x_id for m in Message.select().order_by(Message.x_id)] == [1, 2]


def test_verdict_tweet_and_journal_come_together(channel: Channel) -> None:
    queued = judge(channel, heard(1, "choque"), heard(2, "hola"), heard(3, "choque promo"))
    assert len(queued) == 1
    assert {m.x_id: m.status for m in Message.select()} == {
        1: MessageStatus.APPROVED,
        2: MessageStatus.IGNORED,
        3: MessageStatus.BLOCKED,
    }
    assert [e.event for e in journal.unwritten(10)] == ["approved", "ignored", "blocked"]


def test_two_judges_make_one_tweet(channel: Channel) -> None:
    messages.hear({70: channel.id}, [heard(i, "choque") for i in range(1, 41)], NOW)
    batch = read(channel)
    together(lambda: judging.judge(batch, NOW), 4)
    assert Tweet.select().count() == 40
    assert (
        len(journal.unwritten(1000))
        == Tweet.select().count() + Tweet.select().where(Tweet.status == TweetStatus.EXPIRED).count()
    )
    slots = [t.due_at for t in Tweet.select().where(Tweet.status == TweetStatus.QUEUED).order_by(Tweet.due_at)]
    assert all(b - a >= timedelta(seconds=20) for a, b in pairwise(slots))


def test_posts_keep_the_gap_and_stale_ones_expire_at_once(channel: Channel) -> None:
    switching.set_gap(channel.id, 300)
    queued = judge(channel, *[heard(i, "choque") for i in range(1, 6)])
    assert [q.due_at - NOW for q in queued] == [timedelta(minutes=m) for m in (0, 5, 10, 15)]
    assert [t.reason for t in Tweet.select().where(Tweet.status == TweetStatus.EXPIRED)] == ["stale"]


def test_a_mention_is_reposted_and_a_direct_message_is_copied_without_a_name(channel: Channel) -> None:
    judge(channel, heard(1, "choque"), heard(2, "choque @alguien", MessageKind.DM))
    switching.name_senders(channel.id, on=True)
    judge(channel, heard(3, "otro choque", MessageKind.DM))
    tweets = list(Tweet.select().order_by(Tweet.id))
    assert [(t.form, t.text) for t in tweets] == [
        ("repost", ""), ("copy", "choque alguien"), ("copy", "vía Pepe: otro choque"),
    ]  # fmt: skip
    assert tweets[0].target_x_id == 1


def test_a_direct_messages_text_is_never_in_the_journal(channel: Channel) -> None:
    judge(channel, heard(1, "choque secreto", MessageKind.DM))
    assert all("secreto" not in e.data for e in journal.unwritten(10))


def test_keywords_come_and_go_whatever_their_accents(channel: Channel) -> None:
    version = Channel.get_by_id(channel.id).ruleset_version
    assert lists.add(
        channel.id,
        [
            Keyword(KeywordRole.TRIGGER, "Vía Cerrada"),
            Keyword(KeywordRole.TRIGGER, "via cerrada"),
            Keyword(KeywordRole.TRIGGER, "CHOQUE"),
        ],
    ) == ["Vía Cerrada"]
    assert lists.remove_keywords(channel.id, KeywordRole.TRIGGER, ["VÍA CERRADA", "nada"]) == [
        Keyword(KeywordRole.TRIGGER, "Vía Cerrada")
    ]
    assert Channel.get_by_id(channel.id).ruleset_version == version + 2
    assert lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")]) == []
    assert Channel.get_by_id(channel.id).ruleset_version == version + 2


def test_cursors_only_move_on(channel: Channel) -> None:
    start = hearing.cursor(channel.id, MessageKind.MENTION)
    hearing.advance(channel.id, MessageKind.MENTION, start + 10)
    hearing.advance_all({(channel.id, MessageKind.MENTION): start + 5, (channel.id, MessageKind.DM): start + 7})
    assert hearing.cursor(channel.id, MessageKind.MENTION) == start + 10


def test_one_poll_of_a_channel_at_a_time(channel: Channel) -> None:
    claimed = hearing.claim_poll(channel.id, NOW)
    assert claimed is not None
    assert hearing.claim_poll(channel.id, NOW + SECOND) is None
    hearing.release_poll(claimed, NOW + SECOND)
    assert hearing.claim_poll(channel.id, NOW + 2 * SECOND) is not None
    assert hearing.claim_poll(channel.id, NOW + timedelta(minutes=5)) is not None


# --- saying --------------------------------------------------------------------------------------------------


def test_many_workers_claim_a_tweet_once(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque"))
    won: list[object] = []

    def work() -> None:
        taken = saying.claim(queued.tweet_id, NOW)
        if taken is not None:
            won.append(taken)

    together(work, 8)
    assert len(won) == 1


def test_sent_tells_the_owner_once(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque"))
    tweet = claimed(queued)
    assert saying.sent(tweet, 99, NOW)
    assert not saying.sent(tweet, 99, NOW)
    assert (status(tweet.id), kinds()) == (TweetStatus.SENT, [NoticeKind.POSTED])
    assert Tweet.get_by_id(tweet.id).cost == 15_000


def test_what_is_not_due_or_whose_channel_is_off_is_not_claimed(channel: Channel) -> None:
    first, second = judge(channel, heard(1, "choque"), heard(2, "choque"))
    assert saying.claim(second.tweet_id, NOW) is None
    switching.switch(channel.id, on=False, now=NOW)
    assert saying.claim(first.tweet_id, NOW) is None
    assert [status(q.tweet_id) for q in (first, second)] == [TweetStatus.CANCELLED, TweetStatus.CANCELLED]


def test_a_tweet_that_waited_too_long_expires(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque"))
    assert saying.claim(queued.tweet_id, NOW + timedelta(minutes=16)) is None
    assert status(queued.tweet_id) == TweetStatus.EXPIRED


def test_what_may_pass_is_tried_again_later_in_a_slot_of_its_own(channel: Channel) -> None:
    first, second = judge(channel, heard(1, "choque"), heard(2, "choque"))
    saying.retry(claimed(first), NOW, "x_down")
    again = Tweet.get_by_id(first.tweet_id)
    assert (again.status, again.attempts) == (TweetStatus.QUEUED, 1)
    assert again.due_at == second.due_at + timedelta(seconds=20)


def test_what_x_was_not_asked_for_is_tried_for_as_long_as_it_is_fresh(channel: Channel) -> None:
    switching.set_freshness(channel.id, 24 * 3600)
    (queued,) = judge(channel, heard(1, "choque"))
    at, pauses = NOW, []
    for _ in range(12):
        before, at = at, Tweet.get_by_id(queued.tweet_id).due_at
        pauses.append(at - before)
        saying.retry(claimed(queued, at), at, "x_down")
    assert status(queued.tweet_id) == TweetStatus.QUEUED
    assert sorted(pauses) == pauses
    assert pauses[-1] == timedelta(minutes=5)


def test_a_limit_holds_the_channel_until_the_reset_and_tells_once(channel: Channel) -> None:
    first, second = judge(channel, heard(1, "choque"), heard(2, "choque"))
    reset = NOW + timedelta(minutes=9)
    tweet = claimed(first)
    holding.met(channel.id, RateLimited("Rate limit exceeded", reset), NOW, tweet.id)
    assert saying.claim(second.tweet_id, second.due_at) is None
    assert Tweet.get_by_id(second.tweet_id).due_at == reset
    assert kinds() == ["troubled"]
    assert Notice.get().value == Troubled("limit", "Rate limit exceeded", NOW, reset)
    assert saying.claim(second.tweet_id, reset) is not None


def test_after_a_hold_or_an_outage_the_gap_is_kept(channel: Channel) -> None:
    queued = judge(channel, *[heard(n, "choque") for n in range(1, 4)])
    late = NOW + timedelta(minutes=5)
    first, second, third = (saying.claim(q.tweet_id, late) for q in queued)
    assert first is not None
    assert second is None
    assert third is None
    gap = timedelta(seconds=20)
    assert {Tweet.get_by_id(q.tweet_id).due_at for q in queued[1:]} == {late + gap}
    assert saying.claim(queued[1].tweet_id, late + gap) is not None
    assert saying.claim(queued[2].tweet_id, late + gap) is None
    assert Tweet.get_by_id(queued[2].tweet_id).attempts == 0


def test_holds_without_a_named_reset_grow(channel: Channel) -> None:
    switching.set_freshness(channel.id, 24 * 3600)
    (queued,) = judge(channel, heard(1, "choque"))
    at = NOW
    waits = []
    for _ in range(3):
        tweet = claimed(queued, at)
        holding.met(channel.id, RateLimited(), at, tweet.id)
        saying.retry(tweet, at, "limit", wait=timedelta(0))
        until = Channel.get_by_id(channel.id).hold_until
        assert until is not None
        waits.append((until - at).total_seconds() / 60)
        at = until
    assert waits == [5, 10, 15]


@pytest.mark.parametrize("kind", [MessageKind.MENTION, MessageKind.REPLY, MessageKind.DM])
def test_a_crash_in_the_middle_is_settled_by_reading_whatever_the_form(channel: Channel, kind: MessageKind) -> None:
    switching.switch_replies(channel.id, on=True, now=NOW)
    (queued,) = judge(channel, heard(1, "choque", kind))
    claimed(queued)
    assert settling.recover(NOW + 10 * SECOND) == []
    assert status(queued.tweet_id) == TweetStatus.SENDING
    assert settling.recover(NOW + 21 * SECOND) == [queued.tweet_id]
    assert status(queued.tweet_id) == TweetStatus.UNKNOWN


def test_a_crash_in_the_middle_of_a_copy_is_settled_by_reading(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque", MessageKind.DM))
    late = claimed(queued)
    at = NOW + 21 * SECOND
    assert settling.recover(at) == [queued.tweet_id]
    assert status(queued.tweet_id) == TweetStatus.UNKNOWN
    taken = settling.claim(queued.tweet_id, at)
    assert taken is not None
    assert settling.claim(queued.tweet_id, at) is None
    assert not saying.sent(late, 99, at), "the crashed worker's answer comes too late"
    assert saying.sent(taken[0], 99, at, status=TweetStatus.UNKNOWN)
    assert status(queued.tweet_id) == TweetStatus.SENT


def test_a_claim_that_lapsed_is_not_renewed(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque"))
    tweet = claimed(queued)
    assert saying.renew_claim(tweet, NOW + 10 * SECOND)
    settling.recover(NOW + 21 * SECOND)
    assert status(tweet.id) == TweetStatus.SENDING
    settling.recover(NOW + 31 * SECOND)
    assert not saying.renew_claim(tweet, NOW + 31 * SECOND)


def test_unsaid_is_said_again(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque", MessageKind.DM))
    saying.doubt(claimed(queued), NOW, "no_answer")
    assert settling.recover(NOW + SECOND) == []
    at = NOW + 6 * SECOND
    assert settling.recover(at) == [queued.tweet_id]
    taken = settling.claim(queued.tweet_id, at)
    assert taken is not None
    settling.requeue_unsaid(taken[0], at)
    assert status(queued.tweet_id) == TweetStatus.QUEUED
    assert claimed(queued, at + timedelta(seconds=20)).attempts == 2


def test_undo_is_asked_and_done_once(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque"))
    assert not taking_back.want(queued.tweet_id, NOW)
    saying.sent(claimed(queued), 99, NOW)
    assert taking_back.want(queued.tweet_id, NOW)
    assert not taking_back.want(queued.tweet_id, NOW)
    assert taking_back.due(NOW) == [queued.tweet_id]
    taken = taking_back.claim(queued.tweet_id, NOW)
    assert taken is not None
    assert taking_back.claim(queued.tweet_id, NOW) is None
    taking_back.done(taken[0], NOW)
    taking_back.done(taken[0], NOW)
    assert [e.event for e in journal.unwritten(10)] == ["approved", "sent", "undone"]


# --- sign-in and tokens --------------------------------------------------------------------------------------


def test_a_state_is_single_use_bound_and_expires(db: Settings) -> None:
    for state in ("s1", "s2", "s3"):
        signing_in.begin_sign_in(state, ANA, ANA, "verifier", NOW)
    with pytest.raises(BadSignIn, match="foreign"):
        signing_in.use_sign_in("s1", BEN, NOW)
    assert signing_in.use_sign_in("s1", ANA, NOW)[1] == "verifier"
    with pytest.raises(BadSignIn, match="used"):
        signing_in.use_sign_in("s1", ANA, NOW)
    with pytest.raises(BadSignIn, match="expired"):
        signing_in.use_sign_in("s2", ANA, NOW + timedelta(minutes=16))
    with pytest.raises(BadSignIn, match="unknown"):
        signing_in.use_sign_in("nope", ANA, NOW)
    assert "verifier" not in str(database.db.execute_sql("SELECT * FROM sign_in").fetchall())


def test_a_channel_of_somebody_else_is_refused(channel: Channel) -> None:
    with pytest.raises(OwnedByOther):
        connected(70, "trafico", BEN)
    assert Channel.get_by_id(channel.id).owner_id == ANA


def test_a_channel_left_behind_starts_afresh_with_a_new_owner(channel: Channel) -> None:
    judge(channel, heard(1, "choque"))
    connecting.disconnect_channel(channel.id)
    new = connected(70, "trafico", BEN)
    assert (new.owner_id, lists.keywords(new.id, KeywordRole.TRIGGER)) == (BEN, [])
    for channel_id in connecting.let_go():
        connecting.forget_channel(channel_id)
    assert Message.select().count() == lists.Keyword.select().count() == Tweet.select().count() == 0


def test_reconnecting_keeps_the_rules(channel: Channel) -> None:
    judge(channel, heard(1, "choque"))
    assert connecting.disconnect_channel(channel.id)
    assert not connecting.disconnect_channel(channel.id)
    gone = Channel.get_by_id(channel.id)
    assert (gone.access_token, gone.refresh_token, gone.is_on) == ("", "", False)
    assert [t.status for t in Tweet.select()] == [TweetStatus.CANCELLED]
    again = connected(70, "trafico", ANA, NOW + timedelta(days=1))
    assert again.id == channel.id
    assert lists.keywords(again.id, KeywordRole.TRIGGER) == ["choque"]
    assert again.mention_cursor > gone.mention_cursor


def test_one_refresh_at_a_time_and_a_late_one_is_not_stored(channel: Channel) -> None:
    version = channel.token_version
    assert stored_tokens.claim_refresh(channel.id, version, NOW) is not None
    assert stored_tokens.claim_refresh(channel.id, version, NOW) is None
    assert (
        stored_tokens.claim_refresh(channel.id, version, NOW + stored_tokens.REFRESH_CLAIM + timedelta(seconds=1))
        is not None
    )
    pair = TokenPair("a2", "r2", NOW + timedelta(hours=2))
    assert stored_tokens.store_refreshed(channel.id, version, pair, NOW)
    assert not stored_tokens.store_refreshed(channel.id, version, TokenPair("a3", "r3", NOW), NOW)
    assert stored_tokens.claim_refresh(channel.id, version, NOW) is None


def test_a_dead_token_turns_the_channel_off_and_tells_once(channel: Channel) -> None:
    assert switching.token_died(channel.id, channel.token_version, "revoked", NOW)
    assert not switching.token_died(channel.id, channel.token_version, "revoked", NOW)
    assert kinds() == ["token_dead"]
    assert not Channel.get_by_id(channel.id).is_on
    reconnected = connected(70, "trafico", ANA)
    assert reconnected.is_on
    assert not switching.token_died(channel.id, channel.token_version, "an old worker's news", NOW)


def together(work: object, count: int) -> None:
    """Run the same at once in several threads, each with a connection of its own; their errors come out."""
    assert callable(work)
    barrier, failures = threading.Barrier(count), []

    def run() -> None:
        try:
            barrier.wait()
            work()
        except BaseException as error:  # noqa: BLE001
            failures.append(error)
        finally:
            database.forget_connection()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
