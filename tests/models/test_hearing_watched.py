"""What is watched is heard once for each channel, judged by triggers of its own, and never beyond its ceiling."""

import threading
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.moderation import Form, Keyword, KeywordRole, MessageKind, Rule
from engine.moderation.optout import ASKS_OUT
from engine.moderation.review import NEW_SENDER
from engine.moderation.senders import BURST, FOLLOWERS_ONLY, NOT_FOLLOWER, SENDER_BLOCKED
from engine.moderation.standing import Standing
from engine.moderation.triggers import OFF_TOPIC, TRIGGER
from engine.moderation.watched import NOT_WATCHED, WATCHED
from engine.watching import Ceiling
from engine.x import prices
from engine.x.events import Account, Heard, id_at
from engine.x.prices import Billed
from models import choosing
from models.accounts.channels import Channel
from models.database import rest
from models.moderation import judging, lists, review, senders
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.notifications.watching import WatchStopped
from models.publishing.tweets import Tweet
from models.settings import Settings
from models.streaming import messages
from models.streaming.messages import Message, MessageStatus
from models.watching import brought, hearing, wanted, watched
from models.watching.hearing import Told
from models.watching.watched import Watched, WatchedStatus
from tests.channels import ANA, connected
from tests.conftest import NOW

INAMEH = Account(900, "inameh", "INAMEH")


@pytest.fixture
def channel(db: Settings) -> Channel:
    channel = connected()
    choosing.choose(channel.id, NOW, zone="America/Caracas")
    lists.add(channel.id, [Keyword(KeywordRole.TRIGGER, "choque"), Keyword(KeywordRole.FILTER, "promo")])
    return channel


def watching(channel: Channel, account: int = 900, **more: object) -> Watched:
    row, _ = watched.add(channel.id, watched.an_account(Account(account, f"a{account}", "")), ANA, NOW, **more)  # type: ignore[arg-type]
    return row


def post(n: int, text: str = "llueve", sender: int = 900) -> Heard:
    return Heard(MessageKind.WATCHED, 0, id_at(NOW) + n, sender, f"a{sender}", "INAMEH", f"{text} {n}", NOW)


def told(row: Watched, *posts: Heard, cost: int = prices.today(Billed.WATCHED)) -> list[Told]:
    return [Told(row.id, row.channel_id, p, cost) for p in posts]


def judged(channel: Channel) -> dict[str, tuple[MessageStatus, Rule | None]]:
    rules = judging.load_rules(Channel.get_by_id(channel.id))
    waiting = [w for w in messages.waiting(100) if w.channel_id == channel.id]
    judging.judge([(w, rules, rules.ruleset.read(w.said)) for w in waiting], NOW)
    return {m.text: (m.status, m.rule) for m in Message.select().where(Message.channel_id == channel.id)}


def test_a_post_is_heard_once_for_each_channel_that_watches_it(channel: Channel) -> None:
    other = connected(71, "lluvia")
    mine, theirs = watching(channel), watching(other)
    assert hearing.hear([*told(mine, post(1)), *told(theirs, post(1)), *told(mine, post(1))], NOW) == 2
    assert hearing.hear([*told(mine, post(1), post(2))], NOW) == 1
    assert sorted((m.channel_id, m.watched_id, m.kind) for m in Message.select()) == [
        (channel.id, mine.id, MessageKind.WATCHED), (channel.id, mine.id, MessageKind.WATCHED),
        (other.id, theirs.id, MessageKind.WATCHED),
    ]  # fmt: skip


def test_it_is_judged_by_its_own_triggers_or_by_none_and_never_by_the_channels(channel: Channel) -> None:
    free, own = watching(channel), watching(channel, 901, triggers=["granizo"])
    hearing.hear([*told(free, post(1, "sol")), *told(own, post(2, "granizo", 901), post(3, "choque", 901))], NOW)
    hearing.hear(told(free, post(4, "promo")), NOW)
    assert judged(channel) == {
        "sol 1": (MessageStatus.APPROVED, WATCHED), "granizo 2": (MessageStatus.APPROVED, TRIGGER),
        "choque 3": (MessageStatus.IGNORED, OFF_TOPIC), "promo 4": (MessageStatus.BLOCKED, "filter"),
    }  # fmt: skip


