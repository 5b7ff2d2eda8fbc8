"""The people whom an admin speaks of: how they are named, and who is meant by what was typed."""

from bot.chat.language import Sentence, Speaker
from bot.chat.spoken import Example
from bot.chat.turn import Refusal, Turn, said_back
from engine.text import fold
from models.accounts import admins, admission, people
from models.accounts.standings import Admission, Standing

MOST = 300


def meant(turn: Turn, typed: str) -> int:
    """The person that was typed: by number, @name at Telegram where they asked with it, or name. Raises Refusal."""
    wanted = typed.strip().removeprefix("@")
    if wanted.isdecimal() and len(wanted) < 16 and int(wanted) > 0:
        return int(wanted)
    there = [row for s in Standing for row in admission.standing_so(s, MOST)]
    found = {
        row.person_id
        for row in there
        if wanted and fold(wanted) in (fold(row.username), fold(people.name_of(row.person_id)))
    } | {i for i in admins.ids() if wanted and fold(people.name_of(i)) == fold(wanted)}
    if len(found) == 1:
        return found.pop()
    example = Example(turn.t("/admin out 123456789"))
    if found:
        raise Refusal(
            turn.t(
                "Several people have that name. Say their number, which is on their card: {example}", example=example
            )
        )
    raise Refusal(
        turn.t(
            "I know nobody called «{name}». Say the number at Telegram, or tap them under /admin: {example}",
            name=said_back(typed),
            example=example,
        )
    )


def called(say: Speaker, row: Admission | None, person_id: int, said: str = "") -> str:
    """A person as an admin knows them: name (or what they `said` it was), @name, number."""
    name = people.name_of(person_id) or said
    username = f"@{row.username}" if row is not None and row.username else ""
    parts = [say.t("<b>{name}</b>", name=name) if name else "", say.t("{name}", name=username)]
    return Sentence(" ".join([*(p for p in parts if p), say.t("<code>{id}</code>", id=person_id)]))
