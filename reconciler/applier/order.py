"""In which order the agents of a run start: the longest first, by what earlier writes took.

Waves and canaries go before that: it decides among those who may start, and whose turn it is not
waits all the same.
"""

from collections.abc import Sequence
from statistics import median
from typing import Final

from reconciler.applier.job import Earlier, Job
from reconciler.differ.order import longest_first
from reconciler.model.plan import Create, Update

_NEWEST: Final = 20
"""So many of the newest writes count, as for `pace`."""


def starting_order(jobs: Sequence[Job], earlier: Earlier) -> list[int]:
    """The positions of the jobs in the order in which they start; the plan's without a record."""
    writes = [isinstance(job.plan, Create | Update) for job in jobs]
    if sum(writes) < 2:
        return list(range(len(jobs)))  # records are not read for nothing
    return longest_first(
        [
            _expected(job, earlier) if write else None
            for job, write in zip(jobs, writes, strict=True)
        ]
    )


def _expected(job: Job, earlier: Earlier) -> float | None:
    operation = "create" if isinstance(job.plan, Create) else "update"
    known = earlier(job.desired.address, operation)
    return median(one.seconds for one in known[:_NEWEST]) if known else None
