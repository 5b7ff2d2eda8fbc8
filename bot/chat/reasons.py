"""Why a message was posted or not, in a sentence: the same in the journal, the card, the test and the notices."""

from bot.chat.language import N_, Speaker

WHY = {
    "kind_off": N_("this kind is switched off"),
    "sender_blocked": N_("its sender is blocked"),
    "burst": N_("too many messages from one sender: {words}"),
    "not_follower": N_("its sender does not follow the channel"),
    "follower_unknown": N_("X did not say in time whether its sender follows the channel"),
    "no_triggers": N_("the channel has no triggers"),
    "off_topic": N_("no trigger in it"),
    "filter": N_("filter: {words}"),
    "link": N_("it holds a link"),
    "media": N_("it holds a photo or a video"),
    "sensitive": N_("X marks it as sensitive"),
    "repeat": N_("it was said already within a day"),
    "near_repeat": N_("it is nearly the same as one within a day: {words}"),
    "out_of_hours": N_("outside the hours, which begin again {words}"),
    "no_hours": N_("there are no hours for this kind"),
    "review_all": N_("everything is reviewed"),
    "untriggered": N_("its sender is trusted, but there is no trigger in it"),
    "new_sender": N_("first message of a new sender"),
    "trigger": N_("trigger: {words}"),
    "trusted": N_("its sender is trusted"),
    "anything": N_("no trigger is required"),
    "person": N_("a person of the team decided"),
    "lapsed": N_("nobody decided in time"),
    "edited": N_("its writer edited it"),
    "gone": N_("it is no longer on X"),
    "refused": N_("X refused it"),
    "duplicate": N_("X has this text already"),
    "disconnected": N_("the channel was disconnected"),
    "channel_off": N_("the channel is off"),
    "x_down": N_("X did not answer"),
    "stale": N_("it would have been too late"),
    "paced": N_("it would have been too late"),
    "on_hold": N_("X wanted a pause, and then it was too late"),
    "hours": N_("outside the hours"),
    "schedule": N_("its schedule was changed"),
    "empty": N_("nothing is left of its text"),
    "limit": N_("X wanted a pause, and then it was too late"),
    "credits": N_("X has no credits left for the app"),
    "bad_media": N_("X can't use what it shows"),
    "media_late": N_("X had not got its photos or videos in time"),
    "media_scope": N_("the access does not reach photos and videos; connect the channel once more"),
    "undone": N_("it was taken back"),
    "crash": N_("it would have been too late"),
    "unsaid": N_("it would have been too late"),
    "no_answer": N_("X did not answer"),
    "token": N_("X no longer accepts the access"),
}


def why(say: Speaker, reason: str, words: list[str] | None = None, detail: str = "") -> str:
    """The sentence of a reason, or what X said where there is none of ours."""
    found = [str(w) for w in words or []]
    if reason in ("near_repeat", "repeat"):
        found = found[1:]
    if reason == "burst" and len(found) == 2:
        count, minutes = found
        return say.t("{count} messages in {minutes} minutes from one sender", count=count, minutes=minutes)
    if reason not in WHY:
        return say.t("{text}", text=detail or reason)
    return say.t(WHY[reason], words=", ".join(found))
