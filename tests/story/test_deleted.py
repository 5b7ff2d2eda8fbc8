"""A post is deleted: the copy of it goes from X, over all processes, and its owner is told."""

from sandbox.stage import Stage
from tests.given import connect_many


def test_a_deletion_reaches_the_copy_over_all_processes(stage: Stage) -> None:
    (handle,) = connect_many(stage, 1, ["choque"])
    stage.start("web", "streams", "worker", "voices")
    stage.wait("subscribed", lambda: stage.x()["subscriptions"] == 2)
    stage.tell(f"/channel @{handle}", handle)
    stage.tell("/form copy", "Redacción de|Writing of")
    source = stage.mention("maria_rdz", f"choque en la A1 @{handle}")
    stage.wait("copied", lambda: stage.timeline(handle))
    stage.wait("its author is heard", lambda: stage.x()["subscriptions"] == 3)
    stage.do("/sandbox/x/act", act="delete", id=source)
    stage.wait("gone", lambda: not stage.timeline(handle))
    stage.bot_says("🗑")
