"""The promises between rooms: what a cloud, a clock and a journal must do. No code here acts."""

from reconciler.ports.clock import Clock, Timeout
from reconciler.ports.journal import (
    History,
    Journal,
    Observer,
    Phase,
    Progress,
    Quarantine,
    Unfinished,
)
from reconciler.ports.lock import Applied, Holder, Locks, Owner
from reconciler.ports.provider import Access, Context, Dialect, Kind, Provider, Session

__all__ = [
    "Access",
    "Applied",
    "Clock",
    "Context",
    "Dialect",
    "History",
    "Holder",
    "Journal",
    "Kind",
    "Locks",
    "Observer",
    "Owner",
    "Phase",
    "Progress",
    "Provider",
    "Quarantine",
    "Session",
    "Timeout",
    "Unfinished",
]
