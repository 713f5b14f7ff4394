"""Freeze windows: when nothing is written, through changes of the clock as Debian's cron goes."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.differ.freeze import cron_fault, frozen_until
from reconciler.model.manifest import Place
from reconciler.model.policy import Freeze, Head, Level

HOUR = 3600.0


def window(cron: str, hours: float, zone: str) -> Freeze:
    """A freeze window."""
    head = Head("freeze", Level.DENY, Place("reconcile.yaml", 1, 1))
    return Freeze(head, cron, hours * HOUR, ZoneInfo(zone))


def at(text: str, zone: str) -> float:
    """A time by the clock on the wall there, in seconds since the epoch."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def until(freeze: Freeze, text: str, zone: str) -> str:
    """The end of the window, by the clock on the wall there; empty outside of one."""
    end = frozen_until(freeze, at(text, zone))
    return "" if end is None else f"{end:%Y-%m-%d %H:%M}"


WEEKEND = window("0 18 * * FRI", 60, "Asia/Shanghai")


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-20T17:59:59", ""),
        ("2026-11-20T18:00:00", "2026-11-23 06:00"),
        ("2026-11-22T12:34:56", "2026-11-23 06:00"),
        ("2026-11-23T05:59:59", "2026-11-23 06:00"),
        ("2026-11-23T06:00:00", ""),
    ],
)
def test_a_window_holds_from_its_first_moment_to_before_its_end(moment: str, end: str) -> None:
    """From Friday at six until Monday at six nothing is written; at six on Monday it is over."""
    assert until(WEEKEND, moment, "Asia/Shanghai") == end


def test_a_fraction_of_a_second_after_the_end_is_outside() -> None:
    """What a cron library rounds does not lengthen a window."""
    end = at("2026-11-23T06:00:00", "Asia/Shanghai")
    assert frozen_until(WEEKEND, end - 0.25) is not None
    assert frozen_until(WEEKEND, end + 0.25) is None


def test_the_zone_decides_and_not_the_machine() -> None:
    """Friday at six in Shanghai is Friday at eleven in Berlin."""
    assert until(WEEKEND, "2026-11-20T11:00:00", "Europe/Berlin") == "2026-11-23 06:00"
    assert until(WEEKEND, "2026-11-20T10:59:00", "Europe/Berlin") == ""


def test_a_window_lasts_elapsed_hours_through_a_change_of_the_clock() -> None:
    """Sixty hours over the night in which an hour is skipped end an hour later on the wall."""
    freeze = window("0 18 * * FRI", 60, "Europe/Berlin")
    assert until(freeze, "2026-03-29T12:00:00", "Europe/Berlin") == "2026-03-30 07:00"
    assert until(freeze, "2026-10-25T12:00:00", "Europe/Berlin") == "2026-10-26 05:00"


def test_a_moment_that_is_skipped_begins_right_after() -> None:
    """Half past two does not exist in Berlin on 29 March 2026: the window begins at three."""
    freeze = window("30 2 * * *", 1, "Europe/Berlin")
    assert until(freeze, "2026-03-29T01:59:00", "Europe/Berlin") == ""
    assert until(freeze, "2026-03-29T03:00:00", "Europe/Berlin") == "2026-03-29 04:00"


def test_a_moment_that_comes_twice_begins_once() -> None:
    """Half past two comes twice in Berlin on 25 October 2026: there is one window, the first."""
    freeze = window("30 2 * * *", 0.5, "Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    assert frozen_until(freeze, first) is not None
    assert frozen_until(freeze, first + HOUR) is None


def test_windows_that_meet_are_one() -> None:
    """Nights that follow each other without a gap end when the last of them does."""
    freeze = window("0 18 * * MON-WED", 24, "UTC")
    assert until(freeze, "2026-11-16T19:00:00", "UTC") == "2026-11-19 18:00"


def test_a_window_without_end_is_followed_for_a_bounded_time() -> None:
    """Cron for every minute: frozen, and the answer comes."""
    end = frozen_until(window("* * * * *", 2, "UTC"), at("2026-11-20T12:00:00", "UTC"))
    assert end is not None
    assert end > datetime(2026, 11, 20, 13, 59, tzinfo=ZoneInfo("UTC"))


@given(
    offset=st.integers(-400 * 24 * 60, 400 * 24 * 60),
    hours=st.integers(1, 168),
    cron=st.sampled_from(["0 18 * * FRI", "30 2 * * *", "15 */6 1,15 * *", "0 0 L * *"]),
    zone=st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]),
)
@example(offset=0, hours=168, cron="30 2 * * *", zone="Europe/Berlin")
def test_inside_means_that_a_window_began_within_its_length(
    offset: int, hours: int, cron: str, zone: str
) -> None:
    """Frozen now: still frozen just before the end that is told, and the end is ahead."""
    freeze = window(cron, hours, zone)
    now = at("2026-06-01T12:00:00", "UTC") + offset * 60
    end = frozen_until(freeze, now)
    if end is not None:
        assert end.timestamp() > now
        assert frozen_until(freeze, (end - timedelta(seconds=1)).timestamp()) is not None
    else:
        assert frozen_until(window(cron, hours / 2, zone), now) is None


@pytest.mark.parametrize(
    "cron", ["0 18 * * FRI", "*/5 * * * *", "0 0 29 2 *", "0 0 L * *", "0 9 1-7 * MON#1"]
)
def test_cron_as_debian_takes_it(cron: str) -> None:
    """Names, steps, ranges and the last day of a month are taken."""
    assert cron_fault(cron) == ""


@pytest.mark.parametrize(
    "cron", ["", "@daily", "0 18 * *", "0 0 18 * * FRI", "60 * * * *", "0 0 31 2 *", "a b c d e"]
)
def test_what_is_no_cron_expression(cron: str) -> None:
    """Shorthands, six fields and days that never come are refused with a reason."""
    assert cron_fault(cron)


def test_a_fault_is_told_in_the_middle_of_a_sentence() -> None:
    """The library's own words, without their capital letter."""
    assert cron_fault("a b c d e") == "bad minute"
    assert cron_fault("0 18 * *").startswith("a cron expression has five fields")
    assert cron_fault("0 0 31 2 *") == "bad day-of-month"
