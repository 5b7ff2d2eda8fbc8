"""Every button's target: a word, the channel that it is about, and what else it needs.

A button about a channel reaches its handler only when the one who pressed owns that channel; those of the team, when
the one who pressed belongs to it.
"""

from collections.abc import Awaitable, Callable, Sequence

from bot import commands
from bot.accounts import panel, signing_in, team
from bot.chat.turn import Refusal, Turn
from bot.moderation import cards, files, hours, lists, review, rules, senders
from bot.notifications import journal, wanted
from bot.publishing import hashtags, history, media, posting, taking_back, writing
from bot.scheduling import calendar, limits, queueing, schedules
from bot.scheduling import files as schedule_files
from engine.lists import Standing
from engine.moderation import KeywordRole
from models.accounts.channels import Channel

OfChannel = Callable[[Turn, Channel, list[str]], Awaitable[None]]

OF_CHANNEL: dict[str, OfChannel] = {
    "panel": lambda t, c, a: panel.panel(t, c),
    "on": lambda t, c, a: panel.switch(t, c, on=True),
    "off": lambda t, c, a: panel.switch(t, c, on=False),
    "mentions": lambda t, c, a: panel.set_mentions(t, c, on=a[0] == "on"),
    "dms": lambda t, c, a: panel.set_dms(t, c, on=a[0] == "on"),
    "pace": lambda t, c, a: panel.pace(t, c),
    "gap": lambda t, c, a: panel.set_gap(t, c, a[0]),
    "fresh": lambda t, c, a: panel.set_fresh(t, c, a[0]),
    # the rules
    "rules": lambda t, c, a: rules.show(t, c),
    "sw": lambda t, c, a: rules.flip(t, c, a[0], a[1]),
    "triggers": lambda t, c, a: rules.triggers(t, c),
    "filters": lambda t, c, a: rules.filters(t, c),
    "repeats": lambda t, c, a: rules.show_repeats(t, c),
    "near": lambda t, c, a: rules.set_near(t, c, a[0]),
    # lists of words
    "kw": lambda t, c, a: lists.show(t, c, KeywordRole(a[0]), int(a[1])),
    "kwfound": lambda t, c, a: lists.show_found(t, c, KeywordRole(a[0]), int(a[1])),
    "kwone": lambda t, c, a: lists.show_one(t, c, KeywordRole(a[0]), int(a[1])),
    "kwadd": lambda t, c, a: lists.ask(t, c, KeywordRole(a[0])),
    "kwsearch": lambda t, c, a: lists.ask_search(t, c, KeywordRole(a[0])),
    "kwfor": lambda t, c, a: lists.set_applies(t, c, KeywordRole(a[0]), int(a[1]), a[2]),
    "kwblock": lambda t, c, a: lists.set_block(t, c, KeywordRole(a[0]), int(a[1]), a[2]),
    "kwinto": lambda t, c, a: lists.ask_into(t, c, KeywordRole(a[0]), int(a[1])),
    "kwdel": lambda t, c, a: lists.remove_one(t, c, KeywordRole(a[0]), int(a[1])),
    "kwundo": lambda t, c, a: lists.put_back(t, c, KeywordRole(a[0])),
    # senders
    "senders": lambda t, c, a: senders.show(t, c),
    "people": lambda t, c, a: senders.show_list(t, c, Standing(a[0]), int(a[1])),
    "peoplesearch": lambda t, c, a: senders.ask_search(t, c, Standing(a[0])),
    "sender": lambda t, c, a: senders.show_one(t, c, int(a[0])),
    "stand": lambda t, c, a: senders.stand(t, c, int(a[0]), a[1]),
    "unstand": lambda t, c, a: senders.clear(t, c, int(a[0])),
    "restand": lambda t, c, a: senders.put_back(t, c),
    "unhandle": lambda t, c, a: senders.clear_handle(t, c, a[0]),
    "unblock": lambda t, c, a: senders.unblock_sender(t, c, int(a[0])),
    "burst": lambda t, c, a: senders.set_burst(t, c, int(a[0])),
    # hours
    "hours": lambda t, c, a: hours.show(t, c),
    "hoursundo": lambda t, c, a: hours.undo(t, c),
    "outside": lambda t, c, a: hours.set_outside(t, c, a[0]),
    "week": lambda t, c, a: hours.week(t, c, a[0]),
    "cell": lambda t, c, a: hours.tap(t, c, a[0], hours.cell(int(a[1]))),
    "day": lambda t, c, a: hours.tap(t, c, a[0], hours.day(int(a[1]))),
    "column": lambda t, c, a: hours.tap(t, c, a[0], hours.column(int(a[1]))),
    "fill": lambda t, c, a: hours.fill(t, c, a[0], a[1]),
    "zone": lambda t, c, a: hours.show_zones(t, c),
    "setzone": lambda t, c, a: hours.set_zone(t, c, a[0]),
    # review and team
    "review": lambda t, c, a: review.show(t, c),
    "reviewset": lambda t, c, a: review.choose(t, c, a[0]),
    "team": lambda t, c, a: team.show(t, c),
    "invite": lambda t, c, a: team.invite(t, c),
    "unteam": lambda t, c, a: team.remove(t, c, int(a[0])),
    "reteam": lambda t, c, a: team.put_back(t, c, int(a[0])),
    # writing
    "writing": lambda t, c, a: writing.show(t, c),
    "form": lambda t, c, a: writing.set_form(t, c, a[0]),
    "credit": lambda t, c, a: writing.show_credit(t, c),
    "creditset": lambda t, c, a: writing.pick_credit(t, c, int(a[0])),
    "creditask": lambda t, c, a: writing.ask_credit(t, c),
    "wnames": lambda t, c, a: writing.set_names(t, c, on=a[0] == "on"),
    "preview": lambda t, c, a: writing.show_preview(t, c),
    # files
    "files": lambda t, c, a: files.show(t, c),
    "imp": lambda t, c, a: files.ask(t, c, a[0]),
    "impyes": lambda t, c, a: files.confirm(t, c, a[0]),
    "impno": lambda t, c, a: files.cancel(t, c),
    "exp": lambda t, c, a: files.send(t, c, [a[0]]),
    "copy": lambda t, c, a: files.ask_copy(t, c, int(a[0])),
    "copyyes": lambda t, c, a: files.do_copy(t, c, int(a[0])),
    "restore": lambda t, c, a: files.restore(t, c, int(a[0])),
    # hashtags
    "tags": lambda t, c, a: hashtags.show(t, c, _page(a)),
    "tag": lambda t, c, a: hashtags.show_one(t, c, int(a[0])),
    "tagadd": lambda t, c, a: hashtags.ask(t, c),
    "tagon": lambda t, c, a: hashtags.set_on(t, c, int(a[0]), on=True),
    "tagoff": lambda t, c, a: hashtags.set_on(t, c, int(a[0]), on=False),
    "tageach": lambda t, c, a: hashtags.set_each(t, c, int(a[0])),
    "tagdel": lambda t, c, a: hashtags.remove(t, c, int(a[0])),
    "tagback": lambda t, c, a: hashtags.put_back(t, c),
    # schedules, and posting by hand
    "scheds": lambda t, c, a: schedules.show_all(t, c, _page(a)),
    "schednew": lambda t, c, a: schedules.ask_text(t, c),
    "sched": lambda t, c, a: schedules.show(t, c, int(a[0])),
    "schedyes": lambda t, c, a: schedules.confirm(t, c),
    "schedno": lambda t, c, a: schedules.drop(t, c),
    "schedwhen": lambda t, c, a: schedules.again(t, c, "when"),
    "schedtext": lambda t, c, a: schedules.again(t, c, "text"),
    "schedmore": lambda t, c, a: schedules.again(t, c, "more"),
    "schededit": lambda t, c, a: schedules.edit(t, c, int(a[0])),
    "schedpause": lambda t, c, a: schedules.pause(t, c, int(a[0]), on=False),
    "schedgo": lambda t, c, a: schedules.pause(t, c, int(a[0]), on=True),
    "schedgrace": lambda t, c, a: limits.set_grace(t, c, int(a[0]), int(a[1])),
    "scheddel": lambda t, c, a: schedules.delete(t, c, int(a[0])),
    "schedback": lambda t, c, a: schedules.put_back(t, c, int(a[0])),
    "schedcopy": lambda t, c, a: schedules.duplicate(t, c, int(a[0])),
    "schedpost": lambda t, c, a: posting.say_scheduled(t, c, int(a[0])),
    "schedlimits": lambda t, c, a: limits.show(t, c, int(a[0])),
    "schedtimes": lambda t, c, a: limits.set_times(t, c, int(a[0]), int(a[1])),
    "schedfile": lambda t, c, a: schedule_files.show(t, c),
    "schedexp": lambda t, c, a: schedule_files.send(t, c),
    "schedimp": lambda t, c, a: schedule_files.ask(t, c),
    "schedimpyes": lambda t, c, a: schedule_files.confirm(t, c, a[0]),
    "schedimpno": lambda t, c, a: schedule_files.cancel(t, c),
    "schedimpundo": lambda t, c, a: schedule_files.undo(t, c, int(a[0])),
    "threadmore": lambda t, c, a: posting.more(t, c),
    "photo": lambda t, c, a: media.ask(t, c),
    "alt": lambda t, c, a: media.describe(t, c),
    "goon": lambda t, c, a: posting.go_on(t, c, int(a[0])),
    "postnow": lambda t, c, a: posting.now(t, c),
    "postlater": lambda t, c, a: posting.later(t, c),
    "postqueue": lambda t, c, a: posting.queue(t, c),
    "slots": lambda t, c, a: queueing.show_slots(t, c),
    "slotsundo": lambda t, c, a: queueing.undo_slots(t, c),
    "queue": lambda t, c, a: queueing.show(t, c, _page(a)),
    "queueup": lambda t, c, a: queueing.move(t, c, int(a[0]), -1),
    "queuedown": lambda t, c, a: queueing.move(t, c, int(a[0]), 1),
    "queuemix": lambda t, c, a: queueing.shuffle(t, c),
    "queueundo": lambda t, c, a: queueing.undo_shuffle(t, c),
    "queuedel": lambda t, c, a: queueing.remove(t, c, int(a[0])),
    "calendar": lambda t, c, a: calendar.send(t, c),
    "history": lambda t, c, a: history.show(t, c, int(a[0])),
    "postno": lambda t, c, a: posting.discard(t, c),
    # the journal, and taking back
    "log": lambda t, c, a: journal.show(t, c),
    "logfile": lambda t, c, a: journal.send_file(t, c),
    "undo": lambda t, c, a: taking_back.undo(t, c, int(a[0])),
    "trust": lambda t, c, a: cards.trust(t, c, int(a[0])),
    "askbye": lambda t, c, a: signing_in.ask_disconnect(t, c),
    "bye": lambda t, c, a: signing_in.goodbye(t, c),
    "forget": lambda t, c, a: signing_in.ask_forget(t, c),
    "forgetyes": lambda t, c, a: signing_in.forget(t, c),
}
OF_TEAM: dict[str, OfChannel] = {
    "notices": lambda t, c, a: wanted.show(t, c),
    "notice": lambda t, c, a: wanted.switch(t, c, a[0], on=a[1] == "on"),
    "held": lambda t, c, a: review.show_held(t, [c]),
    "msg": lambda t, c, a: cards.show(t, c, int(a[0])),
    "heldyes": lambda t, c, a: cards.publish(t, c, int(a[0])),
    "heldedit": lambda t, c, a: cards.ask_edit(t, c, int(a[0])),
    "heldno": lambda t, c, a: cards.ignore(t, c, int(a[0])),
    "heldback": lambda t, c, a: cards.take_back(t, c, int(a[0])),
    "heldblock": lambda t, c, a: cards.ask_block(t, c, int(a[0])),
    "block": lambda t, c, a: cards.block(t, c, int(a[0]), int(a[1])),
}
OF_PERSON: dict[str, Callable[[Turn], Awaitable[None]]] = {
    "connect": signing_in.connect,
    "channels": panel.channels,
    "status": panel.status,
    "help": commands.help_,
}


async def pressed(turn: Turn) -> None:
    """A button was pressed; by whom is checked here, for all of them."""
    query = turn.update.callback_query
    word, *rest = (query.data if query and query.data else "").split(":")
    if word in OF_PERSON:
        await OF_PERSON[word](turn)
    elif word == "lang" and rest:
        await panel.set_language(turn, rest[0])
    elif word in OF_CHANNEL | OF_TEAM and rest and rest[0].isdigit():
        handler = OF_TEAM.get(word) or OF_CHANNEL[word]
        channel = turn.help_with(int(rest[0])) if word in OF_TEAM else turn.own(int(rest[0]))
        try:
            await handler(turn, channel, rest[1:])
        except (ValueError, IndexError):
            raise Refusal(turn.t("I don't know that button. Open the panel again: /channels")) from None
    else:
        raise Refusal(turn.t("I don't know that button. Open the panel again: /channels"))


def _page(arguments: Sequence[str]) -> int:
    return int(arguments[0]) if arguments else 0
