"""The posts of the app's day over real processes: few of them, three channels, one of which wants them all."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sandbox.stage import ANA, Stage

LIMIT, GREEDY, CALM = 20, "TraficoValle", ("LluviaYa", "BarrioAlto")


def planned(stage: Stage) -> int:
    """How many posts are counted as planned."""
    with sqlite3.connect(stage.folder / "data" / "canales.db", timeout=10) as db:
        return int(db.execute("SELECT coalesce(sum(posts), 0) FROM planned_hour").fetchone()[0])


def said(stage: Stage, handle: str, word: str) -> int:
    """How many posts of an account stand on X that have this word."""
    return sum(bool(re.search(word, p["text"])) for p in stage.timeline(handle))


def test_what_is_planned_goes_out_and_one_that_wants_all_takes_nobody_s_share(tmp_path: Path) -> None:
    with Stage(tmp_path / "stage", X_POSTS_A_DAY=str(LIMIT), ADMIN_IDS=str(ANA)) as stage:
        stage.do("/sandbox/telegram/act", act="limits", on=False)
        stage.do("/sandbox/x/act", act="limits", app_day=LIMIT)
        for handle in CALM:
            stage.do("/sandbox/x/act", act="grant", handle=handle)
        stage.start("web", "streams", "voices", "journal")
        for handle in (*CALM, GREEDY):
            stage.connect(handle)
            stage.tell(f"/channel @{handle}", f"@{handle}")
            stage.tell("/triggers add choque", "1 disparador")
            stage.tell("/gap 0", "Sin pausa")
            stage.tell("/burst off", "más de ∞ mensajes")
            stage.tell("/form copy", "tuit propio")
        at = (datetime.now(UTC) + timedelta(seconds=150)).replace(second=0, microsecond=0)
        word = "hoy" if at.date() == datetime.now(UTC).date() else "mañana"
        for handle in (*CALM, GREEDY):
            stage.tell(f"/channel @{handle}", f"@{handle}")
            for n in range(2):
                sure = stage.tell(f"/schedule {word} {at:%H:%M} Previsto {n} de {handle}", "dirá, ")
                stage.press(sure, "Programar")
                stage.bot_says("✅ Programado|⏳")
        stage.wait("heard", lambda: stage.x()["subscriptions"] == 6)
        stage.start("worker")  # what is planned is counted each minute, and at the start
        stage.wait("what is planned is counted", lambda: planned(stage) == 6, 90)

        for n in range(LIMIT + 10):
            stage.mention("maria_rdz", f"choque {n} en la calle {n} @{GREEDY}")
        share = (LIMIT - 6) // 3
        stage.wait("its share is said", lambda: said(stage, GREEDY, "choque") >= share)
        for handle in CALM:
            for n in range(share):
                stage.mention("maria_rdz", f"choque {n} junto al puente {n} @{handle}")
            stage.wait("the others have theirs", lambda h=handle: said(stage, h, "choque") == share)  # type: ignore[misc]
        stage.tell("/channel @" + GREEDY, "Los tuits del día en X se acaban para todos")

        for handle in (*CALM, GREEDY):
            stage.wait("the planned ones", lambda h=handle: said(stage, h, "Previsto") == 2, 200)  # type: ignore[misc]
        assert share <= said(stage, GREEDY, "choque") <= share + 2, "what is left over at most"
        stage.bot_says("de los 20 tuits que X permite a tu app")
        stage.tell("/status", r"Tuits de la app en 24 h: (18|19|20) de 20")
        posts = stage.accepted("post")
        assert max(posts.values()) == 1
        assert sum(posts.values()) <= LIMIT
        refused = [m for m in stage.chat() if "no acepta más tuits" in str(m.get("text"))]
        assert not refused, "X never had to say no"