def test_its_triggers_are_nobody_elses_and_a_mention_keeps_to_those_of_the_channel(channel: Channel) -> None:
    watching(channel, 901, triggers=["granizo"])
    mentions = [
        Heard(MessageKind.MENTION, 70, n, 5, "pepe", "Pepe", t, NOW) for n, t in ((1, "granizo"), (2, "choque"))
    ]
    messages.hear({70: channel.id}, mentions, NOW)
    assert judged(channel) == {
        "granizo": (MessageStatus.IGNORED, OFF_TOPIC), "choque": (MessageStatus.APPROVED, TRIGGER)
    }  # fmt: skip


def test_it_is_reposted_natively_whatever_the_form_of_mentions_is(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, mention_form=Form.COPY)
    hearing.hear(told(watching(channel), post(1)), NOW)
    judged(channel)
    (tweet,) = Tweet.select()
    assert (tweet.form, tweet.target_x_id, tweet.text) == (Form.REPOST, id_at(NOW) + 1, "")
    style = judging.load_rules(Channel.get_by_id(channel.id)).style
    assert style.other_form(MessageKind.WATCHED, Form.REPOST) is None


def test_a_held_one_is_published_as_it_is_or_not_at_all(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, review="unsure")
    hearing.hear(told(watching(channel), post(1)), NOW)
    assert judged(channel) == {"llueve 1": (MessageStatus.HELD, NEW_SENDER)}
    (held,) = Message.select()
    style = judging.load_rules(Channel.get_by_id(channel.id)).style
    assert not review.publish(held.id, ANA, style, NOW, edited="otra cosa").won
    assert review.publish(held.id, ANA, style, NOW).won


def test_blocked_senders_hold_and_bursts_only_for_who_was_found_by_a_search(channel: Channel) -> None:
    choosing.choose(channel.id, NOW, burst_most=2)
    choosing.flip(channel.id, FOLLOWERS_ONLY, NOW, on=True)
    search, _ = watched.add(channel.id, watched.a_search("lluvia"), ANA, NOW)
    hearing.hear(told(watching(channel), *(post(n, f"aviso {'xyzw'[n]} de {n}{n}") for n in range(4))), NOW)
    by_search = [post(10 + n, "lluvia " + "abcd"[n] * 9, sender=77) for n in range(4)]
    hearing.hear(told(search, *by_search), NOW)
    senders.Sender.insert(channel_id=channel.id, sender_id=78, handle="malo", standing=Standing.BLOCKED).execute()
    hearing.hear(told(search, post(20, "lluvia", sender=78)), NOW)
    found = judged(channel)
    assert {s for t, (s, _) in found.items() if t.startswith("aviso")} == {MessageStatus.APPROVED}
    assert BURST in {rule for t, (_, rule) in found.items() if t.startswith("lluvia")}
    assert found["lluvia 20"][1] == SENDER_BLOCKED


def test_what_was_not_wanted_as_a_mention_is_judged_once_more_as_what_is_watched(channel: Channel) -> None:
    said = post(1, "llueve @trafico")
    mention = replace(said, kind=MessageKind.MENTION, channel_x_id=70)
    messages.hear({70: channel.id}, [mention, replace(mention, x_id=7, text="choque")], NOW)
    assert judged(channel)["llueve @trafico 1"] == (MessageStatus.IGNORED, OFF_TOPIC)
    row = watching(channel)
    for _ in range(2):
        hearing.hear(told(row, said, replace(said, x_id=7, text="choque")), NOW)
    assert judged(channel) == {
        "llueve @trafico 1": (MessageStatus.APPROVED, WATCHED), "choque": (MessageStatus.APPROVED, TRIGGER)
    }  # fmt: skip
    assert brought.shown(channel.id, NOW)[0].today.posts == 1


