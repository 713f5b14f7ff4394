"""The promises between rooms: what a cloud, a clock and a journal must do. No code here acts."""

from reconciler.ports.clock import Clock, Timeout
from reconciler.ports.journal import History, Journal, Observer, Phase, Progress, Unfinished
from reconciler.ports.provider import Access, Context, Dialect, Kind, Provider, Session

__all__ = [
    "Access",
    "Clock",
    "Context",
    "Dialect",
    "History",
    "Journal",
    "Kind",
    "Observer",
    "Phase",
    "Progress",
    "Provider",
    "Session",
    "Timeout",
    "Unfinished",
]
