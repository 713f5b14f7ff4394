"""Mutants drawn from what mutmut made, and the share of them that a test noticed. Pure."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final, TypeAlias

ROOMS: Final = ("differ", "applier")
GOAL: Final = 0.9
_LEAST: Final = 6
"""So many of each file, if it has them."""


class Status(StrEnum):
    """What mutmut says of a mutant. One that makes a test run for ever or crash is noticed."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    SEGFAULT = "segfault"
    SURVIVED = "survived"
    NO_TESTS = "no tests"
    SUSPICIOUS = "suspicious"
    SKIPPED = "skipped"
    INTERRUPTED = "check was interrupted by user"
    NOT_CHECKED = "not checked"

    @property
    def noticed(self) -> bool:
        """Whether a test failed."""
        return self in (Status.KILLED, Status.TIMEOUT, Status.SEGFAULT)


Mutants: TypeAlias = Mapping[str, Status]
"""By the name that mutmut gives it: `reconciler.differ.limits.x_limit_of__mutmut_1`."""


@dataclass(frozen=True, slots=True)
class Score:
    """Of so many mutants so many were noticed."""

    noticed: int
    mutants: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 1 without any mutant."""
        return self.noticed / self.mutants if self.mutants else 1.0

    def __str__(self) -> str:
        return f"{self.noticed} of {self.mutants} noticed, {100 * self.share:.1f} %"


def parse(text: str) -> Mutants:
    """The mutants in what `mutmut results` prints."""
    lines = (line.strip().rpartition(": ") for line in text.splitlines())
    return {name: Status(status) for name, colon, status in lines if colon}


def module_of(name: str) -> str:
    """The module that a mutant is in."""
    return name.rpartition(".")[0]


def drawn(mutants: Mutants, count: int, seed: int) -> list[str]:
    """About `count` of them, each file by its share of all, the same for the same seed."""
    chance, found = random.Random(seed), list[str]()
    for _, group in groupby(sorted(mutants, key=lambda name: (module_of(name), name)), module_of):
        names = list(group)
        share = max(_LEAST, round(count * len(names) / len(mutants)))
        found += chance.sample(names, min(share, len(names)))
    return found


def scores(mutants: Mutants) -> dict[str, Score]:
    """The score of each room. One that no test reaches was not noticed."""
    return {
        room: Score(
            sum(status.noticed for status in own),
            len(own),
        )
        for room in ROOMS
        for own in [[s for name, s in mutants.items() if name.split(".")[1] == room]]
    }