def test_a_mention_that_no_rule_has_seen_is_judged_as_both_and_counted_once(channel: Channel) -> None:
    said = post(1, "llueve @trafico")
    messages.hear({70: channel.id}, [replace(said, kind=MessageKind.MENTION, channel_x_id=70)], NOW)
    row = watching(channel)
    for _ in range(2):
        hearing.hear(told(row, said), NOW)
    judged(channel)
    assert judged(channel) == {"llueve @trafico 1": (MessageStatus.APPROVED, WATCHED)}
    assert (Message.get().kind, Message.get().watched_id) == (MessageKind.WATCHED, row.id)
    assert brought.shown(channel.id, NOW)[0].today == brought.Brought(1, 1, prices.today(Billed.WATCHED))


def test_what_waits_for_x_as_a_mention_need_not_as_what_is_watched(channel: Channel) -> None:
    choosing.flip(channel.id, FOLLOWERS_ONLY, NOW, on=True)
    said = post(1, "choque @trafico")
    messages.hear({70: channel.id}, [replace(said, kind=MessageKind.MENTION, channel_x_id=70)], NOW)
    assert judged(channel)["choque @trafico 1"] == (MessageStatus.ASKING, NOT_FOLLOWER)
    hearing.hear(told(watching(channel), said), NOW)
    assert judged(channel) == {"choque @trafico 1": (MessageStatus.APPROVED, WATCHED)}


def test_what_comes_as_watched_first_passes_as_the_mention_that_it_is_besides(channel: Channel) -> None:
    handle = Channel.get_by_id(channel.id).handle
    row = watching(channel, triggers=["granizo"])
    texts = [f"choque, @{handle.upper()}", "choque", f"sol, @{handle}", f"choque @{handle}x", f"choque a@{handle}"]
    hearing.hear(told(row, *(post(n, text) for n, text in enumerate(texts))), NOW)
    passed = {t for t, (status, _) in judged(channel).items() if status is MessageStatus.APPROVED}
    assert passed == {f"{texts[0]} 0"}


def test_who_is_watched_and_asks_the_channel_to_be_left_out_is(channel: Channel) -> None:
    handle = Channel.get_by_id(channel.id).handle
    asks = replace(post(1), text=f"@{handle} no me reposteen")
    hearing.hear(told(watching(channel), asks, post(2, "llueve")), NOW)
    found = judged(channel)
    assert found[asks.text][1] == ASKS_OUT
    assert found["llueve 2"][0] is MessageStatus.BLOCKED


def test_what_was_read_back_for_who_went_on_meanwhile_is_not_heard(channel: Channel) -> None:
    row = watching(channel)
    watched.pause(channel.id, row.id)
    watched.resume(channel.id, row.id, NOW + timedelta(minutes=1))
    assert hearing.hear([replace(t, looked_up=True) for t in told(row, post(1))], NOW) == 0
    assert hearing.hear(told(row, post(1)), NOW) == 1


def test_an_account_is_called_as_it_calls_itself_now(channel: Channel) -> None:
    account, search = watching(channel), watched.add(channel.id, watched.a_search("llueve"), ANA, NOW)[0]
    hearing.hear(told(account, replace(post(1), sender_handle="nuevo")), NOW)
    hearing.hear(told(account, replace(post(2), sender_handle="")), NOW)
    hearing.hear(told(search, replace(post(3), sender_handle="otro")), NOW)
    assert [w.name for w in watched.of(channel.id)] == ["nuevo", search.name]


def test_what_is_no_longer_watched_is_not_posted(channel: Channel) -> None:
    row = watching(channel)
    hearing.hear(told(row, post(1)), NOW)
    watched.remove(channel.id, row.id)
    assert judged(channel) == {"llueve 1": (MessageStatus.IGNORED, NOT_WATCHED)}
    assert hearing.hear(told(row, post(2)), NOW) == 0


# --- the ceiling ---------------------------------------------------------------------------------------------


