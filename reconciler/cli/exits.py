"""The exit codes: the one table from causes, and the order in which one of several wins."""

from collections.abc import Iterable
from typing import Final

from reconciler.model.outcome import Cause

CODES: Final = {
    Cause.NONE: 0,
    Cause.MANIFEST: 1,
    Cause.DIFFERENCE: 2,
    Cause.CREDENTIALS: 3,
    Cause.CLOUD: 4,
    Cause.AGENT_FAILED: 5,
    Cause.TIME: 6,
    Cause.GUARD: 7,
    Cause.INTERRUPTED: 130,
}

ORDER: Final = (130, 1, 3, 5, 6, 4, 7, 2, 0)
"""Of several codes the first in this order is the code of the run."""

USAGE: Final = CODES[Cause.MANIFEST]
INTERNAL: Final = CODES[Cause.MANIFEST]

MEANINGS: Final = (
    (0, "done, nothing left"),
    (1, "bad manifests, configuration or usage, or an internal error"),
    (2, "differences found (plan --detailed-exitcode)"),
    (3, "credentials or permission"),
    (4, "the cloud refused, failed, could not be reached or did not keep a value"),
    (5, "an agent is or ended failed"),
    (6, "time ran out"),
    (7, "refused by us: a guard, or blocked agents left over"),
    (130, "interrupted"),
)
"""What `--help` says of each."""


def exit_code(causes: Iterable[Cause]) -> int:
    """The code of a run that has all these causes; 0 for none."""
    return min((CODES[cause] for cause in causes), key=ORDER.index, default=0)
