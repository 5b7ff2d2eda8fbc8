"""What X charges, in integer micro-dollars (1,000,000 = 1 dollar), August 2026. Source: docs/x-and-telegram.md."""

POST = 15_000
POST_WITH_URL = 200_000
REPOST = 15_000
DELETE = 10_000
MENTION_EVENT = 5_000
REPLY_EVENT = 5_000
DM_EVENT = 10_000
ALT_TEXT = 5_000
ANSWER = 10_000  # to who wrote to the channel
DM = 15_000
POST_READ = 5_000
USER_READ = 10_000
OWNED_READ = 1_000
WATCHED_POST = POST_READ  # each that a rule brings or a page shows, once a UTC day


def of_post(*, with_url: bool, described: int = 0) -> int:
    """The price of creating one post that shows so many files with a description (alt text)."""
    return (POST_WITH_URL if with_url else POST) + described * ALT_TEXT


def of_month(heard_a_day: int, *, reposted_share: float, dm_share: float = 0.0, days: int = 30) -> int:
    """What a channel costs a month that hears so many messages a day and reposts a share of them."""
    hearing = heard_a_day * ((1 - dm_share) * MENTION_EVENT + dm_share * DM_EVENT)
    saying = heard_a_day * reposted_share * REPOST
    return round((hearing + saying) * days)


def of_watching(posts_a_day: float, *, sharing: int = 1) -> int:
    """What a day of it costs a channel: each post is billed once, and shared by so many channels that watch it."""
    return round(posts_a_day * WATCHED_POST / max(1, sharing))


def of_polling(posts_a_day: float, *, again: int = 0) -> int:
    """What a day of it costs that is read page by page: each post once, and so many `again` when X's day changes."""
    return round((posts_a_day + again) * WATCHED_POST)
