"""People who talk to the bot: their name, their language, their channel, and what their next message answers."""

from datetime import datetime

import peewee as pw

from models.database import InstantField, Table


class Person(Table):
    telegram_id = pw.BigIntegerField(primary_key=True)
    name = pw.TextField(default="")
    language = pw.TextField(default="en")
    channel_id = pw.IntegerField(null=True)
    dialogue = pw.TextField(default="")
    created_at = InstantField()


def person(telegram_id: int, name: str, language: str, now: datetime) -> Person:
    """The person, made on first sight with the language of their Telegram."""
    Person.insert(telegram_id=telegram_id, name=name, language=language, created_at=now).on_conflict_ignore().execute()
    found = Person.get_by_id(telegram_id)
    if found.name != name:
        Person.update(name=name).where(Person.telegram_id == telegram_id).execute()
    return found


def remember_dialogue(person_id: int, kept: str) -> None:
    """Keep what the next message answers, so that a restart of the bot does not forget it; empty for nothing."""
    Person.update(dialogue=kept).where(Person.telegram_id == person_id).execute()


def forget_dialogue(person_id: int, kept: str) -> bool:
    """Nothing is waited for any more; False where it was this no longer: of two who act on it, one has it."""
    mine = (Person.telegram_id == person_id) & (Person.dialogue == kept)
    return bool(Person.update(dialogue="").where(mine).execute() == 1)


def known(person_id: int) -> Person:
    """The person as they are stored now."""
    found: Person = Person.get_by_id(person_id)
    return found


def name_of(person_id: int) -> str:
    """Their name; empty where they are not known, or have none."""
    return str(Person.select(Person.name).where(Person.telegram_id == person_id).scalar() or "")


def language_of(person_id: int) -> str:
    """The language that they are spoken to in."""
    return str(Person.select(Person.language).where(Person.telegram_id == person_id).scalar() or "en")


def speak(person_id: int, language: str) -> None:
    """Speak another language to them."""
    Person.update(language=language).where(Person.telegram_id == person_id).execute()


def choose_channel(person_id: int, channel_id: int) -> None:
    """The channel that their commands are about."""
    Person.update(channel_id=channel_id).where(Person.telegram_id == person_id).execute()
