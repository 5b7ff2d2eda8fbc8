"""The wings of the chat: importing this has every handler of theirs, and every drawer of a notice, registered."""

from bot.accounts import notices as of_accounts
from bot.accounts import troubles as of_troubles
from bot.control import alarms as of_control
from bot.control import newcomers as of_entry
from bot.costs import notices as of_costs
from bot.desks import notices as of_desks
from bot.moderation import notices as of_moderation
from bot.publishing import edited, taking_back, while_off
from bot.publishing import notices as of_publishing
from bot.scheduling import limits, rewriting
from bot.scheduling import notices as of_scheduling
from bot.watching import notices as of_watching

DRAWERS = (
    of_accounts, of_troubles, of_desks, of_costs, of_publishing, while_off, of_scheduling, of_moderation, of_watching,
    of_entry, of_control,
)  # fmt: skip
HANDLERS = (edited, limits, rewriting, taking_back)
