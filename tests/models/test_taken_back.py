"""Who wrote it takes it back: nothing is said or kept of it, whenever the word comes; and nobody else's word counts."""

from datetime import datetime, timedelta

import pytest

from engine.moderation import Form, MessageKind
from engine.moderation.verdicts import TAKEN_BACK
from engine.posts import plain
from engine.x import prices
from engine.x.events import Heard
from engine.x.prices import Billed
from models import choosing
from models.accounts.channels import Channel, OffReason
from models.database import db as database
from models.moderation import judging, review, withdrawing
from models.moderation.passed import PassedText
from models.notifications import journal
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import drafts, kept, placing, saying, settling, taking_back
from models.publishing.copies import looking_again
from models.publishing.drafts import Credit, Draft, Way
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.streaming import messages, taken_back
from models.streaming.messages import Message, MessageStatus
from models.streaming.taken_back import Deletion, TakenBack
from tests.conftest import NOW
from tests.models.test_way_of_a_message import ANA, channel, heard, judge, read

__all__ = ["channel"]

SECRET = "choque en la autopista"
PEPE, OTHER = 5, 6
MINUTE = timedelta(minutes=1)


def copies(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, mention_form=Form.COPY)


def deleted(x_id: int = 1, author: int = PEPE, at: datetime = NOW) -> list[int]:
    """The deletion is noted and followed; the tweets of which X is to be asked."""
    taken_back.note([Deletion(x_id, author)], at)
    return follow(at)


def follow(at: datetime) -> list[int]:
    asked: list[int] = []
    for gone in taken_back.due(at, 9):
        asked += withdrawing.follow(gone, at)
    return asked


def one() -> Tweet:
    return Tweet.select().get()


def kept_anywhere(word: str = "autopista") -> list[str]:
    """The columns of all tables in which somebody's word still stands."""
    found = []
    for table in database.get_tables():
        for column in database.get_columns(table):
            if column.data_type.lower() in ("text", "varchar"):
                asked = f'SELECT COUNT(*) FROM "{table}" WHERE "{column.name}" LIKE {database.param}'
                if database.execute_sql(asked, (f"%{word}%",)).fetchone()[0]:
                    found.append(f"{table}.{column.name}")
    return found


def test_a_copy_goes_its_words_are_kept_nowhere_and_the_owner_is_told_once(channel: Channel) -> None:
    copies(channel)
    (queued,) = judge(channel, heard(1, SECRET))
    tweet = saying.claim(queued.tweet_id, NOW)
    assert tweet is not None
    assert saying.sent(tweet[0], 900, NOW)
    assert kept_anywhere() == ["journal_entry.data", "message.text", "passed_text.words", "tweet.text"]
    assert deleted() == [queued.tweet_id]
    assert kept_anywhere() == []
    assert (one().undo, one().undo_due_at) == (UndoState.WANTED, NOW)
    for minutes in (0, 1, 2, 30):
        assert deleted(at=NOW + minutes * MINUTE) == [], "doubled, and looked at again"
    assert [n.kind for n in Notice.select()].count(NoticeKind.TAKEN_BACK) == 1
    assert taken_back.due(NOW + timedelta(days=1), 9) == []
    claimed = taking_back.claim(queued.tweet_id, NOW)
    assert claimed is not None
    cost = one().cost
    taking_back.done(claimed[0], NOW)
    assert one().cost == cost + prices.today(Billed.UNDO), "X charges for the deletion, too"
    assert deleted(at=NOW + MINUTE) == []


def test_a_native_repost_goes_by_itself_and_costs_no_call(channel: Channel) -> None:
    (queued,) = judge(channel, heard(1, SECRET))
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    saying.sent(claimed[0], 1, NOW)
    assert deleted() == []
    assert one().undo is UndoState.DONE
    assert kept_anywhere() == []
    assert NoticeKind.TAKEN_BACK in [n.kind for n in Notice.select()]


@pytest.mark.parametrize("form", list(Form))
def test_what_waits_its_turn_is_not_said(channel: Channel, form: Form) -> None:
    choosing.choose(channel.id, NOW, mention_form=form)
    (queued,) = judge(channel, heard(1, SECRET))
    assert deleted() == []
    assert (one().status, one().reason) == (TweetStatus.CANCELLED, "taken_back")
    assert saying.claim(queued.tweet_id, NOW) is None
    assert kept_anywhere() == []
    assert NoticeKind.TAKEN_BACK not in [n.kind for n in Notice.select()], "nobody had read it"


