"""What the next message answers, by the step at which a wizard stands."""

from bot.chat.turn import Handler
from bot.moderation import cards, lists, senders, trial
from bot.publishing import hashtags, media, posting, writing
from bot.scheduling import limits, schedules

STEPS: dict[str, Handler] = {
    "keywords": lists.answered,
    "kwsearch": lists.searched,
    "kwinto": lists.into,
    "peoplesearch": senders.searched,
    "credit": writing.answered,
    "edited": cards.edited,
    "test": trial.answered,
    "schedtext": schedules.got_text,
    "schedwhen": schedules.got_when,
    "hashtag": hashtags.answered,
    "schedlimits": limits.got,
    "posttext": posting.got_text,
    "threadtext": posting.got_more,
    "alt": media.described,
}