def test_a_ceiling_stops_it_for_the_day_of_its_zone_and_it_goes_on_the_next(channel: Channel) -> None:
    row = watching(channel, ceiling=Ceiling(posts=3))
    assert hearing.hear(told(row, *(post(n) for n in range(5))), NOW) == 3
    stopped = watched.of(channel.id)[0]
    assert (stopped.status, stopped.until) == (WatchedStatus.CEILING, NOW.replace(hour=4) + timedelta(days=1))
    assert hearing.hear(told(row, post(9)), NOW) == 0
    (notice,) = Notice.select().where(Notice.kind == NoticeKind.WATCH_STOPPED)
    assert isinstance(notice.value, WatchStopped)
    assert (notice.person_id, notice.value.posts, notice.value.cost) == (ANA, 3, 5 * prices.today(Billed.WATCHED))
    assert wanted.go_on(NOW + timedelta(hours=15)) == 0
    next_day = NOW + timedelta(hours=16)
    assert wanted.go_on(next_day) == 1
    assert watched.of(channel.id)[0].cursor == id_at(next_day)
    assert hearing.hear(told(row, post(20)), next_day) == 1
    (shown,) = brought.shown(channel.id, next_day)
    assert (shown.today.posts, shown.yesterday.posts, shown.yesterday.cost) == (1, 3, 5 * prices.today(Billed.WATCHED))


def test_a_ceiling_in_money_counts_the_share_of_the_channel(channel: Channel) -> None:
    row = watching(channel, ceiling=Ceiling(cost=10_000))
    assert hearing.hear(told(row, *(post(n) for n in range(4)), cost=2_500), NOW) == 4
    assert watched.of(channel.id)[0].status is WatchedStatus.CEILING
    assert brought.of_one(row.id, brought.day_of(NOW, ZoneInfo("America/Caracas"))) == (4, 10_000)


def test_two_who_hear_at_once_do_not_pass_it(channel: Channel) -> None:
    row = watching(channel, ceiling=Ceiling(posts=30))
    stored: list[int] = []

    def hear(first: int) -> None:
        try:
            for n in range(first, first + 40, 4):
                stored.append(hearing.hear(told(row, *(post(n + i) for i in range(4))), NOW))
        finally:
            rest()

    threads = [threading.Thread(target=hear, args=(first,)) for first in (0, 20, 40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(stored) == 30 == Message.select().where(Message.watched_id == row.id).count()
    assert watched.of(channel.id)[0].status is WatchedStatus.CEILING
    assert Notice.select().where(Notice.kind == NoticeKind.WATCH_STOPPED).count() == 1
    rest()


def test_what_x_refuses_stops_for_all_who_watch_it_and_is_told_once(channel: Channel) -> None:
    other = connected(71, "lluvia")
    mine, theirs, good = watching(channel), watching(other), watching(channel, 901)
    assert wanted.refused(mine.kind, mine.key, "no such user", NOW) == 2
    assert wanted.refused(mine.kind, mine.key, "no such user", NOW) == 0
    assert [w.id for w in wanted.streamed()] == [good.id]
    assert Notice.select().where(Notice.kind == NoticeKind.WATCH_STOPPED).count() == 2
    assert watched.resume(other.id, theirs.id, NOW)


def test_what_has_no_room_waits_and_goes_on_when_there_is_some(channel: Channel) -> None:
    row = watching(channel)
    wanted.have_no_room([row.id], NOW)
    assert [w.status for w in wanted.streamed()] == [WatchedStatus.NO_ROOM], "it is still wanted"
    assert hearing.hear(told(row, post(1)), NOW) == 1, "what comes all the same is heard"
    wanted.have_room([row.id])
    assert watched.of(channel.id)[0].status is WatchedStatus.ON


def test_of_a_channel_that_is_off_nothing_is_wanted(channel: Channel) -> None:
    watching(channel)
    assert wanted.is_any_streamed()
    Channel.update(is_on=False).where(Channel.id == channel.id).execute()
    assert wanted.streamed() == []
    assert not wanted.is_any_streamed()
