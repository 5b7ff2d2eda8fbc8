"""A service is backed up while it works, goes on, and is gone; what it is restored to elsewhere says the rest, and no more."""

from pathlib import Path

from sandbox.stage import Stage
from tests.given import connect_many
from tests.postgres import Server
from tests.reading import rows

KINDS = ("streams", "worker", "voices", "journal")


def test_what_was_backed_up_under_load_goes_on_elsewhere_with_nothing_lost_and_nothing_said_twice(
    stage: Stage, tmp_path: Path, postgres_server: Server
) -> None:
    database_url = postgres_server.empty("restored")
    handles = connect_many(stage, 4, ["choque"])
    stage.start(*KINDS)
    stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2 * len(handles))
    said = 0

    def send(count: int) -> None:
        nonlocal said
        for _ in range(count):
            said += 1
            stage.dm(f"vecina{said % 9}", handles[said % 4], f"choque por DM número {said}")

    send(30)
    file, phrase = tmp_path / "a.backup", "cuatro palabras muy largas"
    told = stage.command("bot", "backup", str(file), "--with-key", BACKUP_PASSPHRASE=phrase)  # in the middle of it
    assert "locked by the passphrase" in told
    send(30)
    stage.wait("some more is said", lambda: sum(stage.accepted("post").values()) > 35)
    for name in KINDS:
        stage.kill(name)
    (stage.folder / "data").rename(tmp_path / "lost")  # its Redis may still be at its end in there
    stage.do("/sandbox/x/act", act="forget_texts")  # so X itself would take each of them once more

    stage._settings = {"DATA_DIR": str(tmp_path / "elsewhere"), "DATABASE_URL": database_url}
    told = stage.command("bot", "restore", str(file), BACKUP_PASSPHRASE=phrase)
    assert "4 connected channels" in told
    stage._settings["SECRET_KEY"] = (tmp_path / "elsewhere" / "secret.key").read_text().strip()
    stage.start(*KINDS)
    send(10)
    stage.wait("all of it is said", lambda: len(stage.accepted("post")) == said, 90)
    found = "SELECT COUNT(*) FROM tweet WHERE status IN ('waiting', 'queued', 'sending', 'unknown')"
    stage._database_url = database_url
    stage.wait("nothing is in doubt any more", lambda: rows(stage, found)[0][0] == 0, 90)
    assert max(stage.accepted("post").values()) == 1
