"""How long to wait before the next try. Pure: time and chance come in as numbers."""

from typing import Final

import httpx

from reconciler.wire.encode import parse_http_date

MAX_TRIES: Final = 5

MAX_THROTTLED_TRIES: Final = 8
"""A throttled request is tried more often: the whole account has slowed down for it meanwhile."""

BASE_SECONDS: Final = 0.5
CAP_SECONDS: Final = 10.0
MAX_TOLD_SECONDS: Final = 300.0
"""A pause that a cloud asks for is kept up to this length. For a longer one nobody waits, and
nothing is tried before it is over either: the call is given up."""

_MAX_DIGITS = 15


def backoff_seconds(attempt: int, jitter: float) -> float:
    """The pause after the `attempt`-th try (from 1): exponential, with full jitter.

    `jitter` is in [0, 1).
    """
    return jitter * float(min(CAP_SECONDS, BASE_SECONDS * 2 ** (attempt - 1)))


def told_seconds(
    headers: httpx.Headers, date: float | None, now: float, milliseconds_header: str = ""
) -> float | None:
    """The pause that a reply asks for, however long; None where it names none.

    `Retry-After` is in seconds or a date, which counts from the reply's own `date` where it has
    one, else from `now`. `milliseconds_header` is the vendor's own header, and goes first.
    """
    own = _digits(headers.get(milliseconds_header, "")) if milliseconds_header else None
    if own is not None:
        return own / 1000
    text = headers.get("retry-after", "").strip()
    seconds = _digits(text)
    if seconds is not None:
        return float(seconds)
    moment = parse_http_date(text)
    if moment is None:
        return None
    return max(0.0, moment - (now if date is None else date))


def _digits(text: str) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text) if len(text) <= _MAX_DIGITS else 10**_MAX_DIGITS