def test_what_is_held_is_withdrawn_with_its_draft_and_nobody_brings_it_back(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, review="all")
    channel = Channel.get_by_id(channel.id)
    judge(channel, heard(1, SECRET))
    message = Message.get()
    draft = drafts.make(
        Draft(channel.id, ANA, Way.EDITED, (plain(SECRET),), message_id=message.id, credit=Credit.THEIRS), NOW
    )
    assert message.status is MessageStatus.HELD
    deleted()
    message = Message.get()
    assert (message.status, message.rule) == (MessageStatus.IGNORED, TAKEN_BACK)
    with pytest.raises(drafts.DraftGone):
        drafts.one(draft.id)
    style = judging.load_rules(channel).style
    assert not review.publish(message.id, ANA, style, NOW, edited="x").won
    assert not review.take_back(message.id, NOW)
    assert kept_anywhere() == []


def test_what_a_person_had_ignored_can_t_be_held_again(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, review="all")
    judge(Channel.get_by_id(channel.id), heard(1, SECRET))
    message = Message.get()
    review.ignore(message.id, ANA, NOW)
    deleted()
    review.restore(channel.id, review.HeldBefore(message.id), NOW)
    assert Message.get().status is MessageStatus.IGNORED


def test_the_word_that_comes_before_what_it_is_about_counts_too(channel: Channel) -> None:
    deleted(1)
    assert judge(channel, heard(1, SECRET), heard(2, "choque otro")) != []
    assert [(m.x_id, m.text, m.status.value) for m in Message.select().order_by(Message.x_id)] == [
        (1, "", "ignored"),
        (2, "choque otro", "approved"),
    ]
    assert kept_anywhere() == []


def test_of_an_edited_post_every_version_goes_whichever_is_named(channel: Channel) -> None:
    copies(channel)

    def version(x_id: int) -> Heard:
        return Heard(MessageKind.MENTION, 70, x_id, PEPE, "pepe", "Pepe", f"{SECRET} {x_id}", NOW, origin_id=10)

    for named in (10, 11, 12):
        for table in (Message, Tweet, TakenBack):
            table.delete().execute()
        judge(channel, version(10))
        judge(channel, version(11), version(12))
        deleted(named)
        assert kept_anywhere() == [], named
        assert all(t.status is TweetStatus.CANCELLED for t in Tweet.select())
        judge(channel, version(13))
        assert kept_anywhere() == [], "one that is heard later, too"


def test_nobody_takes_back_what_somebody_else_wrote(channel: Channel) -> None:
    judge(channel, heard(1, SECRET))
    deleted(1, OTHER)
    deleted(77, PEPE)
    assert one().status is TweetStatus.QUEUED
    deleted(1, PEPE)
    assert one().status is TweetStatus.CANCELLED


@pytest.mark.parametrize("kind", [MessageKind.MENTION, MessageKind.DM])
def test_in_the_air_it_is_not_said_or_goes_at_once(channel: Channel, kind: MessageKind) -> None:
    copies(channel)
    (queued,) = judge(channel, heard(1, SECRET, kind))
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    assert deleted() == [], "it is not known whether X has it"
    assert not saying.renew_claim(claimed[0], NOW)
    assert (one().status, one().reason) == (TweetStatus.CANCELLED, "taken_back")
    assert kept_anywhere() == []


def test_what_x_has_taken_meanwhile_goes_as_soon_as_that_is_known(channel: Channel) -> None:
    copies(channel)
    (queued,) = judge(channel, heard(1, SECRET))
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    assert saying.renew_claim(claimed[0], NOW)
    deleted()
    assert taking_back.due(NOW) == []
    assert saying.sent(claimed[0], 900, NOW)
    assert taking_back.due(NOW) == [queued.tweet_id]
    assert kept_anywhere() == []


@pytest.mark.parametrize("has_it", [True, False])
def test_of_what_no_answer_came_it_is_read_and_then_it_goes_or_is_not_said(channel: Channel, has_it: bool) -> None:
    copies(channel)
    (queued,) = judge(channel, heard(1, SECRET))
    claimed = saying.claim(queued.tweet_id, NOW)
    assert claimed is not None
    saying.doubt(claimed[0], NOW, "x_down")
    deleted()
    assert (one().status, one().text == "") == (TweetStatus.UNKNOWN, False), "X is read for it"
    later = NOW + MINUTE
    settled = settling.claim(queued.tweet_id, later)
    assert settled is not None
    if has_it:
        saying.sent(settled[0], 900, later, status=TweetStatus.UNKNOWN)
        assert taking_back.due(later) == [queued.tweet_id]
    else:
        settling.requeue_unsaid(settled[0], later)
        assert (one().status, one().undo) == (TweetStatus.CANCELLED, UndoState.NONE)
    assert kept_anywhere() == []


