"""Messages are judged in turn: a channel that many write to, whatever they write, holds up only itself."""

import pytest

from engine.moderation import Keyword, KeywordRole, MessageKind
from engine.moderation.standing import Standed, Standing
from engine.x.events import Heard
from models.accounts import people
from models.accounts.channels import Channel
from models.moderation import judging, lists, preparing, senders
from models.moderation.preparing import Work
from models.moderation.senders import Source
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message, MessageStatus
from tasks import moderation
from tests.channels import connected
from tests.conftest import NOW

CROWDED, QUIET = 70, 71


@pytest.fixture
def channels(db: Settings, monkeypatch: pytest.MonkeyPatch) -> dict[int, int]:
    """Two channels by their X ids; a round of the judge has time for one message of each."""
    people.person(7, "Ana", "es", NOW)
    made = {}
    for x_id in (CROWDED, QUIET):
        channel = connected(x_id, f"canal{x_id}")
        lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
        made[x_id] = channel.id
    Channel.update(gap_s=0, fresh_s=86400).execute()
    monkeypatch.setattr(preparing, "SHARE_S", 0)
    for kept in (moderation._rules, moderation._had_turn, moderation._unprepared, moderation._resting):
        kept.clear()
    return made


def hear(channels: dict[int, int], x_id: int, count: int, text: str, first: int = 0) -> None:
    heard = [
        Heard(MessageKind.MENTION, x_id, first + n + 1, 5000 + n, f"vecino{n}", "V", text.format(n=n), NOW)
        for n in range(count)
    ]
    messages.hear(channels, heard, NOW)


def waiting(channel_id: int) -> int:
    mine = (Message.channel_id == channel_id) & (Message.status == MessageStatus.RECEIVED)
    return int(Message.select().where(mine).count())


def test_while_one_channel_has_many_waiting_what_comes_for_another_is_judged_next(channels: dict[int, int]) -> None:
    hear(channels, CROWDED, 20, "choque número {n}")
    assert moderation._judge_batch()
    assert waiting(channels[CROWDED]) == 19
    hear(channels, QUIET, 1, "choque", first=100)
    assert moderation._judge_batch()
    assert waiting(channels[QUIET]) == 0
    assert waiting(channels[CROWDED]) == 19
    moderation.judge()
    assert waiting(channels[CROWDED]) == 0


def test_when_the_time_is_over_the_rest_is_left_for_the_next_round(
    channels: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "ROUND_S", 0)
    hear(channels, CROWDED, 3, "nada {n}")
    hear(channels, QUIET, 2, "choque", first=100)
    rounds = 0
    while moderation._judge_batch():
        rounds += 1
    assert rounds >= 4
    assert waiting(channels[CROWDED]) == waiting(channels[QUIET]) == 0


def test_what_passes_only_for_its_sender_is_compared_before_it_is_judged(channels: dict[int, int]) -> None:
    channel_id = channels[QUIET]
    senders.set_standing_of_handle(channel_id, Standed(Standing.TRUSTED, "vecino0", None, ""), source=Source.OWNER)
    hear(channels, QUIET, 2, "una calle cerrada {n}")
    rules = judging.load_rules(Channel.get_by_id(channel_id))
    batch = [(w, rules, rules.ruleset.read(w.said)) for w in messages.waiting(10)]
    outcome = judging.judge_prepared(batch, Work({}, {}), NOW)
    assert outcome.unprepared == {batch[0][0].id}
    assert [m.status for m in Message.select().order_by(Message.id)] == [MessageStatus.RECEIVED, MessageStatus.IGNORED]
    moderation.judge()
    assert Message.get_by_id(batch[0][0].id).status is MessageStatus.APPROVED
    assert not moderation._unprepared
