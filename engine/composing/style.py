"""How a channel writes: what a message becomes when the channel says it in its own words.

In this order: cut to what a post can hold, made plain, nobody addressed, words replaced, capitals calmed, words
emphasised, credited, cut to length.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.composing import capitals, credit, replacements
from engine.composing.length import shorten, shorten_to
from engine.composing.plain import clean, unaddressed
from engine.composing.replacements import Rewrite
from engine.composing.threads import Long, posts_of
from engine.moderation.keywords import Keyword, KeywordRole
from engine.moderation.policy import Form
from engine.moderation.verdicts import MessageKind
from engine.on_x import LIMIT, fits, weighted_length
from engine.phrases import Phrasebook
from engine.posts import MOST_POSTS
from engine.switches import Switch
from engine.text import OPENING, opening

FALLBACK = Switch("fallback", default=True)
CALM_CAPITALS = Switch("calm_capitals", default=False)

MAX_NAME = 50
MOST_OF_THREAD = MOST_POSTS * LIMIT  # signs of a text that a thread has room for
NO_REWRITES: Phrasebook[Rewrite] = Phrasebook()
NO_EMPHASIS: Phrasebook[None] = Phrasebook()


@dataclass(frozen=True)
class Style:
    """The channel's way of writing. Build it with `style_of`."""

    handle: str = ""
    credit: str = credit.DEFAULT
    name_dms: bool = False
    long_copies: Long = Long.CUT
    mention_form: Form = Form.REPOST
    fallback: bool = FALLBACK.default
    calm_capitals: bool = CALM_CAPITALS.default
    replacements: Phrasebook[Rewrite] = NO_REWRITES
    emphasis: Phrasebook[None] = NO_EMPHASIS

    def form_of(self, kind: MessageKind) -> Form:
        """A direct message can't be reposted: it is always a copy. What is watched is never copied: it is reposted."""
        if kind is MessageKind.WATCHED:
            return Form.REPOST
        return self.mention_form if kind.is_public else Form.COPY

    def other_form(self, kind: MessageKind, form: Form) -> Form | None:
        """What is tried once where X refuses this form; None where there is no other, or none is wanted."""
        if not self.fallback or not kind.is_public or kind is MessageKind.WATCHED:
            return None
        return Form.COPY if form is Form.REPOST else Form.REPOST

    def rewritten(self, text: str, most: int = OPENING) -> str:
        """The message in the channel's words, without a credit; all of it but of one far too long for a post."""
        plain = unaddressed(clean(opening(text, most)), self.handle)
        changed = opening(replacements.replace(plain, self.replacements), most)
        calm = capitals.calm(changed) if self.calm_capitals else changed
        return replacements.emphasise(calm, self.emphasis)

    def copy_of(self, kind: MessageKind, text: str, name: str, handle: str, limit: int = LIMIT) -> str:
        """The post that a message becomes as a copy: within X's length, the credit whole."""
        return self.credited(kind, self.rewritten(text), name, handle, limit)

    def names(self, kind: MessageKind) -> bool:
        """Whether a copy of a message of this kind names who wrote it."""
        named = any(field in self.credit for field in (credit.NAME, credit.HANDLE))
        return named and (kind.is_public or self.name_dms)

    def copies_of(self, kind: MessageKind, text: str, name: str, handle: str) -> tuple[str, ...]:
        """The posts that a message becomes as a copy: one, or a thread where it is too long and the channel wants that.

        A thread's first post has the credit.
        """
        if self.long_copies is Long.CUT or len(text) <= LIMIT // 2:
            return (self.copy_of(kind, text, name, handle),)
        whole = self.rewritten(text, MOST_OF_THREAD)
        template, who = self._credit(kind, name, handle)
        if not whole or fits(credit.filled(template, whole, who, handle)):
            return (self.credited(kind, whole, name, handle),)
        room = LIMIT - weighted_length(credit.filled(template, "", who, handle))
        first, *rest = posts_of(whole, max(room, LIMIT // 2))
        return (self.credited(kind, first, name, handle), *rest)

    def credited(self, kind: MessageKind, text: str, name: str, handle: str, limit: int = LIMIT) -> str:
        """A text as it is, with the credit of who sent it, within X's length."""
        template, who = self._credit(kind, name, handle)
        cut = shorten_to(text, lambda t: fits(credit.filled(template, t, who, handle), limit), limit)
        return credit.filled(template, cut, who, handle)

    def _credit(self, kind: MessageKind, name: str, handle: str) -> tuple[str, str]:
        """The template, and who is named in it."""
        who = shorten(unaddressed(clean(opening(name))).replace("\n", " "), MAX_NAME)
        return self.credit if (kind.is_public or self.name_dms) and (who or handle) else credit.NONE, who


def style_of(keywords: Iterable[Keyword], **choices: object) -> Style:
    """Compile a channel's replacements and emphasis; `choices` are the other fields of Style."""
    known = list(keywords)
    return Style(
        **choices,  # type: ignore[arg-type]
        replacements=Phrasebook(
            (k.text, Rewrite(k.into, k.text.endswith("."))) for k in known if k.role is KeywordRole.REPLACEMENT
        ),
        emphasis=Phrasebook((k.text, None) for k in known if k.role is KeywordRole.EMPHASIS),
    )
