"""What earlier writes of a target took, for those who wait: read once, when somebody asks."""

from collections.abc import Sequence

from reconciler.applier.job import Earlier, key
from reconciler.applier.recorded import Recollection, recollect
from reconciler.cli.records import RUNS_FOLDER
from reconciler.model.ledger import Recorded
from reconciler.model.manifest import Address


def earlier_of(target: str) -> Earlier:
    """See `Earlier`, from the records of this target."""
    known: list[Recollection] = []
    kinds: dict[tuple[str, str], Sequence[Recorded]] = {}  # all agents without a record ask for it

    def earlier(address: Address, operation: str) -> Sequence[Recorded]:
        if not known:
            known.append(recollect(RUNS_FOLDER, target))
        name = key(address)
        if own := known[0].writes.get((name, operation)):
            return own
        kind = name.rpartition("/")[0] + "/"
        if (kind, operation) not in kinds:
            kinds[kind, operation] = known[0].of_kind(kind, operation)
        return kinds[kind, operation]

    return earlier
