"""What waits while a channel is off, in words: at /off, in the notice of a lost access, and when it is on again."""

from datetime import timedelta

from bot.accounts.troubles import WORDS
from bot.control import alarms
from engine.x.events import Account
from models import connecting
from models.accounts import troubles
from models.accounts.channels import Auth
from models.accounts.tokens import Tokens
from models.accounts.troubles import Kind
from models.notifications import notices
from models.notifications.kinds import Connected
from models.publishing.tweets import Tweet, TweetStatus
from tasks import accounts
from tasks.clock import now
from tests.bot.conversation import Conversation
from tests.bot.on_x import channel, hears

HOUR = timedelta(hours=1)


def test_every_kind_of_trouble_has_its_words_and_whether_it_is_everybodys() -> None:
    assert set(alarms.WORDS) == {kind for kind, nature in troubles.NATURE.items() if nature.alarm}
    assert set(WORDS) | set(alarms.WORDS) == set(Kind) == set(troubles.NATURE)
    for kind in WORDS:
        nature = troubles.NATURE[kind]
        for_admins = (WORDS[kind].to_admin, WORDS[kind].over_to_admin)
        assert all(for_admins) if nature.of_app else not any(for_admins), kind


async def says(ana: Conversation, text: str) -> None:
    await ana.types(f"/post {text}")
    await ana.taps("Publicar ya", "Post now")


def is_late(text: str) -> None:
    Tweet.update(fresh_until=now() - timedelta(seconds=1)).where(Tweet.text == text).execute()


async def test_off_says_what_waits_and_on_says_what_becomes_of_it(ana: Conversation) -> None:
    await says(ana, "Vía cerrada")
    await says(ana, "Feliz mañana")
    hears("choque en la rada")
    await ana.types("/off")
    ana.reads("Esperan 2 tuits: salen si el canal.*Se descartó 1 mensaje que esperaba",
              "2 posts wait: they go out if.*1 repost that waited was dropped")  # fmt: skip
    is_late("Feliz mañana")
    await ana.types("/on")
    await ana.is_told("está encendido otra vez.*1 tuit que esperaba sale ahora.*1 tuit tocaba.*1\\. .*Feliz mañana",
                      "is on again.*1 post that waited goes out.*1 post was due.*1\\. .*Feliz mañana")  # fmt: skip
    ana.finds("está encendido otra vez", "is on again")
    await ana.taps("🔁 1")
    ana.reads("Va otra vez en camino", "On its way again")
    assert {t.status for t in Tweet.select().where(Tweet.message_id.is_null())} == {TweetStatus.QUEUED}


async def test_the_notice_of_a_lost_access_says_what_waits_and_reconnecting_brings_it_back(ana: Conversation) -> None:
    await says(ana, "Vía cerrada")
    hears("choque en la rada")
    accounts.token_died(channel(), "revoked")
    await ana.is_told("X ya no acepta el acceso.*Esperan 2 tuits", "X no longer accepts the access.*2 posts wait")
    found = channel()
    again = Tokens(Auth.OAUTH2, "access-2", "refresh-2", expires_at=now() + 2 * HOUR)
    connecting.connect_channel(Account(found.x_user_id, found.handle, found.name), ana.person, again, now())
    await ana.is_told("2 tuits que esperaban salen ahora", "2 posts that waited go out after all")
    assert {t.status for t in Tweet.select()} == {TweetStatus.QUEUED}


async def test_a_trouble_is_told_once_seen_on_the_panel_and_told_to_be_over(ana: Conversation) -> None:
    found, at = channel(), now()
    for n in range(5):
        begun = at - HOUR + timedelta(minutes=n)
        troubles.met(found.id, Kind.LIMIT, begun, said="Too Many Requests", until=at + HOUR)
    told = await ana.is_told("X pide una pausa: @TraficoValle.*X dice: demasiadas peticiones",
                             "X wants a pause: @TraficoValle.*X says: too many requests")  # fmt: skip
    assert told.labels
    await ana.types("/channel")
    ana.reads("X pide una pausa.*demasiadas peticiones", "X wants a pause.*too many requests")
    troubles.over(found.id, at, Kind.LIMIT)
    await ana.is_told("publica otra vez. Duró 60 minutos", "posts again. It lasted 60 minutes")


async def test_words_of_x_that_nobody_knows_are_quoted_as_text(ana: Conversation) -> None:
    troubles.met(channel().id, Kind.LIMIT, now(), said="Come <b>back</b> later", until=now() + HOUR)
    await ana.is_told(
        "X dice: «Come <b>back</b> later».*dentro de 60 minutos", "X says: «Come <b>back</b> later».*in 60 minutes"
    )


async def test_an_access_that_cant_be_renewed_is_said_when_it_is_given(ana: Conversation) -> None:
    found = channel()
    accounts.token_died(found, "revoked")
    bare = Tokens(Auth.OAUTH2, "access-2", "", expires_at=now() + 2 * HOUR)
    made = connecting.connect_channel(Account(found.x_user_id, found.handle, found.name), ana.person, bare, now())
    notices.tell(ana.person, Connected(made.token_version), now(), channel_id=made.id)
    await ana.is_told(
        "está conectado.*un acceso que no se puede renovar", "is connected.*an access that can't be renewed"
    )
