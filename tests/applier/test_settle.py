"""Is it back? Sequences of reads after a write at second 0, and the second at which they say so."""

import pytest

from reconciler.applier.pace import Pace
from reconciler.applier.settle import Settling, Verdict
from reconciler.model.live import Health, Live
from reconciler.model.rules import Readiness

B, R, F, U = Health.BUSY, Health.READY, Health.FAILED, Health.UNKNOWN
OLD, NEW, AGAIN = 100.0, 200.0, 201.0
BEFORE = OLD
Reads = list[tuple[float, Health, float | None]]

CASES: list[tuple[str, Reads, float | None]] = [
    ("busy, ready, confirmed", [(1, B, NEW), (2, R, NEW), (3, R, NEW)], 3),
    ("one ready is not confirmed", [(1, B, NEW), (2, R, NEW)], None),
    ("a second look too soon confirms nothing", [(1, B, NEW), (2, R, NEW), (2.5, R, NEW)], None),
    ("never busy: ready through the settle window", [(t, R, NEW) for t in range(1, 16)], 15),
    ("the old image all along", [(t, R, OLD) for t in range(1, 16)], 15),
    ("busy, then ready with the old stamp", [(1, B, OLD), (2, R, OLD), (4, R, OLD)], None),
    ("the same, when the window is over", [(1, B, OLD), (2, R, OLD), (15, R, OLD)], 15),
    ("older than the pre-image counts for nothing", [(1, B, NEW), (14, R, 50), (20, R, 50)], None),
    ("behind another read", [(1, B, NEW), (2, R, OLD), (16, R, OLD), (17, R, OLD)], None),
    (
        "ready, then busy after all: within the window no ready is believed",
        [(1, R, NEW), (2, B, NEW), (3, R, NEW), (4, R, NEW), (15, R, NEW)],
        15,
    ),
    (
        "a stamp that went back says the same",
        [(1, B, NEW), (2, B, OLD), (3, R, NEW), (4, R, NEW), (15, R, NEW)],
        15,
    ),
    ("flapping", [(1, B, NEW), (2, R, NEW), (3, B, NEW), (16, R, NEW), (17, R, NEW)], 17),
    ("an unknown word keeps waiting", [(t, U, NEW) for t in range(1, 40)], None),
    ("unknown, then ready: held once more", [(1, U, NEW), (2, R, NEW), (16, R, NEW)], None),
    ("held long enough", [(1, U, NEW), (2, R, NEW), (17, R, NEW)], 17),
    ("a stamp that is not told", [(1, B, None), (2, R, None), (15, R, None)], 15),
    ("a later stamp still", [(1, B, NEW), (2, R, AGAIN), (3, R, AGAIN)], 3),
]


def verdict_at(reads: Reads, settling: Settling) -> tuple[float | None, Verdict]:
    """The second of the first verdict, and the verdict."""
    for at, health, stamp in reads:
        live = Live("ar-1", {}, health, stamp=stamp)
        verdict = settling.observe(live, float(at), equal=False)
        if verdict is not Verdict.WAIT:
            return at, verdict
    return None, Verdict.WAIT


def settling(**more: object) -> Settling:
    """A write at second 0 on an agent with a status."""
    return Settling(Readiness.STATUS, 0.0, 15.0, BEFORE, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("what", "reads", "expected"), CASES, ids=[case[0] for case in CASES])
def test_when_it_is_back(what: str, reads: Reads, expected: float | None) -> None:
    """Fresh, and from after the restart: only then it is back."""
    at, verdict = verdict_at(reads, settling())
    assert at == expected, what
    assert verdict is (Verdict.WAIT if expected is None else Verdict.BACK)


