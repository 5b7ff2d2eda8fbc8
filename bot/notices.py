"""All that can be told: importing this has every wing's drawers registered."""

from bot.accounts import notices as of_accounts
from bot.moderation import notices as of_moderation
from bot.publishing import notices as of_publishing
from bot.scheduling import notices as of_scheduling

DRAWERS = (of_accounts, of_publishing, of_scheduling, of_moderation)
