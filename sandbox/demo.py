"""`make demo`: the whole story in the sandbox, without a browser, over the real processes. Each step is printed.

Exits 0 only if every step happened.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sandbox.stage import NotSeen, Stage

CHANNEL = "TraficoValle"


class Demo:
    """The story, told by one owner's chat and by what X was told."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def steps(self) -> list[tuple[str, Callable[[], str]]]:
        return [
            ("Ana writes /start, taps Connect, says yes on X's page and pastes the address", self.sign_in),
            ("She types her triggers and filters", self.words),
            ("A neighbour mentions the channel: heard and reposted", self.mention),
            ("Ana is told, with View and Undo", self.notice),
            ("She presses Undo: it is gone from X, and the notice says so", self.undo),
            ("A DM becomes a post, without its sender's name", self.dm),
            ("Off-topic and filtered mentions are not posted, and the journal says why", self.dropped),
            ("The worker is killed (kill -9) after X accepted a post and before it was written down", self.killed),
            ("It starts again: exactly one post on X, and Ana is told", self.settled),
            ("The stream breaks; three mentions meanwhile; all three are heard afterwards", self.disconnected),
            ("/status tells how it goes", self.status),
        ]

    def sign_in(self) -> str:
        welcome = self._stage.tell("/start", "Canales")
        self._stage.press(welcome, "Conectar")
        asked = self._stage.bot_says("Abre X", after=welcome["message_id"])
        address = self._stage.authorize(asked, CHANNEL)
        self._stage.tell(address, f"@{CHANNEL} está conectado")
        self._stage.wait("subscribed to mentions and DMs", lambda: self._stage.x()["subscriptions"] == 2)
        return f"@{CHANNEL} is connected, its mentions and DMs are subscribed"

    def words(self) -> str:
        self._stage.tell('/triggers add choque, accidente, "vía cerrada"', "3 disparadores")
        self._stage.tell("/filters add promo", "1 filtro")
        self._stage.tell("/gap 0", "Sin pausa entre tuits")
        return 'triggers: choque, accidente, "vía cerrada"; filter: promo'

    def mention(self) -> str:
        began = time.monotonic()
        self._post = self._stage.mention("maria_rdz", f"CHOQUE en la autopista, dos canales cerrados @{CHANNEL}")
        self._reposted(1)
        return f"on X after {1000 * (time.monotonic() - began):.0f} ms"

    def notice(self) -> str:
        self._notice = self._stage.bot_says("reposteó.*CHOQUE en la autopista")
        return str(self._notice["text"]).replace("\n", " · ")

    def undo(self) -> str:
        self._stage.press(self._notice, "Deshacer")
        self._stage.wait("the repost is gone", lambda: not self._stage.timeline(CHANNEL))
        self._stage.bot_says("Deshecho")
        return "gone"

    def dm(self) -> str:
        self._stage.dm("joandriver", CHANNEL, "Accidente en la Av. Bolívar, mejor por la 8")
        shown = self._stage.wait("the DM is posted", lambda: self._stage.timeline(CHANNEL))[0]
        if "joan" in shown["text"].lower() or shown["text"] != "Accidente en la Av. Bolívar, mejor por la 8":
            raise NotSeen(f"not what was written: {shown['text']}")
        return f"on X: {shown['text']}"

    def dropped(self) -> str:
        self._stage.mention("elpanadero", f"Buenos días @{CHANNEL}, hay pan de jamón")
        self._stage.mention("promo_loca", f"PROMO: seguro gratis contra choque, entra ya @{CHANNEL}")
        self._stage.wait(
            "both are in the journal",
            lambda: {"off_topic", "filter"} <= set(self._journal_rules()),
        )
        told = self._stage.tell("/log", "Bitácora")["text"]
        why = [line for line in told.splitlines() if "no publicado" in line]
        if len(why) != 2 or self._posts() != 1:
            raise NotSeen(f"the journal says: {told}")
        return " / ".join(line.partition("— ")[2] for line in why)

    def killed(self) -> str:
        self._stage.faults(slow={"rate": 1, "times": 1, "seconds": 10})
        self._stage.dm("maria_rdz", CHANNEL, "Otro accidente, esta vez en el puente")
        self._stage.wait("X has the post", lambda: self._posts() == 2)
        self._stage.kill("voices")
        return "killed; X has the post, the database does not know"

    def settled(self) -> str:
        began = time.monotonic()
        self._stage.start("voices")
        self._stage.bot_says("publicó.*accidente, esta vez en el puente", within=60)
        copies = [p for p in self._stage.timeline(CHANNEL) if "en el puente" in p["text"]]
        if len(copies) != 1 or max(self._stage.accepted("post").values()) != 1:
            raise NotSeen(f"{len(copies)} posts on X")
        return f"one post on X, settled by reading back after {time.monotonic() - began:.0f} s"

    def disconnected(self) -> str:
        connects = self._stage.x()["stream"]["connects"]
        self._stage.stop("streams")
        posts = [self._stage.mention("joandriver", f"Choque número {n} @{CHANNEL}") for n in (1, 2, 3)]
        self._stage.start("streams")
        self._reposted(4)
        reposted = {int(k.partition(":")[2]) for k in self._stage.accepted("repost")}
        if not set(posts) <= reposted or self._stage.x()["stream"]["connects"] <= connects:
            raise NotSeen("some were not heard")
        return "all three reposted, each once"

    def status(self) -> str:
        return str(self._stage.tell("/status", "Estado")["text"]).replace("\n", " · ")

    def _reposted(self, count: int) -> None:
        self._stage.wait(
            f"{count} reposts on X",
            lambda: len(self._stage.accepted("repost")) == count and max(self._stage.accepted("repost").values()) == 1,
        )

    def _posts(self) -> int:
        return sum(self._stage.accepted("post").values())

    def _journal_rules(self) -> list[str]:
        folder = self._stage.folder / "data" / "journal"
        lines = [line for f in folder.glob("*.log") for line in f.read_text().splitlines()]
        return [word.partition("=")[2] for line in lines for word in line.split() if word.startswith("rule=")]


def main() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="canales-demo-") as folder, Stage(Path(folder)) as stage:
        stage.start("web", "streams", "worker", "voices", "journal")
        for number, (title, step) in enumerate(Demo(stage).steps(), 1):
            print(f"{number:2}. {title}", flush=True)
            try:
                print(f"    ✓ {step()}", flush=True)
            except NotSeen as error:
                print(f"    ✗ {error}\n\nThe processes said:\n{stage.log_text()[-3000:]}", flush=True)
                return 1
    print(f"Every step happened, in {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
