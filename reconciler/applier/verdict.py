"""How a write that did not end well is told: result, reason and cause, as tables and sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.model.errors import AccessDenied, CloudError, Locked, NotFound, Throttled
from reconciler.model.manifest import Address, Desired
from reconciler.model.outcome import Cause, Result


@dataclass(frozen=True, slots=True)
class Ending:
    """How a write ended. `final`: another read would not change it."""

    result: Result
    reason: str
    cause: Cause
    final: bool = True


def rejected(error: CloudError) -> Ending:
    """What a write that certainly had no effect ends as."""
    match error:
        case Locked():
            return Ending(Result.BLOCKED, str(error), Cause.GUARD)
        case AccessDenied():
            return Ending(Result.FAILED, str(error), Cause.CREDENTIALS)
        case NotFound() | Throttled():
            return Ending(Result.FAILED, str(error), Cause.CLOUD)
        case _:
            about_body = error.code == "ERR_VALIDATION_FAILED"
            return Ending(Result.FAILED, str(error), Cause.CLOUD, final=about_body)


def gone_reason(address: Address, gone: Sequence[str]) -> str:
    """Why the whole run stops when a field went away that nobody sent."""
    return (
        f"after the update of {address} these were gone without having been sent: "
        f"{', '.join(gone)}; this cloud replaces where it was held to merge, "
        "so nothing more is written in this run"
    )


def not_kept_reason(desired: Desired, paths: Sequence[str]) -> str:
    """What to do about fields that the cloud answered with success and did not keep."""
    told = [f"{path} ({desired.place_of(path)})" for path in paths]
    return (
        f"the cloud did not keep {', '.join(told)}; as long as they are declared, each run "
        "without this record restarts the agent again: leave them out of the manifest "
        "(an absent field is never compared), or declare what the cloud shows"
    )
