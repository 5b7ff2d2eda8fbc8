"""Whatever X says, before it acted or after, in whatever form: what stands there is told as said, once, and nothing else.

The whole table: each form of what is asked of X by each answer that is no plain yes, over real HTTP.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from engine import posts
from engine.media import MediaKind
from engine.moderation import Form, Keyword, KeywordRole, MessageKind
from engine.moderation.repeats import REPEATS_ON
from engine.x.client import XSession
from engine.x.events import Heard
from models import choosing
from models.accounts import tokens
from models.accounts.channels import Channel
from models.database import rest
from models.moderation import lists
from models.notifications.declaring import NoticeKind
from models.notifications.notices import Notice
from models.publishing import media, placing, taking_back, threads
from models.publishing.holding import Outage
from models.publishing.media import Upload
from models.publishing.tweets import Tweet, TweetStatus, UndoState
from models.settings import Settings, settings
from models.streaming import messages
from sandbox.app import Sandbox
from sandbox.faults import NOES, TORN
from sandbox.x_tokens import CLIENT_ID, CLIENT_SECRET
from tasks import accounts, moderation, publishing
from tasks import media as bringing
from tasks.clock import now
from tests.tasks.nearby_x import nearby_x, sign_in

HOUR = timedelta(hours=1)
ITS_OWN_WORD = ("403", "400", "duplicate", "media_gone")  # about the post: it is not asked for once more as it is
ROUNDS = 5


class World:
    """A channel, and what is asked of X for it."""

    def __init__(self, x: Sandbox) -> None:
        self.x = x
        x.world.limits.on = False
        self.channel = sign_in(x, "TraficoValle", gap_s=0, fresh_s=86_400, scopes="tweet.write media.write")
        lists.add(self.channel.id, [Keyword(KeywordRole.TRIGGER, "choque")])
        choosing.choose(self.channel.id, now(), burst_most=0)
        choosing.flip(self.channel.id, REPEATS_ON, now(), on=False)
        self.count = 0

    def makes(self, form: str) -> Tweet:
        """Something to say, of this form, that X was not asked for yet."""
        self.count += 1
        said = f"número {self.count} en la calle {self.count * 7}"
        if form in ("repost", "copy"):
            return self._heard(form, f"choque {said} @TraficoValle")
        shown = (posts.Attachment(self._photo(), MediaKind.PHOTO, ""),) if form == "photo" else ()
        thread = (posts.Post(f"aviso {said}", shown), posts.Post(f"sigue {said}"))
        queued = placing.say_now(self.channel.id, 7, thread if form == "part" else thread[:1], now(), fresh=12 * HOUR)
        if form == "photo":
            self._bring()
        if form == "part":
            publishing.say(queued.tweet_id)
            return Tweet.get(Tweet.after_id == queued.tweet_id)
        return Tweet.get_by_id(queued.tweet_id)

    def _heard(self, form: str, text: str) -> Tweet:
        choosing.choose(self.channel.id, now(), mention_form=Form(form))
        post = self.x.world.post(self.x.world.user("maria_rdz").id, text, by_app=False)
        heard = Heard(MessageKind.MENTION, self.channel.x_user_id, post.id, 5, "maria_rdz", "María", text, now())
        messages.hear({self.channel.x_user_id: self.channel.id}, [heard], now())
        moderation.judge()
        return Tweet.select().order_by(Tweet.id.desc()).get()

    def _photo(self) -> int:
        return media.keep(self.channel.id, MediaKind.PHOTO, "image/png", f"n {self.count}".encode(), now())

    def _bring(self) -> None:
        Upload.update(due_at=now()).execute()
        for upload_id in media.due(now()):
            bringing.upload(upload_id)

    def time_passes(self) -> None:
        """As long as it takes for all that waits to be due."""
        Channel.update(hold_until=None).execute()
        Outage.update(until=now()).execute()
        Tweet.update(due_at=now()).where(Tweet.status == TweetStatus.QUEUED).execute()
        Tweet.update(claimed_until=now()).where(Tweet.status == TweetStatus.UNKNOWN).execute()
        Tweet.update(undo_due_at=now()).where(Tweet.undo == UndoState.WANTED).execute()

    def says(self, tweet: Tweet) -> Tweet:
        """What the clock would ring for, again and again, until it comes to its end."""
        for _ in range(ROUNDS):
            self.time_passes()
            for channel_id in tokens.to_renew(now()):
                accounts.renew(channel_id)
            if Tweet.get_by_id(tweet.id).status is TweetStatus.QUEUED:
                publishing.say(tweet.id)
                self.time_passes()
            if Tweet.get_by_id(tweet.id).status is TweetStatus.UNKNOWN:
                publishing.settle(tweet.id)
            if Tweet.get_by_id(tweet.id).undo is UndoState.WANTED:
                publishing.undo(tweet.id)
            again: Tweet = Tweet.get_by_id(tweet.id)
            if again.status in (TweetStatus.SENT, *threads.ENDED) and again.undo is not UndoState.WANTED:
                break
            self._bring()
        return again

    def stands(self, tweet: Tweet) -> int:
        """How often X shows it, in whatever form."""
        message = messages.message(tweet.message_id) if tweet.message_id else None
        own = [p for p in self.x.world.posts.values() if p.author_id == self.channel.x_user_id and not p.deleted]
        said = tweet.text.partition("número ")[2] or (message.text if message else "").partition("número ")[2]
        begins = {"aviso": "aviso", "sigue": "sigue"}.get(tweet.text.partition(" ")[0], "")
        mine = said.removesuffix(" @TraficoValle") + " "
        return sum(begins in p.text and mine in p.text.replace("…", " ") + " " for p in own)

    def told(self, tweet: Tweet, *kinds: NoticeKind) -> int:
        """How often the owner was told this of it."""
        return Notice.select().where(Notice.kind.in_(kinds) & Notice.data.contains(f'"tweet":{tweet.id},')).count()


@pytest.fixture
def world(db: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    for kept in (moderation._rules, moderation._had_turn, moderation._unprepared, moderation._resting):
        kept.clear()
    monkeypatch.setenv("X_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("X_CLIENT_SECRET", CLIENT_SECRET)
    with nearby_x(monkeypatch) as sandbox:
        session = XSession(settings().x_api_url, before_call=rest)
        monkeypatch.setattr(accounts._local, "session", session, raising=False)
        yield World(sandbox)
        rest()


FORMS = {"post": "post", "part": "post", "photo": "post", "copy": "post", "repost": "repost"}


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", FORMS)
def test_what_x_did_is_never_taken_for_not_done(world: World, form: str) -> None:
    wrong: list[tuple[object, ...]] = []
    for answer in NOES:
        tweet = world.makes(form)
        world.x.faults.set("refuse_after", 1, times=1, answer=answer, on=[FORMS[form]])
        after = world.says(tweet)
        if (after.status, world.stands(after)) != (TweetStatus.SENT, 1) or after.form != tweet.form:
            wrong.append((answer, str(after.status), after.reason, world.stands(after), str(after.form)))
        if world.told(after, NoticeKind.FAILED, NoticeKind.EXPIRED):
            wrong.append((answer, "told of it as if it had failed"))
    assert wrong == []


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", FORMS)
def test_what_passes_is_tried_again_and_only_its_own_word_leads_to_the_other_form(world: World, form: str) -> None:
    wrong: list[tuple[object, ...]] = []
    for answer in NOES:
        tweet = world.makes(form)
        world.x.faults.set("refuse_before", 1, times=1, answer=answer, on=[FORMS[form]])
        after, stands = world.says(tweet), world.stands(tweet)
        if answer == "media_gone" and tweet.message_id is None:
            expected = (TweetStatus.SENT, 1, tweet.form) if form == "photo" else (TweetStatus.FAILED, 0, tweet.form)
        elif answer in ITS_OWN_WORD and not (answer == "duplicate" and form == "repost"):
            other = {"repost": Form.COPY, "copy": Form.REPOST}.get(form)
            expected = (TweetStatus.SENT, 1, other) if other else (TweetStatus.FAILED, 0, tweet.form)
        elif answer == "duplicate":
            continue  # "already reposted" is believed
        else:
            expected = (TweetStatus.SENT, 1, tweet.form)
        if (after.status, stands, after.form) != expected:
            wrong.append((answer, str(after.status), after.reason, stands, str(after.form)))
        if world.told(after, NoticeKind.FAILED) != (after.status is TweetStatus.FAILED):
            wrong.append((answer, "told", world.told(after, NoticeKind.FAILED)))
    assert wrong == []


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", ["post", "repost"])
@pytest.mark.parametrize("fault", ["refuse_before", "refuse_after"])
def test_what_is_taken_back_is_told_so_when_it_is_gone_and_only_then(world: World, form: str, fault: str) -> None:
    wrong: list[tuple[object, ...]] = []
    call = {"post": "delete", "repost": "unrepost"}[form]
    for answer in NOES:
        tweet = world.says(world.makes(form))
        assert taking_back.want(tweet.id, now())
        for times in (1, None):
            world.x.faults.set(fault, 1, times=times, answer=answer, on=[call])
            after = world.says(tweet)
            gone = world.stands(tweet) == 0
            if (after.undo is UndoState.DONE) is not gone:
                wrong.append((answer, str(after.undo), gone))
            if after.undo is UndoState.FAILED and answer not in ITS_OWN_WORD:
                wrong.append((answer, "given up", after.undo_attempts))
            if times == 1 and not gone:
                wrong.append((answer, "not tried again"))
        world.x.faults.set(fault, 0)
    assert wrong == []
    assert not set(TORN) & set(ITS_OWN_WORD)


@pytest.mark.parametrize("opened", ["sqlite"], indirect=True)
@pytest.mark.parametrize("form", ["post", "repost"])
@pytest.mark.parametrize("answer", ["503", "garbled"])
def test_what_is_gone_is_told_so_though_x_never_gives_a_good_answer(world: World, form: str, answer: str) -> None:
    tweet = world.says(world.makes(form))
    assert taking_back.want(tweet.id, now())
    world.x.faults.set("refuse_after", 1, answer=answer, on=["delete", "unrepost"])
    after = world.says(tweet)
    assert (after.undo, world.stands(tweet)) == (UndoState.DONE, 0)
    assert after.undo_attempts <= publishing.LOOKS_FROM
