"""People who talk to the bot: their name, their language, their channel, and what their next message answers."""

from datetime import datetime
from typing import Any

import peewee as pw

from models.database import InstantField, Table
from models.statements import as_row, statement


class Person(Table):
    telegram_id = pw.BigIntegerField(primary_key=True)
    name = pw.TextField(default="")
    language = pw.TextField(default="en")
    channel_id = pw.IntegerField(null=True)
    dialogue = pw.TextField(default="")
    dialogue_was = pw.TextField(default="")  # before the update `dialogue_by` changed it
    dialogue_by = pw.BigIntegerField(null=True)
    created_at = InstantField()
    keys_shown_at = InstantField(null=True)  # when they last saw how keys for X Chat are had


@statement
def _one(telegram_id: int) -> pw.Query:
    return Person.select().where(Person.telegram_id == telegram_id)


def person(telegram_id: int, name: str, language: str, now: datetime) -> Person:
    """The person, made on first sight with the language of their Telegram."""
    found = as_row(Person, _one.first(telegram_id))
    if found is None:
        made = Person.insert(telegram_id=telegram_id, name=name, language=language, created_at=now)
        made.on_conflict_ignore().execute()
        found = known(telegram_id)
    if found.name != name:
        Person.update(name=name).where(Person.telegram_id == telegram_id).execute()
    return found


def remember_dialogue(person_id: int, kept: str, update_id: int) -> None:
    """Keep what the next message answers, so that a restart of the bot does not forget it; empty for nothing.

    What was there before this update of Telegram's is kept too, for where it must be done again.
    """
    Person.update(dialogue=kept, **_was(update_id)).where(Person.telegram_id == person_id).execute()


def forget_dialogue(person_id: int, kept: str, update_id: int) -> bool:
    """Nothing is waited for any more; False where it was this no longer: of two who act on it, one has it."""
    mine = (Person.telegram_id == person_id) & (Person.dialogue == kept)
    return bool(Person.update(dialogue="", **_was(update_id)).where(mine).execute() == 1)


def begin_again(person: Person, update_id: int) -> None:
    """What was waited for before this update is waited for again, if it is done once more, from its beginning."""
    if person.dialogue_by != update_id:
        return
    mine = (Person.telegram_id == person.telegram_id) & (Person.dialogue_by == update_id)
    Person.update(dialogue=Person.dialogue_was).where(mine).execute()
    person.dialogue = person.dialogue_was


def keys_shown(person_id: int, now: datetime) -> None:
    """They see how keys for X Chat are had: a bare number that they send soon may be a PIN."""
    earlier = Person.keys_shown_at.is_null() | (Person.keys_shown_at < now)
    Person.update(keys_shown_at=now).where((Person.telegram_id == person_id) & earlier).execute()


def _was(update_id: int) -> dict[str, Any]:
    again = pw.Case(None, [(Person.dialogue_by == update_id, Person.dialogue_was)], Person.dialogue)
    return {"dialogue_was": again, "dialogue_by": update_id}


def known(person_id: int) -> Person:
    """The person as they are stored now."""
    found: Person = Person.get_by_id(person_id)
    return found


def name_of(person_id: int) -> str:
    """Their name; empty where they are not known, or have none."""
    return str(Person.select(Person.name).where(Person.telegram_id == person_id).scalar() or "")


def called(person_id: int) -> str:
    """Their name, or their number where none is known."""
    return name_of(person_id) or str(person_id)


def language_of(person_id: int) -> str:
    """The language that they are spoken to in."""
    return str(Person.select(Person.language).where(Person.telegram_id == person_id).scalar() or "en")


def speak(person_id: int, language: str) -> None:
    """Speak another language to them."""
    Person.update(language=language).where(Person.telegram_id == person_id).execute()


def choose_channel(person_id: int, channel_id: int) -> None:
    """The channel that their commands are about."""
    Person.update(channel_id=channel_id).where(Person.telegram_id == person_id).execute()