@pytest.mark.parametrize(("what", "reads", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_failure_is_held_to_the_same(what: str, reads: Reads, expected: float | None) -> None:
    """With the new stamp and values the status can still be the old failure."""
    failed = [(at, F if health is R else health, stamp) for at, health, stamp in reads]
    at, verdict = verdict_at(failed, settling())
    assert at == expected, what
    assert verdict is (Verdict.WAIT if expected is None else Verdict.FAILED)


def test_an_old_failure_before_the_end_is_not_the_end() -> None:
    """FAILED from before, READY from after a restart that no read caught."""
    reads: Reads = [(1, F, NEW), (2, R, NEW), (16, R, NEW), (17, R, NEW)]
    assert verdict_at(reads, settling()) == (17, Verdict.BACK)


def test_what_was_created_has_no_older_read() -> None:
    """Every read of a new agent is newer than the write, whatever its stamp."""
    reads: Reads = [(1, B, None), (2, R, None), (3, R, None)]
    new = Settling(Readiness.STATUS, 0.0, 15.0, None, created=True)
    assert verdict_at(reads, new) == (3, Verdict.BACK)


def test_without_a_status_the_values_decide() -> None:
    """Equal at once; a moved stamp alone only after half a minute."""
    one = Settling(Readiness.VALUES, 0.0, 15.0, BEFORE)
    assert one.observe(Live("a", {}, Health.NONE, stamp=OLD), 0.0, equal=True) is Verdict.BACK
    two = Settling(Readiness.VALUES, 0.0, 15.0, BEFORE)
    moved = Live("a", {}, Health.NONE, stamp=NEW)
    assert two.observe(moved, 29.0, equal=False) is Verdict.WAIT
    assert two.observe(moved, 30.0, equal=False) is Verdict.BACK
    three = Settling(Readiness.VALUES, 0.0, 15.0, BEFORE)
    still = Live("a", {}, Health.NONE, stamp=OLD)
    assert three.observe(still, 300.0, equal=False) is Verdict.WAIT


def due(one: Settling, now: float) -> float:
    """After how long the next look is due."""
    return one.next_look(now).due - now


def test_looks_come_early_then_a_tenth_of_the_elapsed_time_apart() -> None:
    """About 1 s after the write, the end of the window exactly, never more often than each second."""
    one = settling()
    assert due(one, 0.0) == 1.0
    assert due(one, 14.2) == pytest.approx(0.8)
    assert due(one, 40.0) == 4.0
    one.observe(Live("a", {}, B, stamp=NEW), 40.0, equal=False)
    one.observe(Live("a", {}, R, stamp=NEW), 44.0, equal=False)
    assert due(one, 44.2) == pytest.approx(0.8)


def test_a_known_restart_is_looked_at_near_its_end() -> None:
    """Seen busy, it is left alone until earlier ones let expect its end; then gaps may be short."""
    one = settling(pace=Pace(first=50.0, middle=60.0, last=70.0, step=2.0))
    assert due(one, 0.0) == 1.0
    one.observe(Live("a", {}, B, stamp=NEW), 1.0, equal=False)
    assert due(one, 1.0) == 49.0
    assert due(one, 50.0) == 2.0
    assert due(one, 5.0) == 45.0
    late = settling(pace=Pace(first=50.0, middle=100.0, last=400.0, step=60.0))
    late.observe(Live("a", {}, B, stamp=NEW), 1.0, equal=False)
    assert due(late, 200.0) == pytest.approx(14.0)


def test_without_a_restart_that_shows_history_changes_nothing() -> None:
    """A READY from before the restart is looked at as often as ever: it may be over, or not begun."""
    one = settling(pace=Pace(first=50.0, middle=60.0, last=70.0, step=2.0))
    one.observe(Live("a", {}, R, stamp=NEW), 1.0, equal=False)
    assert due(one, 1.0) == 1.0
    assert due(one, 14.5) == 0.5


def test_reads_that_contradict_each_other_are_looked_at_as_often_as_ever() -> None:
    """READY, then busy: no read alone is believed, so the end of the window is not slept over."""
    one = settling(pace=Pace(first=50.0, middle=60.0, last=70.0, step=2.0))
    for at, health in ((1.0, R), (2.0, B)):
        one.observe(Live("a", {}, health, stamp=NEW), at, equal=False)
    assert due(one, 2.0) == 1.0


def test_a_confirming_read_counts_from_the_answer_before() -> None:
    """A first READY that waited for its turn for 0.9 s is confirmed 1 s after it was known."""
    one = settling()
    one.observe(Live("a", {}, B, stamp=NEW), 1.0, equal=False)
    one.observe(Live("a", {}, R, stamp=NEW), 2.0, equal=False, answered=2.9)
    soon = Live("a", {}, R, stamp=NEW)
    assert one.observe(soon, 3.0, equal=False, answered=3.1) is Verdict.WAIT
    assert one.next_look(3.1).due == pytest.approx(3.9)
    assert one.next_look(3.1).earliest == one.next_look(3.1).due
    assert one.observe(soon, 3.9, equal=False) is Verdict.BACK


def test_a_moved_stamp_counts_so_long_after_the_write() -> None:
    """Without a status, and whatever the clock said when it was written."""
    settling = Settling(Readiness.VALUES, 1000.0, 15.0, BEFORE)
    read = Live("ar-1", {}, Health.NONE, stamp=NEW)
    assert settling.observe(read, 1029.0, equal=False) is Verdict.WAIT
    assert settling.observe(read, 1030.0, equal=False) is Verdict.BACK


def test_a_restart_under_way_at_the_write_is_not_taken_for_the_one_that_it_causes() -> None:
    """For a settle window a busy status and its end may be those of the restart before."""
    seen: Reads = [(1, B, NEW), (2, R, NEW), (3, R, NEW)]
    later: Reads = [(14, R, NEW), (15, R, NEW)]
    assert verdict_at(seen, settling(busy_before=True)) == (None, Verdict.WAIT)
    assert verdict_at([*seen, *later], settling(busy_before=True)) == (15, Verdict.BACK)
