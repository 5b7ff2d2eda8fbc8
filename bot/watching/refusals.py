"""Why something can't be watched: what was wrong, and a right example."""

from collections.abc import Sequence

from bot.chat.spoken import Example
from bot.chat.turn import Refusal, Turn, said_back
from bot.chat.xs_words import of_x
from engine.moderation import MAX_KEYWORD, BadKeyword
from engine.x.watching import searches
from engine.x.watching.lookups import Missing
from engine.x.watching.searches import BadSearch
from models.watching import watched
from models.watching.watched import TooMany
from tasks.watching.asking import NoAnswer

OF_ACCOUNT, OF_LIST, OF_SEARCH = (
    "/watch @inameh",
    "/watch list https://x.com/i/lists/1746000000000000001",
    '/watch search "road closed" caracas',
)


def examples(turn: Turn) -> str:
    """One of each kind."""
    return turn.t(
        '/watch @inameh · /watch list https://x.com/i/lists/1746000000000000001 · /watch search "road closed" caracas'
    )


def unclear(turn: Turn, typed: str) -> Refusal:
    return Refusal(
        turn.t(
            "Is “{typed}” an account, a list or a search? For example: {examples}",
            typed=said_back(typed),
            examples=examples(turn),
        )
    )


def no_name(turn: Turn, typed: str) -> Refusal:
    return Refusal(
        turn.t(
            "“{typed}” is no name on X: 1 to 15 letters, digits and _. For example: /watch @inameh",
            typed=said_back(typed),
        )
    )


def one_by_one(turn: Turn, first: str, others: Sequence[str]) -> Refusal:
    """Several names at once: each has its own price, triggers and ceiling."""
    return Refusal(
        turn.t(
            "One at a time, please: each is looked at, and priced, by itself. For example: /watch @{first}, and then"
            " /watch {second}",
            first=first,
            second=others[0],
        )
    )


def not_shown(turn: Turn, why: Missing, what: str) -> str:
    if why is Missing.SUSPENDED:
        return turn.t("X has suspended @{name}: there is nothing to watch. For example: /watch @inameh", name=what)
    if why is Missing.PROTECTED:
        return turn.t(
            "@{name} shows its posts only to whom it chose, so they are never repeated. Watch an account that all can"
            " read, for example: /watch @inameh",
            name=what,
        )
    if why is Missing.NO_LIST:
        return turn.t(
            "X shows no list {name}: it is gone, or it is private, of the channel or of somebody else. A list must be"
            " public; its address is in the browser. For example: /watch list"
            " https://x.com/i/lists/1746000000000000001",
            name=what,
        )
    return turn.t("Nobody on X is called @{name}. Look at how it is written, for example: /watch @inameh", name=what)


def own_channel(turn: Turn, handle: str) -> str:
    return turn.t(
        "@{name} is a channel that I run: two that repeat each other would never end. Watch somebody else, for example:"
        " /watch @inameh",
        name=handle,
    )


def no_such_list(turn: Turn, typed: str, names: list[str]) -> str:
    """`names`: the lists that there are."""
    if not names:
        return turn.t(
            "The channel's account has no public list “{typed}”, nor another one. One of somebody else's is told by its"
            " address: /watch list https://x.com/i/lists/1746000000000000001",
            typed=said_back(typed),
        )
    return turn.t(
        "The channel's account has no public list “{typed}”. It has: {names}. One of somebody else's is told by its"
        " address: /watch list https://x.com/i/lists/1746000000000000001",
        typed=said_back(typed),
        names=", ".join(names[:12]),
    )


def not_watched(turn: Turn, what: str) -> Refusal:
    return Refusal(turn.t("{what} is not watched. What is: /watch", what=said_back(what) or "…"))


def no_room(turn: Turn, error: TooMany) -> Refusal:
    if error.most == watched.MOST_TRIGGERS:
        return Refusal(
            turn.t("It may have {most} triggers at most. For example: /watch @inameh rain, alert", most=error.most)
        )
    return Refusal(
        turn.t(
            "This channel watches {most} things, and that is as many as it may. Remove one first, for example: /watch"
            " remove @inameh",
            most=error.most,
        )
    )


def no_more_looks(turn: Turn, most: int) -> Refusal:
    return Refusal(
        turn.t(
            "X charges for each look, and {most} in a day are as many as a channel may have. Try again tomorrow; what"
            " is watched goes on: /watch",
            most=most,
        )
    )


