"""People who talk to the bot: their name, their language, and where a wizard of theirs stands."""

import json
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


def remember_dialogue(person_id: int, dialogue: dict[str, object] | None) -> None:
    """Keep where a wizard stands, so that a restart of the bot does not forget it. None ends it."""
    value = json.dumps(dialogue) if dialogue else ""
    Person.update(dialogue=value).where(Person.telegram_id == person_id).execute()


def change_dialogue(person_id: int, before: str, dialogue: dict[str, object]) -> bool:
    """Change where a wizard stands, if it still stands where it was read; False where another was first."""
    mine = (Person.telegram_id == person_id) & (Person.dialogue == before)
    return bool(Person.update(dialogue=json.dumps(dialogue)).where(mine).execute() == 1)
