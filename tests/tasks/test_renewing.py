"""The access to X is renewed well ahead and beside the posts, and ends by X's own word alone."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from engine import pacing, posts
from engine.x.client import XSession
from engine.x.errors import TokenRevoked, XError
from engine.x.signin import TOKEN_TIMEOUT_S, TokenPair
from models import vault
from models.accounts import tokens, troubles
from models.accounts.channels import Auth, Channel, OffReason
from models.accounts.troubles import Kind, Trouble
from models.control import switching
from models.database import rest, rested
from models.notifications.declaring import NoticeKind
from models.notifications.kinds import Troubled, TroubleOver
from models.notifications.notices import Notice
from models.publishing import placing
from models.publishing.tweets import Tweet, TweetStatus
from models.settings import Settings, settings
from sandbox.app import Sandbox
from sandbox.faults import KINDS, TOKEN_NOES
from sandbox.x_tokens import CLIENT_ID, CLIENT_SECRET
from tasks import accounts, publishing
from tasks.accounts import TokenBusy
from tasks.clock import now
from tests.channels import connected
from tests.tasks.nearby_x import nearby_x, sign_in

ANA, ADMIN = 7, 9
_numbers = count(1)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


#: Where no transaction matters.
on_sqlite = pytest.mark.parametrize("opened", ["sqlite"], indirect=True, ids=[pytest.HIDDEN_PARAM])


@pytest.fixture
def x(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("X_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("X_CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("ADMIN_IDS", str(ADMIN))
    with nearby_x(monkeypatch) as sandbox:
        monkeypatch.setattr(accounts._local, "session", XSession(settings().x_api_url, before_call=rest), raising=False)
        yield sandbox
        rest()


@pytest.fixture
def channel(x: Sandbox) -> Channel:
    return sign_in(x, "TraficoValle", gap_s=0)


def again(channel: Channel) -> Channel:
    return Channel.get_by_id(channel.id)


def over(channel: Channel) -> Channel:
    """Its access token has ended."""
    Channel.update(token_expires_at=now() - SECOND).where(Channel.id == channel.id).execute()
    return again(channel)


def written(channel: Channel) -> int:
    return placing.say_now(
        channel.id, ANA, posts.plain(f"Vía {next(_numbers)} cerrada"), now(), fresh=12 * HOUR
    ).tweet_id


def goes_on(tweet_id: int) -> None:
    """It is said and looked for, each time that its moment comes."""
    for _ in range(3):
        Tweet.update(due_at=now(), claimed_until=now()).where(Tweet.id == tweet_id).execute()
        publishing.say(tweet_id)
        publishing.settle(tweet_id)


def told(person: int = ANA) -> list[str]:
    found = [n.value for n in Notice.select().where(Notice.person_id == person).order_by(Notice.id)]
    return [("+" if isinstance(v, Troubled) else "-") + v.kind for v in found if isinstance(v, Troubled | TroubleOver)]


def time_passes(span: timedelta) -> None:
    """What was met is so much older, and what waits is due by so much earlier."""
    for trouble in list(Trouble.select()):
        until = trouble.until - span if trouble.until is not None else None
        mine = (Trouble.channel_id == trouble.channel_id) & (Trouble.kind == trouble.kind)
        Trouble.update(since=trouble.since - span, met_at=trouble.met_at - span, until=until).where(mine).execute()


def looks() -> list[int]:
    """A look of the clock, and what it finds is renewed."""
    found = tokens.to_renew(now())
    for channel_id in found:
        accounts.renew(channel_id)
    return found


def is_as_it_was(channel: Channel) -> None:
    stands = again(channel)
    assert (stands.is_on, stands.off_reason, stands.connected) == (True, OffReason.NONE, True)
    assert stands.refresh_claimed_until is None


# --- whatever X's sign-in answers -------------------------------------------------------------------------------------


@on_sqlite
def test_an_outage_of_the_token_endpoint_ends_no_sign_in_and_cancels_nothing(x: Sandbox) -> None:
    for n, answer in enumerate(TOKEN_NOES):
        channel = sign_in(x, f"canal{n}", gap_s=0)
        waits = written(over(channel))
        Notice.delete().execute()
        x.faults.set("token_refused", 1, answer=answer)
        for _ in range(3):
            looks()
            Tweet.update(due_at=now()).where(Tweet.id == waits).execute()
            publishing.say(waits)
            time_passes(5 * MINUTE)
        is_as_it_was(channel)
        kind = Kind.CLIENT if answer.endswith("_client") else Kind.SIGN_IN
        assert (Tweet.get_by_id(waits).status, told()) == (TweetStatus.QUEUED, [f"+{kind}"]), answer
        x.faults.set("token_refused", 0)
        assert looks() == [channel.id], answer
        Tweet.update(due_at=now()).where(Tweet.id == waits).execute()
        publishing.say(waits)
        assert Tweet.get_by_id(waits).status is TweetStatus.SENT
        assert told() == [f"+{kind}", f"-{kind}"]
        Trouble.delete().execute()
    assert x.world.tokens.counts["refresh refused"] == 0


@on_sqlite
def test_a_post_never_waits_for_the_renewal_of_an_access_that_lives(x: Sandbox, channel: Channel) -> None:
    Channel.update(renew_at=now() - HOUR).execute()
    x.faults.set("token_slow", 1, seconds=2.0, times=1)
    slow = threading.Thread(target=lambda: in_a_thread(lambda: accounts.renew(channel.id)))
    slow.start()
    said = written(channel)
    publishing.say(said)
    assert Tweet.get_by_id(said).status is TweetStatus.SENT
    assert slow.is_alive(), "X's sign-in has not answered yet"
    slow.join()
    assert again(channel).token_version == channel.token_version + 1


@on_sqlite
def test_an_access_that_x_takes_no_more_is_renewed_by_who_needs_it(x: Sandbox, channel: Channel) -> None:
    x.world.tokens.expire_all()
    said = written(channel)
    goes_on(said)
    assert Tweet.get_by_id(said).status is TweetStatus.SENT
    assert accounts.client(over(channel)).me().x_user_id == channel.x_user_id
    assert x.world.tokens.counts["refresh refused"] == 0


@on_sqlite
def test_an_early_renewal_that_fails_is_nobodys_worry(x: Sandbox, channel: Channel) -> None:
    Channel.update(renew_at=now()).execute()
    x.faults.set("token_refused", 1, answer="503")
    for _ in range(5):
        looks()
        said = written(channel)
        publishing.say(said)
        assert Tweet.get_by_id(said).status is TweetStatus.SENT
        time_passes(5 * MINUTE)
        troubles.sweep(now())
    assert (told(), told(ADMIN)) == ([], [])
    over(channel)
    looks()
    assert (told(), told(ADMIN)) == (["+sign_in"], ["+sign_in"]), "now it holds the channel up"


@on_sqlite
def test_a_wrong_client_secret_turns_nobody_off_and_is_told_who_runs_the_service_at_once(
    x: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = [sign_in(x, f"canal{n}") for n in range(6)]
    Channel.update(renew_at=now()).execute()
    monkeypatch.setenv("X_CLIENT_SECRET", "the one from before")
    settings.cache_clear()
    asked = 0
    for _ in range(30):
        asked += len(looks())
        time_passes(SECOND)
    assert (told(), told(ADMIN)) == ([], ["+client"])
    assert asked <= 12, "one asks for all of them, after pauses that grow"
    for each in channels:
        is_as_it_was(over(each))
    for _ in range(20):
        looks()
        time_passes(5 * MINUTE)
    assert (told(), told(ADMIN)) == (["+client"], ["+client"])
    monkeypatch.setenv("X_CLIENT_SECRET", CLIENT_SECRET)
    settings.cache_clear()
    for _ in range(5):
        looks()
    assert all(tokens.lives(again(each), now()) for each in channels)
    assert (told(), told(ADMIN)) == (["+client", "-client"], ["+client", "-client"])


@on_sqlite
def test_an_odd_life_costs_no_token(x: Sandbox, channel: Channel) -> None:
    for odd in KINDS["token_odd"].answers:
        x.faults.set("token_odd", 1, answer=odd)
        before = over(channel)
        assert looks() == [channel.id]
        stands = again(channel)
        assert stands.token_expires_at is not None
        assert now() + HOUR < stands.token_expires_at < now() + 25 * HOUR
        assert stands.access_token != before.access_token
        assert (stands.refresh_token == before.refresh_token) is (odd == "no_refresh")


def test_pauses_grow_and_have_an_end() -> None:
    seconds = [pacing.renewal_delay(n).total_seconds() for n in range(1, 8)]
    assert seconds == [15, 30, 60, 120, 240, 300, 300]
    assert pacing.renewal_delay(10**9) == 5 * MINUTE


@on_sqlite
def test_one_channels_failing_renewal_delays_nobody_elses(x: Sandbox) -> None:
    ill, well = sign_in(x, "canal0"), [sign_in(x, f"canal{n}") for n in range(1, 6)]
    x.faults.set("token_refused", 1, answer="503", whose=["canal0"])
    for each in (ill, *well):
        over(each)
    looks()
    assert [tokens.lives(again(each), now()) for each in (ill, *well)] == [False, *[True] * 5]


# --- X's own word -----------------------------------------------------------------------------------------------------


def test_a_grant_that_x_says_is_dead_ends_with_its_access(x: Sandbox, channel: Channel) -> None:
    x.world.tokens.refresh.clear()  # it is not renewed any more, but the access works
    Channel.update(renew_at=now()).execute()
    looks()
    is_as_it_was(channel)
    said = written(channel)
    publishing.say(said)
    assert Tweet.get_by_id(said).status is TweetStatus.SENT
    assert told() == ["+grant"]
    assert looks() == [], "X is not asked again"
    over(channel)
    looks()
    assert again(channel).off_reason is OffReason.TOKEN
    assert [n.kind for n in Notice.select().order_by(Notice.id).where(Notice.kind != NoticeKind.SAID)] == [
        NoticeKind.TROUBLED, NoticeKind.TOKEN_DEAD,
    ]  # fmt: skip


@on_sqlite
def test_a_grant_that_was_taken_back_ends_at_once(x: Sandbox, channel: Channel) -> None:
    x.world.tokens.revoke_user(channel.x_user_id)
    Channel.update(renew_at=now()).execute()
    looks()
    assert again(channel).off_reason is OffReason.TOKEN
    assert [n.kind for n in Notice.select()] == [NoticeKind.TOKEN_DEAD]


@on_sqlite
def test_an_event_that_an_earlier_sign_in_was_revoked_turns_nothing_off(x: Sandbox, channel: Channel) -> None:
    for at in (now() - HOUR, None, now(), datetime.max.replace(tzinfo=UTC), now()):
        accounts.maybe_revoked(again(channel), at)
        looks()
        is_as_it_was(channel)
    assert Notice.select().count() == 0


def test_an_event_that_this_sign_in_was_revoked_turns_it_off(x: Sandbox, channel: Channel) -> None:
    x.world.tokens.revoke_user(channel.x_user_id)
    for _ in range(3):
        accounts.maybe_revoked(again(channel), now())
        looks()
    assert again(channel).off_reason is OffReason.TOKEN
    assert [n.kind for n in Notice.select()] == [NoticeKind.TOKEN_DEAD]


@on_sqlite
def test_a_401_to_everything_is_an_outage_where_the_access_was_just_renewed(x: Sandbox, channel: Channel) -> None:
    waits = written(channel)
    x.faults.set("refuse_before", 1, answer="401")
    for _ in range(40):
        looks()
        Tweet.update(due_at=now()).execute()
        publishing.say(waits)
        time_passes(5 * MINUTE)
        Channel.update(token_refreshed_at=now() - HOUR).execute()
    is_as_it_was(channel)
    x.faults.set("refuse_before", 0)
    looks()
    goes_on(waits)
    assert Tweet.get_by_id(waits).status is TweetStatus.SENT
    assert told() in ([], ["+access", "-access"])


@on_sqlite
def test_an_access_that_cant_be_renewed_ends_by_xs_word_said_again_and_again(db: Settings) -> None:
    channel = connected(at=now())
    Channel.update(auth=Auth.OAUTH1, refresh_token="", access_secret=channel.access_token).execute()
    for said, ends in (("Unauthorized", False), ("Invalid or expired token", True)):
        for _ in range(8):
            accounts.heed(again(channel), TokenRevoked(said))
            time_passes(30 * MINUTE)
        assert (again(channel).off_reason is OffReason.TOKEN) is ends, said
    assert told() == ["+access"]


def test_several_calls_that_meet_a_401_at_once_are_one_try(db: Settings) -> None:
    channel = connected(at=now())
    Channel.update(token_refreshed_at=now()).execute()
    for _ in range(12):
        accounts.heed(again(channel), TokenRevoked("Unauthorized"))
    stands = troubles.one(channel.id, Kind.ACCESS)
    assert stands is not None
    assert stands.tries == 1
    with pytest.raises(TokenBusy) as busy:
        accounts.client(again(channel))
    assert (busy.value.until, busy.value.reason) == (stands.until, Kind.ACCESS)


# --- who renews -------------------------------------------------------------------------------------------------------


@on_sqlite
def test_a_token_that_lives_for_seconds_is_used_for_them(x: Sandbox, channel: Channel) -> None:
    x.world.tokens.life_s = 8.0
    over(channel)
    assert looks() == [channel.id]
    assert looks() == [], "not yet again"
    said = written(channel)
    publishing.say(said)
    assert Tweet.get_by_id(said).status is TweetStatus.SENT
    Channel.update(renew_at=now()).execute()
    assert looks() == [channel.id]


@on_sqlite
def test_renewals_are_spread_and_well_ahead(db: Settings) -> None:
    at = now()
    for n in range(40):
        connected(100 + n, f"canal{n}", at=at)
    Channel.update(token_expires_at=at + 2 * HOUR).execute()
    pair = TokenPair("a", "r", at + 2 * HOUR)
    for channel in Channel.select():
        assert tokens.store_refreshed(channel.id, channel.token_version, pair, at)
    moments = sorted((c.renew_at or at) - at for c in Channel.select())
    assert HOUR <= moments[0] <= moments[-1] <= 1.5 * HOUR
    assert len({m // MINUTE for m in moments}) > 10
    assert tokens.to_renew(at + 59 * MINUTE) == []
    assert len(tokens.to_renew(at + 2 * HOUR)) == tokens.AT_ONCE
    for channel_id in tokens.to_renew(at + 2 * HOUR)[:5]:
        assert tokens.claim_refresh(channel_id, 2, at + 2 * HOUR) is not None
    assert len(tokens.to_renew(at + 2 * HOUR)) == tokens.AT_ONCE - 5, "so many are in the air already"


def in_a_thread(work: Callable[[], object]) -> None:
    with rested():
        accounts._local.session = XSession(settings().x_api_url, before_call=rest)
        work()


def test_workers_that_renew_at_once_use_the_refresh_token_once(x: Sandbox, channel: Channel) -> None:
    over(channel)
    x.world.tokens.counts.clear()
    barrier = threading.Barrier(4)

    def work() -> None:
        read = again(channel)
        rest()
        barrier.wait()
        try:
            accounts.renewed(read)
        except (TokenBusy, XError):
            return

    threads = [threading.Thread(target=in_a_thread, args=(work,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(x.world.tokens.counts) == {"pairs made": 1}
    is_as_it_was(channel)
    assert tokens.lives(again(channel), now())


def test_an_answer_that_comes_after_its_channel_was_given_up_turns_it_on_again(x: Sandbox, channel: Channel) -> None:
    over(channel)
    frozen = tokens.claim_refresh(channel.id, channel.token_version, now() - 2 * tokens.REFRESH_CLAIM)
    assert frozen is not None
    got = x.world.tokens.refreshed(vault.unseal(frozen.refresh_token))  # X has answered, and nobody has read it yet
    waits = written(channel)
    looks()
    assert again(channel).off_reason is OffReason.TOKEN
    assert Tweet.get_by_id(waits).status is TweetStatus.CANCELLED
    pair = TokenPair(str(got["access_token"]), str(got["refresh_token"]), now() + 2 * HOUR)
    assert tokens.store_refreshed(frozen.id, frozen.token_version, pair, now())
    for _ in range(2):
        switching.access_came(frozen.id, frozen.token_version + 1, now())
    is_as_it_was(channel)
    publishing.say(waits)
    assert Tweet.get_by_id(waits).status is TweetStatus.SENT
    kinds = [n.kind for n in Notice.select().order_by(Notice.id)]
    assert kinds == [NoticeKind.TOKEN_DEAD, NoticeKind.WHILE_OFF, NoticeKind.CONNECTED, NoticeKind.SAID]


def test_a_claim_lasts_longer_than_the_endpoint_may_take() -> None:
    assert tokens.REFRESH_CLAIM.total_seconds() > accounts.REFRESH_WITHIN_S + sum(TOKEN_TIMEOUT_S)


# --- our own key ------------------------------------------------------------------------------------------------------


def test_a_token_that_our_key_does_not_open_is_told_as_ours_and_nothing_is_cancelled(
    x: Sandbox, channel: Channel
) -> None:
    good = channel.access_token, channel.refresh_token
    Channel.update(access_token="sealed elsewhere", refresh_token="sealed elsewhere", renew_at=now()).execute()
    waits = written(channel)
    for _ in range(4):
        looks()
        Tweet.update(due_at=now()).execute()
        Channel.update(hold_until=None).execute()
        publishing.say(waits)
        time_passes(10 * MINUTE)
    is_as_it_was(channel)
    assert Tweet.get_by_id(waits).status is TweetStatus.QUEUED
    assert (told(), told(ADMIN)) == (["+key"], ["+key"])
    Channel.update(access_token=good[0], refresh_token=good[1], hold_until=None).execute()
    Tweet.update(due_at=now()).execute()
    publishing.say(waits)
    assert Tweet.get_by_id(waits).status is TweetStatus.SENT
    assert (told(), told(ADMIN)) == (["+key", "-key"], ["+key", "-key"])