def no_ceiling(turn: Turn, typed: str) -> Refusal:
    return Refusal(
        turn.t(
            "“{typed}” is no amount of dollars a day from 0.005 to {most}. For example: /watch @inameh max 0.50",
            typed=said_back(typed),
            most=watched.HIGHEST_COST // 1_000_000,
        )
    )


def bad_trigger(turn: Turn, error: BadKeyword) -> Refusal:
    if error.reason == "long":
        return Refusal(
            turn.t(
                "“{word}…” is too long: a trigger has at most {most} characters. For example: /watch @inameh rain,"
                " alert",
                word=error.text[:30],
                most=MAX_KEYWORD,
            )
        )
    if error.reason == "star":
        return Refusal(
            turn.t(
                "“{word}”: the * goes at the end, after at least three letters. For example: /watch @inameh flood*",
                word=said_back(error.text),
            )
        )
    if error.reason == "empty":
        return Refusal(turn.t('Which triggers? For example: /watch @inameh rain, "road closed"'))
    return Refusal(
        turn.t(
            '“{word}” holds no word that a post could contain. For example: /watch @inameh rain, "road closed"',
            word=said_back(error.text),
        )
    )


def bad_search(turn: Turn, error: BadSearch) -> Refusal:
    part, example = said_back(error.part), Example(turn.t(OF_SEARCH))
    if error.reason == "empty":
        return Refusal(turn.t("Search for what? For example: {example}", example=example))
    if error.reason == "long":
        text = turn.t(
            "That search is too long: {length} characters, and X takes {most}. Leave words out, or make two of it. For"
            " example: {example}",
            length=error.part,
            most=searches.LONGEST,
            example=example,
        )
    elif error.reason == "quotes":
        text = turn.t("A quotation mark is missing in “{part}”. For example: {example}", part=part, example=example)
    elif error.reason == "brackets":
        text = turn.t(
            "A bracket is missing, or stands around nothing: {part}. For example: /watch search (crash OR accident)"
            " caracas",
            part=part,
        )
    elif error.reason == "otherwise" and error.instead:
        text = turn.t(
            "{part} is how X's website writes it. Here it is {instead}, for example: /watch search crash {instead}",
            part=part,
            instead=error.instead,
        )
    elif error.reason == "otherwise":
        text = turn.t(
            "{part} is of X's website, and nothing stands for it here: leave it out. For example: {example}",
            part=part,
            example=example,
        )
    elif error.reason == "operator" and error.instead:
        text = turn.t("X knows no {part}. It knows: {known}", part=part, known=error.instead)
    elif error.reason == "operator":
        text = turn.t(
            "X knows no {part}. It knows from: to: @name #tag lang: has: is: and words. If it is a word with a colon,"
            " put it into quotation marks. For example: {example}",
            part=part,
            example=example,
        )
    elif error.reason == "value" and error.instead:
        text = turn.t("X can't look for {part}. It would be, for example: {instead}", part=part, instead=error.instead)
    elif error.reason == "value":
        text = turn.t("X can't look for {part}. For example: {example}", part=part, example=example)
    elif error.reason == "lower":
        text = turn.t(
            "“{part}” would be one more word to look for: what says “or” to X is OR, in capitals. For example: /watch"
            " search {instead}. If you mean the word, put it into quotation marks.",
            part=part,
            instead=error.instead,
        )
    elif error.reason == "reposts":
        text = turn.t(
            "{part} brings reposts, and those are not reposted once more: it would only cost. Leave it out. For"
            " example: {example}",
            part=part,
            example=example,
        )
    elif error.reason == "alone":
        text = turn.t(
            "{part} only narrows something: X wants a word, a “phrase”, a #tag or from: beside it. For example: /watch"
            " search crash lang:es",
            part=part,
        )
    elif error.reason == "negated":
        text = turn.t(
            "{part} only says what is left out: X wants to know what is looked for, and one - for each word. For"
            " example: /watch search crash -promo -raffle",
            part=part,
        )
    else:
        text = turn.t("OR wants something on both sides. For example: /watch search crash OR accident")
    return Refusal(text)


def no_answer(turn: Turn, error: NoAnswer, what: str) -> str:
    """X said nothing of use: nothing has changed, and it can be asked again."""
    said = of_x(turn, error.said)
    text = turn.t("⏳ X gives no answer about {what} right now. Nothing has changed; I can ask again.", what=what)
    return f"{text} {said}".strip()
