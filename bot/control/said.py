"""What is wrong with the service, in the reader's language.

tasks/control/health.py says it in English, with names and figures in it, for logs, scripts and alarms that are kept.
Each of its sentences stands here, with places for those, and is known again by them; what is none of them, as X's own
words or those of an error, stays as it is.
"""

import re
from functools import cache

from bot.chat.language import N_, Sentence, Speaker

#: Those that say more stand before those that say less.
SENTENCES = (
    N_("{kind}: no such process runs: the last one on {host} gave a sign of life {seconds} s ago ({said})"),
    N_("{kind}: no such process runs: the last one on {host} gave a sign of life {seconds} s ago"),
    N_("{kind}: no such process runs"),
    N_("{kind}: one on {host} is gone, and none came in its place, for {seconds} s ({said})"),
    N_("{kind}: one on {host} is gone, and none came in its place, for {seconds} s"),
    N_("{kind}: those on {host} die again and again ({said})"),
    N_("{count} times in ten minutes"),
    N_("{work}: the oldest has waited for {seconds} s"),
    N_("nobody listens"),
    N_("no answer"),
    N_("it takes no writes ({said})"),
    N_("X refuses X_BEARER_TOKEN ({said})"),
    N_("X has ended the last {count} connections before they had lived a minute"),
    N_("it is connected, and brings no line and no heartbeat"),
    N_("not connected ({said})"),
    N_("{free} MiB of {size} MiB are free"),
    N_("it was brought to a newer release ({names}): start that one here too"),
    N_("{count} could not be handled: /aside"),
    N_("about ${dollars} are left, enough for {count} days"),
    N_("{count} in five minutes, most of all: {event}"),
    N_("{count} in five minutes"),
    N_("it refuses X_CLIENT_ID and X_CLIENT_SECRET, so no access can be renewed"),
    N_("it lets the app post nothing"),
    N_("the app's credits are used up"),
    N_("{part} has not moved for {seconds} s"),
    N_("has not moved for {seconds} s"),
    N_("{part} ended: {said}"),
    N_("{part} ended"),
    N_("{said}, for {seconds} s"),
)
PLACE = re.compile(r"\\{(\w+)\\}")
SHORT = {"said"}  # what may be a sentence itself


def in_words(say: Speaker, said: str) -> str:
    """The same in the reader's language, with its values escaped."""
    for sentence in SENTENCES:
        if (found := _pattern(sentence).fullmatch(said)) is not None:
            values = {n: in_words(say, v) if n in SHORT else Sentence(say.t("{text}", text=v))
                      for n, v in found.groupdict().items()}  # fmt: skip
            return say.t(sentence, **values)
    for between in ("; ", ": "):  # several, or one of somebody
        head, there, tail = said.partition(between)
        if there:
            first = in_words(say, head) if between == "; " else say.t("{text}", text=head)
            return Sentence(f"{first}{between}{in_words(say, tail)}")
    return say.t("{text}", text=said)


def is_known(said: str) -> bool:
    """Whether it is one of our sentences, whatever stands before it."""
    return any(_pattern(s).fullmatch(said) for s in SENTENCES) or (": " in said and is_known(said.partition(": ")[2]))


@cache
def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(PLACE.sub(lambda m: f"(?P<{m[1]}>[^;]+?)", re.escape(sentence)), re.DOTALL)
