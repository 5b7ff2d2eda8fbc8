"""`/test`: what would become of a message, by which rule, and what the post would look like. Nothing is stored."""

import html
from typing import ClassVar

from bot.chat import doors
from bot.chat.dialogue import Takes, step
from bot.chat.handling import answers
from bot.chat.keyboards import Rows
from bot.chat.reasons import why
from bot.chat.turn import Sentences, Turn
from bot.publishing import quoting
from bot.publishing.previewing import EXAMPLE_HANDLE, EXAMPLE_NAME, shown_post
from engine.moderation import Decision, MessageKind, Reading, Said, Verdict, Writer
from engine.moderation.filters import FILTER
from engine.phrases import Phrasebook
from models.accounts.channels import Channel
from models.moderation import judging, passed

MAX_TEXT = 2000
SIGNS = {Decision.APPROVED: "✅", Decision.HELD: "👀", Decision.BLOCKED: "🚫", Decision.IGNORED: "▫️"}


@step
class ToTry:
    """The message to try."""

    word: ClassVar[str] = "test"
    takes: ClassVar[Takes] = Takes.TEXT
    channel: int


async def test(turn: Turn) -> None:
    """/test TEXT, or in answer to a forwarded message"""
    channel = turn.take_channel(named_only_if_mine=True)
    text = (turn.arguments or quoting.text(turn))[:MAX_TEXT]
    if not text.strip():
        await turn.ask(
            ToTry(channel.id),
            turn.t(
                "Send me the message to try. You can also type it at once: /test crash on the A1 · or forward one here"
                " and answer it with /test"
            ),
        )
        return
    await show(turn, channel, text)


@answers(ToTry)
async def answered(turn: Turn, channel: Channel, _: ToTry) -> None:
    """The message to try that was asked for."""
    turn.end_step()
    await show(turn, channel, turn.arguments[:MAX_TEXT])


async def show(turn: Turn, channel: Channel, text: str) -> None:
    """The verdict as a mention, and as a DM where that differs."""
    rules = judging.load_rules(channel)
    verdicts: dict[MessageKind, tuple[Verdict, Reading]] = {}
    for kind in (MessageKind.MENTION, MessageKind.DM):
        said = Said(kind, text, turn.now)
        reading = rules.ruleset.read(said)
        writer = Writer(follows=True, approved=True)
        verdicts[kind] = (
            rules.ruleset.judge(said, reading, writer, turn.now, passed.said_lately(channel, turn.now)),
            reading,
        )
    lines: Sentences = [turn.t("🧪 <b>Test for {channel}</b>: nothing is stored or posted.", channel=channel)]
    lines.append("<blockquote>" + marked(text, verdicts[MessageKind.MENTION][1]) + "</blockquote>")
    same = verdicts[MessageKind.MENTION][0] == verdicts[MessageKind.DM][0]
    for kind, (verdict, _) in verdicts.items():
        if kind is MessageKind.DM and same:
            break
        line = _said(turn, verdict)
        if not same:
            head = turn.t("As a mention:") if kind is MessageKind.MENTION else turn.t("As a DM:")
            line = f"{head} {line}"
        lines.append(line)
    for kind, (verdict, _) in verdicts.items():
        if verdict.decision in (Decision.APPROVED, Decision.HELD):
            lines += ["", *shown_post(turn, rules.style, kind, text, EXAMPLE_NAME, EXAMPLE_HANDLE)]
    rows: Rows = [[(turn.t("🧭 Rules"), doors.Rules(channel.id)), (turn.t("✍️ Writing"), doors.Writing(channel.id))]]
    await turn.answer("\n".join(lines), rows)


def marked(text: str, reading: Reading) -> str:
    """The text as HTML, with the words that count: triggers bold, filters struck through."""
    book: Phrasebook[str] = Phrasebook(
        [*((t, "b") for t in reading.triggers), *((f.text, "s") for f in reading.filters)]
    )
    parts: list[str] = []
    at = 0
    for found in book.find(text):
        parts.append(html.escape(text[at : found.start], quote=False))
        parts.append(f"<{found.value}>{html.escape(text[found.start : found.end], quote=False)}</{found.value}>")
        at = found.end
    return "".join(parts) + html.escape(text[at:], quote=False)


def _said(turn: Turn, verdict: Verdict) -> str:
    reason = why(turn, verdict.rule, list(verdict.evidence))
    if verdict.decision is Decision.APPROVED:
        if verdict.waits_until is not None:
            span = turn.lasting(verdict.waits_until - turn.now)
            return turn.t("✅ It would be posted, in {span} when the hours begin — {why}", span=span, why=reason)
        return turn.t("✅ It would be posted — {why}", why=reason)
    if verdict.decision is Decision.HELD:
        return turn.t("👀 You would be asked — {why}", why=reason)
    text = turn.t("{sign} It would not be posted — {why}", sign=SIGNS[verdict.decision], why=reason)
    if verdict.rule is FILTER and verdict.block_days is not None:
        text = turn.t("{text} — and its sender would be blocked.", text=text)
    return text
