"""What has to come of each fault in each phase, from semantics 8 and 10 and the vendors' pages.

Nothing here knows the program. A fault that hits `times` exchanges in a row is over after that;
`ALWAYS` never is.
"""

from dataclasses import dataclass
from typing import Final

from tests.faults.matrix.faults import Fault, Sort

PHASES: Final = (
    "signing in",
    "first read of the plan",
    "second read of the plan",
    "read before the write",
    "write",
    "read in doubt",
    "read while waiting",
    "last read",
)
PLAN: Final = PHASES[:3]
AFTER: Final = PHASES[5:]
ALWAYS: Final = 10**6
TIMES: Final = (1, 1, 2, 4, ALWAYS)
"""How many exchanges in a row are hit, by seed. Reads are tried five times."""

_PASSING: Final = (Sort.LOST, Sort.THROTTLED, Sort.UNSENT)
"""What another try may bring right."""


@dataclass(frozen=True)
class Expected:
    """The exit code, and whether the agent is as declared in the end (None: it may be)."""

    code: int
    applied: bool | None


DONE: Final = Expected(0, True)


def expected(cloud: str, phase: str, fault: Fault, times: int) -> Expected:
    """The rule for one cell."""
    if fault.sort is Sort.HARMLESS:
        return DONE
    if phase in PLAN:
        return _planning(cloud, phase, fault, times)
    if phase == "read before the write":
        return _reading(cloud, fault, times)
    if phase == "write":
        return _writing(cloud, fault, times)
    # Afterwards every failed read is borne until the agent's own deadline.
    return DONE if times <= 4 else Expected(6, True)


def _code(cloud: str, fault: Fault) -> int:
    """What a final no costs."""
    return 3 if fault.sort in (Sort.DENIED, Sort.TOKEN) else 4


def _reading(cloud: str, fault: Fault, times: int) -> Expected:
    # AgentRun marks its successes, so a body without the mark is none; AppStage does not.
    empty = cloud == "appstage" and fault.name == "empty body"
    if fault.sort in _PASSING and times <= 4 and not empty:
        return DONE
    if cloud == "appstage" and fault.sort is Sort.TOKEN and times == 1:
        return DONE  # a new token is asked for once
    return Expected(_code(cloud, fault), False)


def _planning(cloud: str, phase: str, fault: Fault, times: int) -> Expected:
    if phase == "signing in":
        return _signing_in(cloud, fault, times)
    came = _reading(cloud, fault, times)
    if cloud == "appstage" and phase == "second read of the plan" and came is not DONE:
        # It is another agent's read: the one to be changed goes on while its cloud answers.
        return Expected(came.code, None if times > 1 else True)
    if cloud == "agentrun" and fault.name == "400" and times <= 2:
        return DONE  # the page was too large, perhaps: smaller ones are asked for
    return came


def _signing_in(cloud: str, fault: Fault, times: int) -> Expected:
    """AppStage: the token. AgentRun has none; it asks which workspace is the default one."""
    if fault.sort is Sort.TOKEN:
        return Expected(3, False)
    if cloud == "agentrun" and times <= 4:
        return DONE  # a name to narrow a list by, and no more: without it the list is longer
    if cloud == "appstage" and fault.sort is Sort.REFUSED:
        return Expected(3 if fault.name == "400" else 4, False)
    return _reading(cloud, fault, times)


def _writing(cloud: str, fault: Fault, times: int) -> Expected:
    lost = fault.sort in (Sort.LOST, Sort.SHAPELESS)
    if lost and times > 4:
        return Expected(6, fault.happens)
    if lost or (fault.sort in _PASSING and times <= 4):
        return DONE
    return _reading(cloud, fault, times)
