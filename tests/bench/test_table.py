"""The table of the figures: what is measured stands beside its target, on each database."""

from tests.bench import page, table

FOUND = {
    "machine.cores": 2.0,
    "machine.load_before": 0.4,
    "machine.measured_at": 1_795_000_000.0,
    "pipeline.messages_per_second": 5_100.4,
    "pipeline.messages_per_second.postgres": 2_499.0,
    "pipeline.huey_noop_per_second": 2_600.0,
    "latency.p99_ms": 150.0,
    "latency.never_named": 1.5,
}


def test_a_figure_stands_beside_its_target_and_whether_it_is_met() -> None:
    lines = table.lines(FOUND, ["pipeline", "latency"])
    told = next(line for line in lines if line.startswith("pipeline.messages_per_second "))
    assert told.split()[1:] == ["≥", "5,000", "·", "≥", "2,500", "5,100", "✓", "2,499", "✗"]
    assert next(line for line in lines if "p99" in line).split()[1:] == ["≤", "150", "150", "✓"]
    assert lines[-1].startswith("2 of 3 targets are met. 2 cores")


def test_a_figure_that_the_table_does_not_know_is_shown_too_and_other_areas_are_not() -> None:
    lines = table.lines(FOUND, ["latency"])
    assert [line.split()[0] for line in lines[1:-2]] == ["latency.p99_ms", "latency.never_named"]


def test_the_page_takes_what_was_measured_between_its_marks() -> None:
    before = page.PAGE.read_text()
    after = page.written(before, FOUND)
    assert "| `pipeline.messages_per_second` | ≥ 5,000 · ≥ 2,500 | 5,100 ✓ | 2,499 ✗ |" in after
    assert "Bare Huey did 2,600 jobs a second in that run" in after
    assert page.written(after, FOUND) == after
    assert before.partition("<!-- measured -->")[0] == after.partition("<!-- measured -->")[0]
