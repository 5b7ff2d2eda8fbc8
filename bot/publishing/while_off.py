"""What is told when a channel is on again: what goes out after all, and what is too late, with buttons to say it."""

from bot.chat import doors
from bot.chat.keyboards import Button, in_rows
from bot.chat.language import Speaker
from bot.notifications.drawing import About, Drawn, draws
from models.accounts import choices
from models.notifications.kinds import WhileOff
from models.publishing import history, media, threads

TEXT = 100


@draws(WhileOff)
def while_off(say: Speaker, notice: WhileOff, about: About) -> Drawn:
    lines = [say.t("▶️ <b>{channel}</b> is on again.", channel=about.channel)]
    if notice.back:
        lines.append(
            say.n(
                "{count} post that waited goes out after all.",
                "{count} posts that waited go out after all.",
                notice.back,
            )
        )
    if notice.news:
        lines.append(
            say.n(
                "✖️ {count} repost that waited is too old by now.",
                "✖️ {count} reposts that waited are too old by now.",
                notice.news,
            )
        )
    buttons: list[Button] = []
    if notice.late:
        lines.append(
            say.n(
                "⌛ {count} post was due while it was off, and is too late. Tap it to post it now:",
                "⌛ {count} posts were due while it was off, and are too late. Tap one to post it now:",
                notice.late,
            )
        )
        zone = choices.zone_of(about.channel.id)
        for number, tweet_id in enumerate(notice.tweets, 1):
            tweet = history.tweet(tweet_id)
            if tweet is None:
                continue
            at = (tweet.planned_at or tweet.due_at).astimezone(zone)
            shown = f"{'🖼' * media.count_of(tweet.id)} {' '.join(tweet.text.split())}".strip()
            shown = shown if len(shown) <= TEXT else shown[: TEXT - 1] + "…"
            lines.append(f"{number}. {at:%d/%m %H:%M} · " + say.t("{text}", text=shown))
            if tweet.status in threads.ENDED:
                buttons.append((f"🔁 {number}", doors.GoOn(about.channel.id, tweet.id)))
        if notice.late > len(notice.tweets):
            lines.append(say.t("The others are in the journal."))
    rows = in_rows(buttons, 5)
    if notice.late > len(notice.tweets):
        rows.append([(say.t("📒 Journal"), doors.Journal(about.channel.id))])
    return "\n".join(lines), rows
