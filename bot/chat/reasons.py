"""Why a message was posted or not, in a sentence: the same in the journal, the card, the test and the notices."""

from bot.chat import rule_words
from bot.chat.language import N_, Sentence, Speaker
from bot.chat.xs_words import of_x
from engine.moderation.hours import OUT_OF_HOURS
from engine.moderation.repeats import NEAR_REPEAT, REPEAT
from engine.moderation.senders import BURST
from engine.timetable import ENGLISH

SHOWN_LINES = 12
BAD_MEDIA = "bad_media"

WHY: dict[str, str] = {
    **rule_words.WHY,
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
    "budget": N_("there was no money left in the budget of the month, and later was too late"),
    "day_full": N_("all posts that X allows in a day are used, of all channels together, and later was too late"),
    "day_share": N_(
        "what is left of the day's posts at X is kept for what is planned and for other channels, and then it was too"
        " late"
    ),
    "locked": N_("X has locked the account"),
    "channel_day": N_("X takes no more posts of this account today, and later was too late"),
    BAD_MEDIA: N_("X can't use what it shows"),
    "media_late": N_("X had not got its photos or videos in time"),
    "media_scope": N_("the access does not reach photos and videos; connect the channel once more"),
    "undone": N_("it was taken back"),
    "crash": N_("it would have been too late"),
    "unsaid": N_("it would have been too late"),
    "no_answer": N_("X did not answer"),
    "unsettled": N_("X could not be read for a day, so it is not known whether it is there"),
    "token": N_("X no longer accepts the access"),
    "sign_in": N_("X's sign-in gave no good answer, and then it was too late"),
    "access": N_("X accepted no access, and then it was too late"),
    "client": N_("X did not accept this service's own key, and then it was too late"),
    "key": N_("the access was kept under another key, and then it was too late"),
    "broke_in_doubt": N_("something of mine broke on it, so it is not known whether it is there"),
    "automated": N_("X took the account for automated and wanted a pause, and then it was too late"),
    "narrow": N_("the access does not reach that far; connect the channel once more"),
    "app_stopped": N_("X lets my app do nothing of the kind for now"),
    "media_gone": N_("X no longer knew its photos or videos"),
    "person": N_("somebody of the channel said no"),
    "broke": N_("something of mine broke on it; who runs me can see it"),
}


def why(say: Speaker, reason: str, words: list[str] | None = None, detail: str = "") -> str:
    """The sentence of a reason, or what X said where there is none of ours."""
    found = [str(w) for w in words or []]
    if reason in (NEAR_REPEAT, REPEAT):
        found = found[1:]
    if reason in (OUT_OF_HOURS,):
        found = [_in_words(say, opens) for opens in found]
    if reason in (BURST,) and len(found) == 2:
        count, minutes = found
        return say.t("{count} messages in {minutes} minutes from one sender", count=count, minutes=minutes)
    if reason == BAD_MEDIA and (in_words := of_x(say, detail)):
        return Sentence(f"{say.t(WHY[reason])}. {in_words}")
    if reason not in WHY:  # X's own words: in the reader's language, or quoted
        silent = WHY["no_answer"]
        return of_x(say, detail or reason) or say.t(silent)
    return say.t(WHY[reason], words=", ".join(found))


def _in_words(say: Speaker, opens: str) -> str:
    """`Wed 6:00`, as the verdict keeps it, with the day as the reader calls it."""
    day, _, clock = opens.partition(" ")
    return f"{say.day_names()[ENGLISH.index(day.lower())]} {clock}" if day.lower() in ENGLISH else opens
