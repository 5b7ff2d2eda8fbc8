"""What the next message answers, by the step at which a wizard stands."""

from bot import cards, hashtags, lists, media, posting, schedule_limits, scheduling, senders, trial, writing
from bot.turn import Handler

STEPS: dict[str, Handler] = {
    "keywords": lists.answered,
    "kwsearch": lists.searched,
    "kwinto": lists.into,
    "peoplesearch": senders.searched,
    "credit": writing.answered,
    "edited": cards.edited,
    "test": trial.answered,
    "schedtext": scheduling.got_text,
    "schedwhen": scheduling.got_when,
    "hashtag": hashtags.answered,
    "schedlimits": schedule_limits.got,
    "posttext": posting.got_text,
    "threadtext": posting.got_more,
    "alt": media.described,
}
