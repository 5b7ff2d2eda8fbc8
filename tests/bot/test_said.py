"""What is wrong with the service is said in the language of who reads it."""

import html
import re
from datetime import timedelta

from bot.chat.language import Speaker
from bot.control import said
from models.aside import Place
from models.control.credits import Left
from models.control.processes import Kind
from models.control.waiting import Work
from tasks.control.health import TO_BE_MENDED, Kept, Trouble, Wrong, judged
from tests.conftest import NOW
from tests.tasks.test_health import WELL, bearer, process, stream

assert bearer


def all_that_can_be_wrong() -> list[Trouble]:
    """A trouble of each kind, in each of its sentences."""
    minutes = timedelta(minutes=5)
    streams = [
        None, stream(connected_at=None, down_since=NOW - minutes, trouble="HTTP 401"), stream(short_lived=4),
        stream(connected_at=None, down_since=NOW - minutes), stream(heard_at=NOW - minutes, connected_at=NOW - minutes),
    ]  # fmt: skip
    everybody = [process(kind) for kind in Kind]
    app = dict.fromkeys(TO_BE_MENDED, NOW - minutes)
    some = {Place.SAY: 2}
    seen = [judged(None, False, NOW), judged(Kept([], {Work.SAY: NOW - minutes}, WELL, some, app), True, NOW)]
    seen.append(judged(Kept(everybody, {}, WELL, unwritable="database is locked"), True, NOW))
    seen += [judged(Kept(everybody, {}, s, errors=30, often=often, low=Left(3_200_000, 1_000_000)), True, NOW)
              for s, often in zip(streams, ("", "job failed", "a", "b", "c"), strict=True)]  # fmt: skip
    others = [
        process(Kind.WORKER, silent_s=60, name="w2", host="rock"),
        process(Kind.WORKER, silent_s=60, name="w3", host="rock", ended="clock ended: ValueError()"),
        *(process(Kind.WEB, silent_s=60, name=f"dead {n}", host="sick") for n in range(4)),
        process(Kind.VOICES, name="v2", said='{"clock": "has not moved for 40 s"}'),
        process(Kind.WEB, name="n2", said='{"database": "it was brought to a newer release (0099_x): start that one here too"}'),
        process(Kind.WEB, name="n3", host="full", disk_free=1, disk_size=2**40),
    ]  # fmt: skip
    seen.append(judged(Kept([*everybody, *others], {}, WELL), True, NOW))
    for reason in ("", "clock ended"):
        gone = process(Kind.JOURNAL, silent_s=60, ended=reason)
        seen.append(judged(Kept([*everybody[:4], gone], {}, WELL), True, NOW))
    return [trouble for health in seen for trouble in (*health.wrong, *health.warnings)]


def test_whatever_can_be_wrong_is_said_in_the_readers_language() -> None:
    found = all_that_can_be_wrong()
    assert {t.wrong for t in found} == set(Wrong)
    english, spanish = Speaker("en"), Speaker("es")
    for sentence in {t.sentence(NOW) for t in found} | {t.said for t in found if t.said}:
        if re.search(r"^(HTTP|database: )", sentence):
            continue
        assert said.is_known(sentence), sentence
        assert said.in_words(english, sentence) == html.escape(sentence, quote=False)
        assert said.in_words(spanish, sentence) != said.in_words(english, sentence)
    two = said.in_words(spanish, "clock: has not moved for 40 s; <b>: has not moved for 41 s")
    assert two == "clock: no se mueve desde hace 40 s; &lt;b&gt;: no se mueve desde hace 41 s"
