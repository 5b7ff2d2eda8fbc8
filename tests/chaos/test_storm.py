"""Each wanted post exactly once on X, none missing, whatever breaks, in the world as it is."""

import pytest

from sandbox.stage import Stage
from tests.chaos.storm import storm


@pytest.mark.world
@pytest.mark.timeout(900)  # on a busy machine all of it waits for all the rest
def test_each_wanted_post_is_on_x_exactly_once(stage: Stage) -> None:
    outcome = storm(stage, messages=160, kills=4, seed=20261123, settle_s=300)
    assert outcome.wanted > 60
    assert (outcome.lost, outcome.doubled, outcome.unwanted, outcome.untold) == (0, 0, 0, 0)
    assert (outcome.falsely, outcome.repeated) == (0, 0)
    assert outcome.bill_difference == 0, "micro-dollars between the ledger and X's own bill"
