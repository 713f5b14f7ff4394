"""Freeze windows: cron in a time zone, as Debian's cron goes through changes of the clock.

A window begins at each moment of the cron expression and lasts so many seconds of elapsed time. A
moment in an hour that a clock change skips begins right after it; one in an hour that comes twice
begins once. No clock is read here.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from cronsim import CronSim, CronSimError

from reconciler.model.policy import Freeze

_FIELDS: Final = 5
_MAX_WINDOWS: Final = 500
"""How many windows in a row are followed to find the end; cron for every minute has no end."""


def cron_fault(cron: str) -> str:
    """Why this is no cron expression, empty where it is one."""
    if len(cron.split()) != _FIELDS:
        return "a cron expression has five fields: minute, hour, day of month, month, day of week"
    try:
        moments = CronSim(cron, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        return str(error)[:1].lower() + str(error)[1:]
    return "" if next(moments, None) is not None else "there is no such day"


def frozen_until(freeze: Freeze, now: float) -> datetime | None:
    """The end of the window that `now` (seconds since the epoch) lies in, None outside of all.

    Windows that meet or overlap are one.
    """
    moment = datetime.fromtimestamp(now, UTC)
    length = timedelta(seconds=freeze.seconds)
    end: datetime | None = None
    for start in _starts(freeze, moment - length):
        if start > (moment if end is None else end):
            break
        if start + length > moment:
            end = start + length
    return None if end is None else end.astimezone(freeze.zone)


def _starts(freeze: Freeze, after: datetime) -> Iterator[datetime]:
    """The moments at which windows begin, in order, in UTC."""
    moments = CronSim(freeze.cron, after.astimezone(freeze.zone))
    for _, moment in zip(range(_MAX_WINDOWS), moments, strict=False):
        yield moment.astimezone(UTC)
