"""Verdicts a second on one core with 10, 1,000 and 10,000 keywords, and the time to compile those (ms)."""

import random
import statistics
import time

from engine.filtering import Keyword, KeywordRole, MessageKind, Ruleset, compile_ruleset
from sandbox.people import LINES

SIZES = (10, 1_000, 10_000)
ROUNDS = 9


def figures() -> dict[str, float]:
    found: dict[str, float] = {}
    texts = [line.text for line in LINES] * 600
    compiled: dict[int, Ruleset] = {}
    for size in SIZES:
        dice = random.Random(size)
        words = ["".join(dice.choices("abcdefghijklmnoprstuvz", k=8)) for _ in range(size)]
        words = [f"{w} {v}" if i % 4 == 0 else w for i, (w, v) in enumerate(zip(words, reversed(words), strict=True))]
        keywords = [Keyword(KeywordRole.TRIGGER, w) for w in ["choque", *words[1:]]]
        began = time.perf_counter()
        rules = compile_ruleset(1, keywords, mentions_on=True, dms_on=True)
        found[f"compile_ms.{size}"] = 1000 * (time.perf_counter() - began)
        compiled[size] = rules
    rates: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(ROUNDS):  # in turns: this machine is noisy
        for size, rules in compiled.items():
            began = time.perf_counter()
            for text in texts:
                rules.judge(MessageKind.MENTION, text)
            rates[size].append(len(texts) / (time.perf_counter() - began))
    return found | {f"verdicts_per_second.{size}": statistics.median(rates[size]) for size in SIZES}
