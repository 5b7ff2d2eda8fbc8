"""Switches in the chat: each stands on a panel that shows how it stands, and every reason has its sentence."""

import pytest
from telegram import Update

from bot.buttons import OF_CHANNEL
from bot.chat import rule_words
from bot.chat.language import LANGUAGES, Speaker
from bot.chat.reasons import why
from bot.chat.turn import Rows, Turn
from bot.moderation import trial
from engine.moderation import CODES, SWITCHES
from engine.switches import Switch
from engine.x.events import Account
from models import connecting
from models.accounts import choices, people
from models.accounts.channels import Auth, Channel
from models.accounts.tokens import Tokens
from models.settings import Settings
from tests.conftest import NOW

ANA = 7


class Recorded(Turn):
    """A turn whose answers are kept."""

    def __init__(self, language: str, arguments: str = "") -> None:
        people.person(ANA, "Ana", language, NOW)
        super().__init__(Update(1), people.Person.get_by_id(ANA), arguments)
        self.language = language
        self.text = ""
        self.rows: Rows = []

    async def answer(self, text: str, rows: Rows | None = None) -> None:
        self.text, self.rows = text, rows or []

    def button_of(self, target: str) -> tuple[str, str]:
        """The label and the whole target of the one button that begins so."""
        ((label, whole),) = [b for row in self.rows for b in row if b[1].startswith(target)]
        return label, whole


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
        await OF_CHANNEL["sw"](turn, channel, [switch.name, "on" if on else "off"])
        label, target = turn.button_of(f"sw:{channel.id}:{switch.name}:")
        assert label.startswith("✅ " if on else "❌ ")
        assert target.endswith(":off" if on else ":on")
        assert len(target.encode()) < 64
        assert choices.is_on(channel.id, switch) is on


async def test_a_switch_that_is_none_is_not_stored(channel: Channel) -> None:
    with pytest.raises(ValueError, match="owner_id"):
        await OF_CHANNEL["sw"](Recorded("es"), channel, ["owner_id", "on"])


async def test_the_line_of_the_rules_names_what_the_filters_keep_out(channel: Channel) -> None:
    ticks = [tick for tick in rule_words.FILTERS if tick.brief]
    for tick in ticks:
        turn = Recorded("en")
        await OF_CHANNEL["rules"](turn, channel, [])
        assert tick.brief not in turn.text
        choices.flip(channel.id, tick.switch, on=True)
    await OF_CHANNEL["rules"](turn, channel, [])
    assert f"Filters: 0 + {', '.join(tick.brief for tick in ticks)}" in turn.text


@pytest.mark.parametrize(
    ("language", "label", "said"),
    [
        ("es", "Sin multitudes: más de 3 cuentas ajenas nombradas", "No se publicaría — nombra a 4 cuentas ajenas"),
        ("en", "No crowds: more than 3 other accounts named", "It would not be posted — it names 4 other accounts"),
    ],
)
async def test_crowds_are_kept_out_from_the_panel_of_the_filters_and_a_test_tells_so(
    language: str, label: str, said: str, channel: Channel
) -> None:
    panel = Recorded(language)
    await OF_CHANNEL["filters"](panel, channel, [])
    assert panel.button_of(f"sw:{channel.id}:no_crowds:") == (f"❌ {label}", f"sw:{channel.id}:no_crowds:on")
    choices.choose(channel.id, no_crowds=True, triggers_on=False)
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