def test_what_answers_who_wrote_it_is_no_copy_of_it(channel: Channel) -> None:
    copies(channel)
    judge(channel, heard(1, SECRET))
    assert looking_again.wanted_authors(NOW) == {channel.id: [PEPE]}
    Tweet.update(answers_x_id=1, text="De acuerdo").execute()
    assert looking_again.wanted_authors(NOW) == {}
    deleted()
    assert one().status is TweetStatus.QUEUED
    assert Message.get().text == ""


def test_who_dies_on_any_line_leaves_what_another_finishes(channel: Channel) -> None:
    copies(channel)
    judge(channel, heard(1, SECRET))
    taken_back.note([Deletion(1, PEPE)], NOW)
    (gone,) = taken_back.due(NOW, 9)
    (message,) = withdrawing.of(gone)
    with database.atomic() as dying:
        withdrawing.withdraw(message, NOW)
        dying.rollback()  # it dies before it is committed
    assert one().status is TweetStatus.QUEUED
    withdrawing.withdraw(message, NOW)  # … or after that, before it is written down as followed
    assert follow(NOW) == []
    assert kept_anywhere() == []


def test_who_writes_it_again_mended_repeats_nobody(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, repeats_on=True)
    channel = Channel.get_by_id(channel.id)
    judge(channel, heard(1, SECRET))
    deleted()
    assert PassedText.select(PassedText.words).where(PassedText.words != "").count() == 0
    judge(channel, heard(2, SECRET))
    assert Message.get(Message.x_id == 2).status is MessageStatus.APPROVED
    judge(channel, heard(3, SECRET))
    assert Message.get(Message.x_id == 3).status is MessageStatus.IGNORED, "that one stands"


def test_the_journal_says_what_became_of_it_and_not_what_it_said(channel: Channel) -> None:
    judge(channel, heard(1, SECRET), heard(2, "choque dos"))
    deleted()
    lines = [(e.event, e.details.get("text")) for e in journal.last_lines(channel.id, 9)]
    assert ("approved", None) in lines
    assert ("approved", "choque dos") in lines
    assert lines[-1][0] == "taken_back"


def test_what_is_read_and_was_judged_meanwhile_is_found_a_minute_later(channel: Channel) -> None:
    batch_of = heard(1, SECRET)
    messages.hear({70: channel.id}, [batch_of], NOW)
    batch = read(channel)
    deleted()
    judging.judge(batch, NOW)
    assert Tweet.select().count() == 0, "who judges finds it ignored"
    taken_back.note([Deletion(3, PEPE)], NOW)
    follow(NOW)
    Message.insert(
        channel_id=channel.id,
        kind=MessageKind.MENTION,
        x_id=3,
        origin_id=3,
        sender_id=PEPE,
        text=SECRET,
        at=NOW,
        heard_at=NOW,
    ).execute()  # its transaction began before the word came, and ended after it
    follow(NOW + MINUTE)
    assert kept_anywhere() == []


def test_what_waits_for_a_channel_that_x_put_off_never_comes_back(channel: Channel) -> None:
    copies(channel)
    judge(channel, heard(1, SECRET))
    placing.cancel_queued(channel.id, OffReason.TOKEN)
    deleted()
    kept.bring_back(channel.id, NOW)
    assert (one().status, one().reason, one().text) == (TweetStatus.CANCELLED, "taken_back", "")


def test_of_a_copy_that_is_a_thread_what_is_said_goes_and_the_rest_is_not_said(channel: Channel) -> None:
    copies(channel)
    (queued,) = judge(channel, heard(1, SECRET))
    head = queued.tweet_id
    Tweet.update(thread_id=head, status=TweetStatus.SENT, x_id=900, sent_at=NOW).execute()
    rest = [
        Tweet.insert(
            channel_id=channel.id, form=Form.COPY, text=SECRET, thread_id=head, after_id=head, status=status,
            due_at=NOW, fresh_until=NOW, claim="x", claimed_until=NOW,
        ).execute()
        for status in (TweetStatus.WAITING, TweetStatus.SENDING)
    ]  # fmt: skip
    assert deleted() == [head]
    assert Tweet.get_by_id(rest[0]).status is TweetStatus.CANCELLED
    assert saying.sent(Tweet.get_by_id(rest[1]), 901, NOW)
    assert sorted(taking_back.due(NOW)) == [head, rest[1]]
    assert kept_anywhere() == []


def test_what_x_would_not_take_back_for_a_person_is_asked_of_it_once_more(channel: Channel) -> None:
    copies(channel)
    judge(channel, heard(1, SECRET))
    Tweet.update(status=TweetStatus.SENT, x_id=900, sent_at=NOW, undo=UndoState.FAILED).execute()
    assert deleted() == [one().id]
    Tweet.update(undo=UndoState.FAILED).execute()
    assert follow(NOW + MINUTE) == []
