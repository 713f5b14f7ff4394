"""Is it back? Sequences of reads after a write at second 0, and the second at which they say so."""

import pytest

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


def test_looks_come_early_then_a_tenth_of_the_elapsed_time_apart() -> None:
    """About 1 s after the write, the end of the window exactly, never more often than each second."""
    one = settling()
    assert one.next_look(0.0) == 1.0
    assert one.next_look(14.2) == pytest.approx(0.8)
    assert one.next_look(40.0) == 4.0
    one.observe(Live("a", {}, B, stamp=NEW), 40.0, equal=False)
    one.observe(Live("a", {}, R, stamp=NEW), 44.0, equal=False)
    assert one.next_look(44.2) == pytest.approx(0.8)
