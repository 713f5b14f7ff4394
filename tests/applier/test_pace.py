"""When a restart is worth a look, by what earlier ones took."""

import pytest

from reconciler.applier.pace import LEAST_SECONDS, Pace, gap_seconds, pace_of
from reconciler.model.ledger import Recorded


def restarts(*bounds: tuple[float, float]) -> list[Recorded]:
    """Earlier restarts, each between the last read that showed it and the first that did not."""
    return [Recorded(f"r{n}", high + 1, low, high) for n, (low, high) in enumerate(bounds)]


def test_nothing_is_expected_without_a_record() -> None:
    """An agent that was never restarted has no pace."""
    assert pace_of([]) is None


def test_one_restart_is_looked_for_a_little_sooner() -> None:
    """A single one says little about the next: 85 % of what it took at least."""
    pace = pace_of(restarts((40, 44)))
    assert pace is not None
    assert pace.first == 34


def test_many_restarts_are_looked_for_at_their_low_quantile() -> None:
    """Of eleven, the next one is over before the first look with a chance of one in ten."""
    pace = pace_of(restarts(*((float(n), n + 1.0) for n in range(30, 41))))
    assert pace is not None
    assert 30 < pace.first < 31


def test_only_the_newest_restarts_count() -> None:
    """What took minutes a long time ago is no reason to wait for minutes now."""
    pace = pace_of(restarts(*[(10.0, 10.5)] * 20, *[(300.0, 310.0)] * 80))
    assert pace is not None
    assert pace.first == 10


def test_the_record_of_a_late_look_does_not_make_the_next_one_later() -> None:
    """Restarts of exactly 60 s, each looked at by what the ones before told: no drift upwards."""
    earlier: list[Recorded] = []
    late = []
    for _ in range(30):
        pace = pace_of(earlier)
        at, busy = 1.0, 0.0
        while at < 60:
            busy = at
            at += gap_seconds(pace, at) if pace else max(1.0, at / 10)
        late.append(at - 60)
        earlier.insert(0, Recorded("r", at + 1, busy, at))
    assert late[-1] < 3
    assert max(late[10:]) < 6


def test_gaps_are_about_a_tenth_of_the_elapsed_time() -> None:
    """Longer before the middle of what is known, shorter after it, a tenth beyond all of it."""
    pace = pace_of(restarts(*((20 * 1.13**n, 20.5 * 1.13**n) for n in range(20))))
    assert pace is not None
    assert pace.first < 28 < 64 < pace.middle < 70 < 165 < pace.last
    at, shares = pace.first, []
    while at < 1000:
        gap = gap_seconds(pace, at)
        shares.append((at, round(gap / at, 6)))
        at += gap
    assert {share for at, share in shares if at < 60} == {0.14}
    assert {share for at, share in shares if 70 < at < 165} == {0.07}
    assert {share for at, share in shares if at > 220} == {0.1}
    assert sum(share for _, share in shares) / len(shares) == pytest.approx(0.1, abs=0.01)


def test_no_gap_is_shorter_than_it_is_worth() -> None:
    """Restarts of the same length: a quarter of a second at least, and 2 % of the elapsed time."""
    short, long = pace_of(restarts(*[(5.0, 5.1)] * 9)), pace_of(restarts(*[(100.0, 100.5)] * 9))
    assert short is not None
    assert long is not None
    assert gap_seconds(short, 5.0) == LEAST_SECONDS
    assert gap_seconds(long, 100.0) == 2.0


def test_a_look_that_came_a_little_sooner_is_the_first_one() -> None:
    """Taken along by others just before its time, an agent is not looked at once more for it."""
    pace = pace_of(restarts((60, 64), (70, 74), (80, 84), (90, 94), (100, 104), (110, 114)))
    assert pace is not None
    assert gap_seconds(pace, pace.first - 0.2) > 5
    assert gap_seconds(pace, pace.first - 0.3) == pytest.approx(0.3)


def test_a_record_without_its_reads_still_tells_something() -> None:
    """What an older version put down was the time until it was known: a little less is expected."""
    pace = pace_of([Recorded("r", 100.0)])
    assert pace is not None
    assert 60 < pace.first < 90


def test_a_pace_can_be_counted_from_later() -> None:
    """Of a restart that began so long ago, everything is so much nearer; the gaps stay."""
    assert Pace(40.0, 60.0, 90.0, 2.0).later(25.0) == Pace(15.0, 35.0, 65.0, 2.0)
