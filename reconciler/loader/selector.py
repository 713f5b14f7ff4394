"""Label selectors in kubectl's grammar: `team=a,tier!=b,zone in (x,y),zone notin (z),beta,!gone`.

Requirements are joined by commas and must all hold. As in kubectl, `!=` and `notin` also hold where
the label is missing.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from reconciler.loader.words import did_you_mean, listed, quoted
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Place

_FLAG: Final = "-l"
_REQUIREMENT: Final = re.compile(
    r"\s*(?:"
    r"(?P<absent>!)\s*(?P<gone>[^\s,()=!<>]+)"
    r"|(?P<key>[^\s,()=!<>]+)(?:"
    r"\s*(?P<operator>==|=|!=)\s*(?P<value>[^\s,()=!<>]*)"
    r"|\s+(?P<set>in|notin)\s*\((?P<values>[^()=!<>]*)\)"
    r")?"
    r")\s*"
)

_Check: TypeAlias = Callable[[str | None, frozenset[str]], bool]
_CHECKS: Final[Mapping[str, _Check]] = {
    "in": lambda value, wanted: value in wanted,
    "notin": lambda value, wanted: value not in wanted,
    "exists": lambda value, _: value is not None,
    "absent": lambda value, _: value is None,
}
_SAME_AS: Final = {"=": "in", "==": "in", "!=": "notin"}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition on one label."""

    key: str
    check: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether an agent with these labels is meant."""
        return _CHECKS[self.check](labels.get(self.key), self.values)


@dataclass(frozen=True, slots=True)
class Selector:
    """Conditions that must all hold."""

    requirements: tuple[Requirement, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether an agent with these labels is meant."""
        return all(requirement.holds(labels) for requirement in self.requirements)

    def way_out(self, every: Iterable[Mapping[str, str]]) -> str:
        """Where none of these labels is meant: the label or the value that probably was."""
        known: dict[str, set[str]] = {}
        for labels in every:
            for key, value in labels.items():
                known.setdefault(key, set()).add(value)
        if not known:
            return "no manifest has metadata.labels"
        ways = (_way_out(one, known) for one in self.requirements)
        return next(filter(None, ways), "each of the conditions must hold for one agent")


def _way_out(requirement: Requirement, known: Mapping[str, set[str]]) -> str:
    """What is wrong with a condition that asks for what no agent has; empty where one has it."""
    if requirement.check not in {"in", "exists"}:
        return ""
    key = requirement.key
    if key not in known:
        return did_you_mean(key, sorted(known)) or (
            f"there is no label {quoted(key)}; known are {listed(sorted(known), last='and')}"
        )
    values = sorted(known[key])
    if requirement.check == "exists" or requirement.values & known[key]:
        return ""
    for value in sorted(requirement.values):
        if guess := did_you_mean(value, values):
            return guess
    return f"{key} is {listed(map(quoted, values))}"


def parse_selector(text: str) -> Selector:
    """The conditions of a selector. Raises InputError with the column of what is wrong."""
    requirements: list[Requirement] = []
    position = 0
    while True:
        match = _REQUIREMENT.match(text, position)
        end = match.end() if match else position
        if match is None or (end < len(text) and text[end] != ","):
            raise _wrong(text, end)
        requirements.append(_requirement(match))
        if end == len(text):
            return Selector(tuple(requirements))
        position = end + 1


def _requirement(match: re.Match[str]) -> Requirement:
    if match["absent"]:
        return Requirement(match["gone"], "absent")
    if match["set"]:
        values = frozenset(value.strip() for value in match["values"].split(","))
        return Requirement(match["key"], match["set"], values)
    if match["operator"]:
        return Requirement(match["key"], _SAME_AS[match["operator"]], frozenset({match["value"]}))
    return Requirement(match["key"], "exists")


def _wrong(text: str, offset: int) -> InputError:
    found = f"{text[offset]!r} cannot stand here" if offset < len(text) else "something is missing"
    problem = Problem(
        Place(_FLAG, 1, offset + 1),
        "selector",
        f"not a label selector: {found}",
        "write it like team=support,tier!=test,zone in (a,b),!retired",
        excerpt=text,
    )
    return InputError(problem.text, [problem])
