"""The commands of the lists: `/triggers`, `/filters`, `/replacements`, `/emphasis`, each with the same verbs."""

from bot.chat import doors, words
from bot.chat.handling import open_target
from bot.chat.turn import Refusal, Turn, said_back
from bot.moderation import adding, one_word
from bot.moderation import words as panels
from bot.moderation.roles import COMMANDS, EXAMPLES, first_example
from engine.moderation import KeywordRole


async def triggers(turn: Turn) -> None:
    """/triggers [add|remove|search WORDS]"""
    await _command(turn, KeywordRole.TRIGGER)


async def filters(turn: Turn) -> None:
    """/filters [add|remove|search WORDS]"""
    await _command(turn, KeywordRole.FILTER)


async def replacements(turn: Turn) -> None:
    """/replacements [add|remove|search WORDS]"""
    await _command(turn, KeywordRole.REPLACEMENT)


async def emphasis(turn: Turn) -> None:
    """/emphasis [add|remove|search WORDS]"""
    await _command(turn, KeywordRole.EMPHASIS)


async def _command(turn: Turn, role: KeywordRole) -> None:
    channel = turn.take_channel()
    verb, _, rest = turn.arguments.partition(" ")
    word = verb.lower()
    if not turn.arguments or word in words.LIST:
        await panels.show(turn, channel, role)
    elif word in words.ADD:
        if not rest:
            turn.wait_for(adding.WordsToAdd(channel.id, role))  # the refusal asks for them
        await adding.add(turn, channel, role, rest)
    elif word in words.REMOVE:
        await one_word.remove(turn, channel, role, rest)
    elif word in words.SEARCH:
        await panels.search(turn, channel, role, rest)
    elif word in words.EXPORT:
        await open_target(turn, doors.Export(channel.id, role.value))
    elif word in words.IMPORT:
        await open_target(turn, doors.Import(channel.id, role.value))
    else:
        raise Refusal(
            turn.t(
                "I don't know {verb} here. For example: {command} add {example} · {command} remove {word}",
                verb=said_back(verb),
                command=COMMANDS[role],
                example=turn.t(EXAMPLES[role]),
                word=first_example(turn, role),
            )
        )
