"""The words of the rules: of each switch, on the panel where it stands, and of each reason that a rule gives."""

from bot.chat.language import N_
from bot.chat.switches import Tick
from engine.moderation import (
    crowds,
    filters,
    hours,
    kinds,
    optout,
    protected,
    repeats,
    review,
    senders,
    triggers,
    verdicts,
    watched,
)

SENDERS = (
    Tick(senders.SENDERS_ON, N_("Look at senders")),
    Tick(senders.FOLLOWERS_ONLY, N_("Followers only")),
)
TRIGGERS = (Tick(triggers.TRIGGERS_ON, N_("A trigger is required")),)
FILTERS = (
    Tick(filters.FILTERS_ON, N_("Filters")),
    Tick(filters.NO_LINKS, N_("No links"), N_("links")),
    Tick(filters.NO_MEDIA, N_("No photos or videos"), N_("photos")),
    Tick(filters.NO_SENSITIVE, N_("Nothing that X marks as sensitive"), N_("sensitive")),
    Tick(crowds.NO_CROWDS, N_("No crowds: over 3 other accounts"), N_("crowds")),
)
REPEATS = (Tick(repeats.REPEATS_ON, N_("Drop repeats")),)
HOURS = (Tick(hours.HOURS_ON, N_("Keep to the hours")),)

WHY: dict[str, str] = {
    optout.ASKS_OUT: N_("its writer asks in it not to be reposted"),
    optout.ASKS_IN: N_("its writer says in it that they may be reposted again"),
    optout.OPTED_OUT: N_("its writer asked not to be reposted"),
    kinds.KIND_OFF: N_("this kind is switched off"),
    watched.NOT_WATCHED: N_("the channel does not watch it any more"),
    watched.WATCHED: N_("the channel watches it"),
    protected.PROTECTED: N_("its sender's account is protected, so it is not repeated in public"),
    senders.NAMELESS: N_("X did not say in time who wrote it"),
    senders.SENDER_BLOCKED: N_("its sender is blocked"),
    senders.BURST: N_("too many messages from one sender: {words}"),
    senders.NOT_FOLLOWER: N_("its sender does not follow the channel"),
    senders.FOLLOWER_UNKNOWN: N_("X did not say in time whether its sender follows the channel"),
    senders.TRUSTED: N_("its sender is trusted"),
    triggers.NO_TRIGGERS: N_("the channel has no triggers"),
    triggers.OFF_TOPIC: N_("no trigger in it"),
    triggers.UNTRIGGERED: N_("its sender is trusted, but there is no trigger in it"),
    triggers.TRIGGER: N_("trigger: {words}"),
    triggers.ANYTHING: N_("no trigger is required"),
    filters.FILTER: N_("filter: {words}"),
    filters.LINK: N_("it holds a link"),
    filters.MEDIA: N_("it holds a photo or a video"),
    filters.SENSITIVE: N_("X marks it as sensitive"),
    crowds.CROWD: N_("it names {words} other accounts"),
    repeats.REPEAT: N_("it was said already within a day"),
    repeats.NEAR_REPEAT: N_("it is nearly the same as one within a day: {words}"),
    hours.OUT_OF_HOURS: N_("outside the hours, which begin again {words}"),
    hours.NO_HOURS: N_("there are no hours for this kind"),
    review.REVIEW_ALL: N_("everything is reviewed"),
    review.NEW_SENDER: N_("first message of a new sender"),
    review.PERSON: N_("a person of the team decided"),
    review.LAPSED: N_("nobody decided in time"),
    verdicts.EDITED: N_("its writer edited it"),
    verdicts.TAKEN_BACK: N_("X no longer shows what it was about"),
    verdicts.UNJUDGED: N_("something of mine broke on it, and who runs me let it go"),
}
