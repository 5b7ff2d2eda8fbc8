"""Who asks not to be reposted: at once, with all of theirs that is not said yet, told once and answered once; and whose
word brings them back.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.files import lists as files
from engine.moderation import Form, Keyword, KeywordRole, MessageKind
from engine.moderation.senders import FOLLOWERS_ONLY, SENDERS_ON
from engine.moderation.standing import LeftOut, Standing
from engine.timetable import parse
from engine.x.events import Heard
from models import choosing, retention, undoing
from models.accounts.channels import Auth, Channel
from models.control import overview
from models.database import transaction
from models.moderation import judging, lists, opting, review, senders
from models.moderation.preparing import Read
from models.notifications import journal
from models.notifications.declaring import NoticeKind
from models.notifications.kinds_of_opting import OptedOut
from models.notifications.notices import Notice
from models.publishing import placing, saying, settling
from models.publishing.placing import Queued
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.settings import Settings
from models.streaming import messages, optouts
from models.streaming.messages import Message
from models.streaming.optouts import AskedBy, OptOut, Word
from tests.channels import ANA, connected
from tests.conftest import NOW

EVA, BEN = 61, 62
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
ACCESS = "tweet.read tweet.write users.read dm.read dm.write offline.access"


@pytest.fixture
def channel(db: Settings) -> Channel:
    made = connected(70, "trafico", scopes=ACCESS)
    lists.add(made.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    Channel.update(gap_s=0).execute()
    return Channel.get_by_id(made.id)


def heard(
    x_id: int,
    text: str,
    sender: int = EVA,
    at: datetime = NOW,
    kind: MessageKind = MessageKind.MENTION,
    origin: int = 0,
) -> Heard:
    return Heard(kind, 70, x_id, sender, f"user{sender}", f"User {sender}", text, at, origin)


def read(channel: Channel) -> list[Read]:
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    return [(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(1000)]


def judge(channel: Channel, *said: Heard, at: datetime = NOW) -> list[Queued]:
    messages.hear({70: channel.id}, said, at)
    return judging.judge(read(channel), at).queued


def states() -> dict[int, str]:
    return {m.x_id: f"{m.status} {m.rule or ''}" for m in Message.select()}


def answers() -> list[Tweet]:
    return [t for t in Tweet.select().order_by(Tweet.id) if t.is_answer]


def told(kind: NoticeKind) -> list[Any]:
    return [n.value for n in Notice.select().order_by(Notice.id) if n.kind is kind]


def says(queued: Queued, at: datetime = NOW) -> Tweet:
    claimed = saying.claim(queued.tweet_id, at)
    assert claimed is not None
    assert saying.sent(claimed[0], 9000 + queued.tweet_id, at)
    return Tweet.get_by_id(queued.tweet_id)


# --- asked -----------------------------------------------------------------------------------------------------


def test_what_is_queued_held_and_asking_of_theirs_is_dropped_with_the_word_and_nothing_of_others(
    channel: Channel,
) -> None:
    judge(channel, heard(1, "choque uno"), heard(2, "choque dos", sender=BEN))
    choosing.choose(channel.id, NOW, review="all")
    judge(channel, heard(3, "choque tres"), heard(4, "choque cuatro", sender=BEN))
    choosing.choose(channel.id, NOW, review="off", followers_only=True)
    judge(channel, heard(5, "choque cinco"), heard(6, "choque seis", sender=BEN))
    (answer,) = judge(channel, heard(7, "@trafico no me reposteen más, por favor", at=NOW + SECOND))
    assert states() == {
        1: "approved trigger", 2: "approved trigger", 3: "blocked opted_out", 4: "held review_all",
        5: "blocked opted_out", 6: "asking not_follower", 7: "blocked asks_out",
    }  # fmt: skip
    of = {t.message_id: (t.status, t.reason) for t in Tweet.select()}
    assert of == {
        1: (TweetStatus.CANCELLED, "opted_out"), 2: (TweetStatus.QUEUED, ""), 7: (TweetStatus.QUEUED, ""),
    }  # fmt: skip
    (notice,) = told(NoticeKind.OPTED_OUT)
    assert notice == OptedOut(7, EVA, "user61", 3, NOW + SECOND)
    said = says(answer)
    assert (said.form, said.answers_x_id, said.text[:8], said.cost) == (Form.COPY, 7, "user61, ", 10_000)
    assert told(NoticeKind.POSTED) == [], "nobody is told of an answer"
    assert [e.event for e in journal.last_lines(channel.id, 99)].count("opted_out") == 1


LONG = "choque " + " ".join(f"palabra{n}" for n in range(60))


@pytest.mark.parametrize("stands", [TweetStatus.SENDING, TweetStatus.UNKNOWN, TweetStatus.SENT])
def test_of_a_copy_in_several_posts_nothing_more_is_said_and_what_is_said_goes(
    channel: Channel, stands: TweetStatus
) -> None:
    choosing.choose(channel.id, NOW, mention_form=Form.COPY, long_copies="thread")
    (queued,) = judge(channel, heard(1, LONG))
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    if stands is TweetStatus.UNKNOWN:
        saying.doubt(claimed[0], NOW, "unavailable")
    if stands is TweetStatus.SENT:  # who says it is the second one, which was released a moment ago
        saying.sent(claimed[0], 900, NOW)
        claimed = saying.claim(queued.tweet_id + 1, NOW)
        assert claimed is not None
    judge(channel, heard(2, "no me reposteen", at=NOW + SECOND))
    now_stands = TweetStatus.SENDING if stands is TweetStatus.SENT else stands
    assert saying.sent(claimed[0], 901, NOW, status=now_stands)
    copy = [t for t in Tweet.select().order_by(Tweet.id) if not t.is_answer]
    said = 2 if stands is TweetStatus.SENT else 1
    assert [t.undo for t in copy] == [UndoState.WANTED] * said + [UndoState.NONE] * (len(copy) - said)
    assert {t.status for t in copy[said:]} <= {TweetStatus.CANCELLED}
    assert told(NoticeKind.EXPIRED) == []


def test_a_part_of_a_copy_that_was_released_in_that_very_moment_is_not_said(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, mention_form=Form.COPY, long_copies="thread")
    (queued,) = judge(channel, heard(1, LONG))
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    saying.sent(claimed[0], 900, NOW)
    optouts.heed(channel.id, Word(True, NOW, AskedBy.SELF, EVA))  # who asks saw the first one as being said
    assert saying.claim(queued.tweet_id + 1, NOW) is None
    first, second = list(Tweet.select().order_by(Tweet.id))[:2]
    assert (first.undo, second.status, second.reason) == (UndoState.WANTED, TweetStatus.CANCELLED, "opted_out")
    assert told(NoticeKind.EXPIRED) == []


def test_of_one_batch_what_came_before_the_word_and_after_it_is_dropped(channel: Channel) -> None:
    judge(channel, heard(1, "choque uno"), heard(2, "STOP"), heard(3, "choque tres"), heard(4, "choque", sender=BEN))
    assert states() == {
        1: "blocked opted_out", 2: "blocked asks_out", 3: "blocked opted_out", 4: "approved trigger",
    }  # fmt: skip


def test_the_same_word_twice_by_whatever_way_is_told_and_answered_once(channel: Channel) -> None:
    messages.hear({70: channel.id}, [heard(1, "stop")], NOW)
    batch = read(channel)
    judging.judge(batch, NOW)
    assert judging.judge(batch, NOW).queued == [], "another worker had the same batch"
    judge(channel, heard(1, "stop"), heard(2, "stop", at=NOW + SECOND), heard(3, "stop", kind=MessageKind.DM))
    judge(channel, heard(4, "Stop.", at=NOW + SECOND, origin=2))
    assert (len(told(NoticeKind.OPTED_OUT)), len(answers())) == (1, 1)
    judge(channel, heard(5, "start", at=NOW + HOUR), at=NOW + HOUR)
    judge(channel, heard(6, "stop", at=NOW + 2 * HOUR), at=NOW + 2 * HOUR)
    assert (len(told(NoticeKind.OPTED_OUT)), len(told(NoticeKind.OPTED_IN)), len(answers())) == (2, 1, 1)


@pytest.mark.parametrize(
    "of", ["mentions off", "dms off", "hours", "trusted", "senders off", "off", "reviewed", "copies"]
)
def test_it_holds_whatever_else_the_channel_has_chosen(channel: Channel, of: str) -> None:
    if of == "hours":
        choosing.choose(channel.id, NOW, hours_on=True, mention_hours=parse("sun 3-4"), outside="discard")
    elif of == "trusted":
        judge(channel, heard(90, "hola"))
        senders.trust(channel.id, EVA)
    elif of == "senders off":
        choosing.flip(channel.id, SENDERS_ON, NOW, on=False)
        choosing.flip(channel.id, FOLLOWERS_ONLY, NOW, on=True)
    elif of == "reviewed":
        choosing.choose(channel.id, NOW, review="all")
    elif of == "copies":
        choosing.choose(channel.id, NOW, mention_form="copy")
    elif of == "off":
        Channel.update(is_on=False).execute()
    else:
        Channel.update(mentions_on="mentions" not in of, dms_on="dms" not in of).execute()
    kind = MessageKind.DM if of == "dms off" else MessageKind.MENTION
    judge(channel, heard(1, "no me reposteen", kind=kind))
    judge(channel, heard(2, "choque en la 8"), heard(3, "choque en la 9", kind=MessageKind.DM))
    judge(channel, heard(4, "choque en la 7", kind=MessageKind.WATCHED))
    assert states()[4] == "blocked opted_out", "whoever is watched is left out like anybody"
    assert [states()[n] for n in (1, 2, 3)] == ["blocked asks_out", "blocked opted_out", "blocked opted_out"]
    assert optouts.is_out(channel.id, EVA)
    assert [t for t in Tweet.select() if not t.is_answer] == []


def test_it_is_one_channels_matter_and_goes_by_the_account_whatever_its_name(channel: Channel) -> None:
    other = connected(71, "lluvia", owner=8)
    lists.add(other.id, [Keyword(KeywordRole.TRIGGER, "choque")])
    judge(channel, heard(1, "stop"))
    renamed = Heard(MessageKind.MENTION, 70, 2, EVA, "otra", "Otra", "choque dos", NOW)
    messages.hear(
        {70: channel.id, 71: other.id},
        [renamed, Heard(MessageKind.MENTION, 71, 3, EVA, "otra", "", "choque", NOW)],
        NOW,
    )
    rules = {c.id: judging.load_rules(c) for c in Channel.select()}
    judging.judge(
        [(w, rules[w.channel_id], rules[w.channel_id].ruleset.read(w.said)) for w in messages.waiting(9)], NOW
    )
    assert (states()[2], states()[3]) == ("blocked opted_out", "approved trigger")


# --- what is in the air --------------------------------------------------------------------------------------------


def test_whatever_brings_a_repost_of_theirs_back_the_claim_does_not_say_it(channel: Channel) -> None:
    queued, held_up, unknown = judge(channel, heard(1, "choque uno"), heard(2, "choque dos"), heard(3, "choque tres"))
    judge(channel, heard(4, "stop"))
    Tweet.update(status=TweetStatus.QUEUED).where(Tweet.id == queued.tweet_id).execute()  # by whatever way
    assert saying.claim(queued.tweet_id, NOW) is None
    assert Tweet.get_by_id(queued.tweet_id).reason == "opted_out"
    for one, status in ((held_up, TweetStatus.SENDING), (unknown, TweetStatus.UNKNOWN)):
        Tweet.update(status=status, claimed_until=NOW).where(Tweet.id == one.tweet_id).execute()
    for tweet_id in settling.recover(NOW + SECOND):
        claimed = settling.claim(tweet_id, NOW + SECOND)
        assert claimed is not None
        settling.requeue_unsaid(claimed[0], NOW + SECOND)
        assert saying.claim(tweet_id, NOW + SECOND) is None
    assert {t.status for t in Tweet.select() if not t.is_answer} == {TweetStatus.CANCELLED}


def test_what_was_in_the_air_and_is_said_is_taken_back_again(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, "choque uno"))
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    judge(channel, heard(2, "stop"))
    assert Tweet.get_by_id(queued.tweet_id).status is TweetStatus.SENDING
    assert saying.sent(claimed[0], 99, NOW)
    assert Tweet.get_by_id(queued.tweet_id).undo is UndoState.WANTED


def test_a_held_message_that_somebody_ignored_is_not_held_again_once_its_writer_left(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, review="all")
    judge(channel, heard(1, "choque uno"))
    message = Message.get(Message.x_id == 1)
    assert review.ignore(message.id, ANA, NOW).won
    judge(channel, heard(2, "stop"))
    assert not review.take_back(message.id, NOW)
    assert states()[1].startswith("ignored")


# --- the answer ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ["off", "on hold", "outage of X", "no scope", "old", "oauth1"])
def test_there_is_no_answer_where_none_may_be_given_and_they_are_left_out_all_the_same(
    channel: Channel, why: str
) -> None:
    kind, at = MessageKind.MENTION, NOW
    if why == "off":
        Channel.update(is_on=False).execute()
    elif why == "on hold":
        Channel.update(hold_until=NOW + HOUR, held_for="limit").execute()
    elif why == "outage of X":
        Channel.update(held_for="x_down").execute()
    elif why == "no scope":
        kind = MessageKind.DM
        Channel.update(scopes="tweet.read tweet.write dm.read").execute()
    elif why == "oauth1":
        kind = MessageKind.DM
        Channel.update(auth=Auth.OAUTH1).execute()
    else:
        at = NOW - 30 * HOUR
    judge(channel, heard(1, "stop", kind=kind, at=at))
    assert answers() == []
    assert optouts.is_out(channel.id, EVA)


def test_an_answer_goes_at_the_channels_pace_and_not_at_all_where_it_comes_to_be_on_hold(channel: Channel) -> None:
    Channel.update(gap_s=60).execute()
    judge(channel, heard(1, "choque uno", sender=BEN))
    (answer,) = judge(channel, heard(2, "stop"))
    assert answer.due_at == NOW + timedelta(seconds=60)
    Channel.update(hold_until=NOW + HOUR, held_for="limit").execute()
    assert saying.claim(answer.tweet_id, answer.due_at) is None
    row = Tweet.get_by_id(answer.tweet_id)
    assert (row.status, row.reason) == (TweetStatus.CANCELLED, "on_hold")


def test_a_refused_answer_is_nobodys_trouble_and_a_private_one_costs_what_a_message_costs(channel: Channel) -> None:
    (answer,) = judge(channel, heard(1, "stop", kind=MessageKind.DM))
    row = says(answer)
    assert (row.answers_x_id, row.answers_sender, row.cost, row.text[:10]) == (None, EVA, 15_000, "Entendido:")
    seen = overview.overview(channel.id, NOW)
    assert (seen.posted, seen.spent) == (0, 15_000), "it is paid, and nothing that is published"
    (other,) = judge(channel, heard(2, "stop", sender=BEN))
    claimed = saying.claim(other.tweet_id, NOW)
    assert claimed is not None
    saying.fail(claimed[0], NOW, "refused", "You are not allowed to reply to this post.")
    assert told(NoticeKind.FAILED) == []


# --- back ----------------------------------------------------------------------------------------------------------


def test_their_own_word_brings_them_back_and_the_last_one_holds_in_whatever_order_it_comes(channel: Channel) -> None:
    judge(channel, heard(1, "stop"))
    judge(channel, heard(2, "pueden repostearme", at=NOW + SECOND), heard(3, "choque tres", at=NOW + SECOND))
    assert (states()[2], states()[3]) == ("ignored asks_in", "approved trigger")
    judge(channel, heard(4, "start", at=NOW + 3 * SECOND, sender=BEN))
    judge(channel, heard(5, "stop", at=NOW + 2 * SECOND, sender=BEN))
    assert not optouts.is_out(channel.id, BEN), "what is read back late is no later word"
    assert [n.message for n in told(NoticeKind.OPTED_IN)] == [2]


def test_a_persons_word_and_its_undo(channel: Channel) -> None:
    judge(channel, heard(1, "choque uno", sender=BEN))
    said = opting.words_of(channel.id, [LeftOut("User62"), LeftOut("nunca_oida")], AskedBy.TEAM, NOW)
    undo = undoing.keep(channel.id, ANA, "optouts", NOW, optouts.before(channel.id, said, NOW))
    with transaction():
        assert opting.by_hand(channel.id, said, NOW) == 2
    assert [t.status for t in Tweet.select()] == [TweetStatus.CANCELLED]
    judge(
        channel, heard(2, "choque dos", sender=BEN), Heard(MessageKind.DM, 70, 3, 63, "Nunca_Oida", "", "choque", NOW)
    )
    assert (states()[2], states()[3]) == ("blocked opted_out", "blocked opted_out")
    judge(channel, heard(4, "no me reposteen", sender=BEN, at=NOW + SECOND))
    assert undoing.undo(channel.id, undo, NOW + SECOND) is not None
    assert [r.sender_id for r in optouts.rows_of(channel.id)] == [BEN], "they said it themselves since"


def test_no_undo_of_a_block_no_list_and_no_copy_brings_anybody_back(channel: Channel) -> None:
    judge(channel, heard(1, "stop"))
    (line,) = lists.entries(channel.id, ["opted_out"])
    assert line == LeftOut("user61")
    written = files.write_file([line, LeftOut(x_id=77)])
    assert files.read_file(written, None, NOW).entries == [LeftOut(x_id=77), LeftOut("user61")]
    other = connected(71, "lluvia")
    choosing.copy(other.id, channel.id, NOW)
    choosing.bring_in(channel.id, [LeftOut("ben")], NOW, replacing=["opted_out", "trusted", "blocked"])
    senders.clear_standing(channel.id, Standing.BLOCKED)
    choosing.copy(channel.id, other.id, NOW)
    assert [(r.handle, r.asked_by) for r in optouts.rows_of(channel.id)] == [
        ("ben", AskedBy.FILE),
        ("user61", AskedBy.SELF),
    ]
    assert optouts.rows_of(other.id) == [], "they asked one channel"
    long_after = NOW + timedelta(days=4000)
    for _ in retention.bites(long_after):
        continue
    assert optouts.is_out(channel.id, EVA)
    with transaction():
        assert opting.by_hand(channel.id, [Word(False, NOW + HOUR, AskedBy.TEAM, EVA, "user61")], NOW + HOUR) == 1
    for _ in retention.bites(long_after):
        continue
    assert [r.handle for r in OptOut.select()] == ["ben"]


def test_a_cancelled_queue_leaves_the_answer_to_itself(channel: Channel) -> None:
    (answer,) = judge(channel, heard(1, "stop"))
    assert placing.cancel_of_sender(channel.id, EVA, NOW) == 0
    assert Tweet.get_by_id(answer.tweet_id).status is TweetStatus.QUEUED
