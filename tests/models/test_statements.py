"""Statements that are made SQL of once do what the same does when it is written where it is used."""

from datetime import datetime, timedelta

import peewee as pw
import pytest

from engine.moderation import Form
from models.bulk import execute_many, unanswered
from models.database import to_stored, transaction
from models.notifications.journal import JournalEntry
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings
from models.statements import as_row, as_rows, statement
from tests.conftest import NOW

LATER = NOW + timedelta(hours=1)
made: list[str] = []


@statement
def _insert(form: Form, text: str, due_at: datetime, person_id: int | None, any_hour: bool) -> pw.Query:
    made.append("insert")
    return Tweet.insert(
        channel_id=7, form=form, text=text, due_at=due_at, fresh_until=due_at, person_id=person_id, any_hour=any_hour
    ).returning(Tweet)


@statement
def _move(status: TweetStatus, until: datetime, before: datetime) -> pw.Query:
    return Tweet.update(status=status, claimed_until=pw.fn.COALESCE(Tweet.claimed_until, until)).where(
        (Tweet.status == TweetStatus.QUEUED) & (Tweet.due_at <= before)
    )


@statement
def _of_form(form: Form) -> pw.Query:
    return Tweet.select().where(Tweet.form == form).order_by(Tweet.id)


def test_values_of_each_kind_come_to_the_database_and_back(db: Settings) -> None:
    tweet = as_row(Tweet, _insert.first(Form.COPY, "100 % «ñ» ?", NOW, None, any_hour=True))
    assert tweet is not None
    assert tweet.__data__ == Tweet.get_by_id(tweet.id).__data__
    assert (tweet.form, tweet.text, tweet.due_at, tweet.person_id, tweet.any_hour, tweet.status) == (
        Form.COPY, "100 % «ñ» ?", NOW, None, True, TweetStatus.QUEUED,
    )  # fmt: skip


def test_a_statement_is_made_once_and_runs_with_what_it_is_given(db: Settings) -> None:
    made.clear()
    for n in range(3):
        _insert.rows(Form.REPOST, str(n), NOW + timedelta(minutes=n), n, any_hour=False)
    assert len(made) <= 1
    assert [t.text for t in as_rows(Tweet, _of_form.rows(Form.REPOST))] == ["0", "1", "2"]
    assert _of_form.rows(Form.COPY) == []
    assert as_row(Tweet, _of_form.first(Form.COPY)) is None


def test_how_many_rows_a_statement_changed_says_who_won(db: Settings) -> None:
    _insert.rows(Form.REPOST, "", NOW, None, any_hour=False)
    assert _move.changed(TweetStatus.SENDING, LATER, before=NOW - timedelta(seconds=1)) == 0
    assert _move.changed(TweetStatus.SENDING, LATER, before=NOW) == 1
    assert _move.changed(TweetStatus.SENDING, LATER, before=NOW) == 0
    assert Tweet.get().claimed_until == LATER


def test_a_statement_is_of_its_transaction_and_meets_the_errors_of_peewee(db: Settings) -> None:
    def one_good_and_one_bad() -> None:
        with transaction():
            _insert.rows(Form.COPY, "uno", NOW, None, any_hour=False)
            _insert.rows(None, "dos", NOW, None, any_hour=False)  # type: ignore[arg-type]

    with pytest.raises(pw.IntegrityError):
        one_good_and_one_bad()
    assert Tweet.select().count() == 0


def test_what_is_sent_without_waiting_is_there_in_its_order_or_meets_its_error(db: Settings) -> None:
    def many(*due: datetime | None) -> None:
        with transaction(), unanswered():
            for at in due:
                sql = "INSERT INTO journal_entry (channel_id, at, event, data, written) VALUES (?, ?, ?, ?, 0)"
                execute_many(sql, [(7, None if at is None else to_stored(at), "sent", "{}")] * 2)

    many(NOW, LATER)
    assert [e.at for e in JournalEntry.select().order_by(JournalEntry.id)] == [NOW, NOW, LATER, LATER]
    with pytest.raises(pw.IntegrityError):
        many(NOW, None, LATER)
    assert JournalEntry.select().count() == 4
