"""Posts a second that leave for X while plenty are due, on a stage whose channels and processes are there already."""

import time

from sandbox.stage import Stage
from tests.given import post_many

POSTS, SETTING_OUT_S = 3_000, 8.0
FIRST, LAST = POSTS // 20, POSTS - POSTS // 20


def posts_per_second(stage: Stage) -> dict[str, float]:
    """By the moments when X was asked: of the middle nine tenths, as the first and the last have free hands."""
    stage.do("/sandbox/x/act", act="keep_wire", on=False)
    post_many(stage, POSTS, time.time() + SETTING_OUT_S)
    stage.wait("all are said", lambda: len(stage.accepted("post")) >= POSTS, 300)
    asked = sorted(stage.do("/sandbox/x/act", act="moments")["posts"].values())
    assert max(stage.accepted("post").values()) == 1, "said twice"
    return {"posts_per_second": (LAST - FIRST) / (asked[LAST - 1] - asked[FIRST - 1])}
