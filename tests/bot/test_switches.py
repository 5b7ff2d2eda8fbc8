"""Switches in the chat: each stands on a panel that shows how it stands, and every reason has its sentence."""

import asyncio

import pytest
from telegram import Update

from bot.chat import rule_words, switches
from bot.chat.came import Came
from bot.chat.keyboards import Rows
from bot.chat.language import LANGUAGES, Speaker
from bot.chat.reasons import why
from bot.chat.switches import Flip
from bot.chat.targets import pack
from bot.chat.turn import Refusal, Turn
from bot.moderation import rules, trial
from engine.moderation import CODES, SWITCHES
from engine.moderation.crowds import NO_CROWDS
from engine.switches import Switch
from engine.x.events import Account
from models import choosing, connecting, inbox
from models.accounts import choices, people
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from models.inbox import Inbox
from models.publishing.following import Followed
from models.settings import Settings
from tests.conftest import NOW

ANA = 7


class Recorded(Turn):
    """A turn whose answers are kept."""

    def __init__(self, language: str, arguments: str = "") -> None:
        people.person(ANA, "Ana", language, NOW)
        number = 1 + Inbox.update(done_at=NOW, claim="").execute()  # one turn of hers at a time
        inbox.store([inbox.Update(number, ANA, "")], NOW)
        (taken,) = inbox.claim("this turn", 1, NOW, {})
        came = Came(taken, asyncio.get_running_loop())
        super().__init__(Update(number), people.Person.get_by_id(ANA), arguments, came)
        self.language = language
        self.text = ""
        self.rows: Rows = []

    async def answer(self, text: str, rows: Rows | None = None, *, follows: Followed | None = None) -> None:
        self.text, self.rows = text, rows or []

    def switch_of(self, switch: Switch) -> tuple[str, Flip]:
        """The label and the value of the one button that turns a switch."""
        found = [(label, b) for row in self.rows for label, b in row if isinstance(b, Flip) and b.name == switch.name]
        (button,) = found
        return button


@pytest.fixture
def channel(db: Settings) -> Channel:
    return connecting.connect_channel(Account(70, "trafico", "T"), ANA, Tokens(Auth.OAUTH1, "", access_secret=""), NOW)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("switch", choices.SWITCHES.values(), ids=lambda s: s.name)
async def test_who_taps_a_switch_sees_it_turned_on_the_panel_where_it_stands(
    switch: Switch, language: str, channel: Channel
) -> None:
    for on in (not switch.default, switch.default):
        turn = Recorded(language)
        await switches.flip(turn, channel, Flip(channel.id, switch.name, on))
        label, target = turn.switch_of(switch)
        assert label.startswith("✅ " if on else "❌ ")
        assert pack(target) == f"sw:{channel.id}:{switch.name}:{'off' if on else 'on'}"
        assert choices.is_on(channel.id, switch) is on


async def test_a_switch_that_is_none_is_not_stored(channel: Channel) -> None:
    with pytest.raises(Refusal):
        await switches.flip(Recorded("es"), channel, Flip(channel.id, "owner_id", True))


async def test_the_line_of_the_rules_names_what_the_filters_keep_out(channel: Channel) -> None:
    ticks = [tick for tick in rule_words.FILTERS if tick.brief]
    for tick in ticks:
        turn = Recorded("en")
        await rules.show(turn, channel)
        assert tick.brief not in turn.text
        choosing.flip(channel.id, tick.switch, NOW, on=True)
    await rules.show(turn, channel)
    assert f"Filters: 0 + {', '.join(tick.brief for tick in ticks)}" in turn.text


@pytest.mark.parametrize(
    ("language", "label", "said"),
    [
        ("es", "Sin multitudes: más de 3 cuentas", "No se publicaría — nombra a 4 cuentas ajenas"),
        ("en", "No crowds: over 3 other accounts", "It would not be posted — it names 4 other accounts"),
    ],
)
async def test_crowds_are_kept_out_from_the_panel_of_the_filters_and_a_test_tells_so(
    language: str, label: str, said: str, channel: Channel
) -> None:
    panel = Recorded(language)
    await rules.filters(panel, channel)
    assert panel.switch_of(NO_CROWDS) == (f"❌ {label}", Flip(channel.id, "no_crowds", True))
    choosing.choose(channel.id, NOW, no_crowds=True, triggers_on=False)
    tried = Recorded(language, "@trafico choque @ana @ben @carla @dora")
    await trial.test(tried)
    assert "🚫 " + said in tried.text
    tried = Recorded(language, "@trafico choque @ana @ben @carla")
    await trial.test(tried)
    assert "🚫" not in tried.text


def test_every_reason_that_a_rule_can_give_has_its_sentence() -> None:
    assert set(rule_words.WHY) == set(CODES)
    for language in LANGUAGES:
        said = [why(Speaker(language), code, ["9", "9"]) for code in CODES]
        assert not set(said) & set(CODES)


def test_the_name_of_a_switch_is_nobody_elses() -> None:
    names = [switch.name for switch in SWITCHES]
    assert len(names) == len(set(names))
    assert not set(choices.SWITCHES) & {field.name for field in choices.ChannelPolicy._meta.sorted_fields}
