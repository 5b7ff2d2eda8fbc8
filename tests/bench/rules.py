"""Verdicts a second on one core with 10, 1,000 and 10,000 keywords, and the time to compile those (ms)."""

import random
import time

from engine.filtering import Keyword, KeywordRole, MessageKind, compile_ruleset
from sandbox.people import LINES

SIZES = (10, 1_000, 10_000)
ROUNDS = 3


def figures() -> dict[str, float]:
    found: dict[str, float] = {}
    texts = [line.text for line in LINES] * 600
    for size in SIZES:
        dice = random.Random(size)
        words = ["".join(dice.choices("abcdefghijklmnoprstuvz", k=8)) for _ in range(size)]
        words = [f"{w} {v}" if i % 4 == 0 else w for i, (w, v) in enumerate(zip(words, reversed(words), strict=True))]
        keywords = [Keyword(KeywordRole.TRIGGER, w) for w in ["choque", *words[1:]]]
        began = time.perf_counter()
        rules = compile_ruleset(1, keywords, mentions_on=True, dms_on=True)
        found[f"compile_ms.{size}"] = 1000 * (time.perf_counter() - began)
        rates = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            for text in texts:
                rules.judge(MessageKind.MENTION, text)
            rates.append(len(texts) / (time.perf_counter() - began))
        found[f"verdicts_per_second.{size}"] = max(rates)
    return found
