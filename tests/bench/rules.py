"""Verdicts a second on one core with 10, 1,000 and 10,000 keywords; loading such a ruleset; an import of 10,000 lines."""

import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.files import lists as files
from engine.moderation import Keyword, KeywordRole, MessageKind, Policy, Ruleset, Said, Writer, compile_ruleset
from engine.similarity import RecentTexts, likeness, normal, read_pairs
from sandbox.people import LINES
from sandbox.stage import ROOT

SIZES = (10, 1_000, 10_000)
ROUNDS = 9
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PAIRS = tuple(ROOT / "tests" / "engine" / f"{name}.txt" for name in ("likeness", "likeness_unseen", "likeness_details"))
THRESHOLD = 0.8
BANNED = ("casino", "apuestas", "porno", "estafa", "bitcoin", "onlyfans", "vete a la", "bit.ly")


def figures() -> dict[str, float]:
    return _verdicts() | _import() | _repeats() | _pairs()


def _keywords(size: int) -> list[Keyword]:
    dice = random.Random(size)
    words = ["".join(dice.choices("abcdefghijklmnoprstuvz", k=8)) for _ in range(size)]
    words = [f"{w} {v}" if i % 4 == 0 else w for i, (w, v) in enumerate(zip(words, reversed(words), strict=True))]
    return [Keyword(KeywordRole.TRIGGER, w) for w in ["choque", *words[1:]]]


def _verdicts() -> dict[str, float]:
    found: dict[str, float] = {}
    messages = [Said(MessageKind.MENTION, line.text, NOW) for line in LINES] * 600
    compiled: dict[int, Ruleset] = {}
    for size in SIZES:
        keywords = _keywords(size)
        began = time.perf_counter()
        rules = compile_ruleset(1, keywords, Policy())
        found[f"compile_ms.{size}"] = 1000 * (time.perf_counter() - began)
        compiled[size] = rules
    rates: dict[int, list[float]] = {size: [] for size in SIZES}
    writer = Writer()
    for _ in range(ROUNDS):  # in turns: this machine is noisy
        for size, rules in compiled.items():
            began = time.perf_counter()
            for said in messages:
                rules.judge(said, rules.read(said), writer, NOW)
            rates[size].append(len(messages) / (time.perf_counter() - began))
    filters = [Keyword(KeywordRole.FILTER, word) for word in BANNED]
    filtered = compile_ruleset(1, [*_keywords(SIZES[0]), *filters], Policy())
    began = time.perf_counter()
    for said in messages:
        filtered.judge(said, filtered.read(said), writer, NOW)
    found["filtered_verdicts_per_second"] = len(messages) / (time.perf_counter() - began)
    return found | {f"verdicts_per_second.{size}": statistics.median(rates[size]) for size in SIZES}


def _import() -> dict[str, float]:
    """A file of 10,000 keywords: read, compared, stored in SQLite, and the ruleset loaded from there."""
    from engine.x.events import Account
    from models import choosing, connecting, database
    from models.accounts.channels import Auth, Channel
    from models.accounts.tokens import Tokens
    from models.moderation import judging, lists
    from models.settings import Settings

    with tempfile.TemporaryDirectory(prefix="canales-bench-") as folder:
        settings = Settings(data_dir=Path(folder), secret_key="a-key-for-the-bench-of-canales")  # type: ignore[arg-type]
        database.open_database(settings)
        database.migrate(settings)
        tokens = Tokens(Auth.OAUTH1, "", access_secret="")
        channel = connecting.connect_channel(Account(1, "banco", "Banco"), 1, tokens, NOW)
        content = files.write_file(_keywords(10_000))
        began = time.perf_counter()
        read = files.read_file(content, None, NOW)
        lists.compare(channel.id, read.entries)
        dry = time.perf_counter() - began
        choosing.bring_in(channel.id, read.entries, NOW)
        whole = time.perf_counter() - began
        loads = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            judging.load_rules(Channel.get_by_id(channel.id))
            loads.append(1000 * (time.perf_counter() - began))
        database.forget_connection()
    return {"import_dry_run_s.10000": dry, "import_s.10000": whole, "load_ms.10000": statistics.median(loads)}


def _repeats() -> dict[str, float]:
    """Looking for a near-repeat among 2,000 texts of the last day."""
    dice = random.Random(5)
    words = [w for first, second, _ in _labelled(PAIRS[0]) for w in (first + " " + second).split()]
    recent = RecentTexts()
    for key in range(2_000):
        recent.add(key, normal(" ".join(dice.choices(words, k=12))), NOW)
    texts = [first for first, _, _ in _labelled(PAIRS[0])]
    began = time.perf_counter()
    for text in texts:
        recent.likest(text, THRESHOLD, NOW - timedelta(days=1))
    return {"repeats_us.2000": 1e6 * (time.perf_counter() - began) / len(texts)}


def _pairs() -> dict[str, float]:
    """How well near-repeats are told from other news, on the labelled pairs and on those never used to tune."""
    found: dict[str, float] = {}
    for name, file in zip(("labelled", "unseen", "details"), PAIRS, strict=True):
        pairs = [(likeness(normal(a), normal(b)) >= THRESHOLD, same) for a, b, same in _labelled(file)]
        hits = sum(said and same for said, same in pairs)
        found[f"repeats_pairs.{name}"] = len(pairs)
        found[f"repeats_precision.{name}"] = hits / sum(said for said, _ in pairs)
        found[f"repeats_recall.{name}"] = hits / sum(same for _, same in pairs)
    return found


def _labelled(file: Path) -> list[tuple[str, str, bool]]:
    return read_pairs(file.read_text().splitlines())
