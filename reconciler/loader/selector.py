"""Label selectors in kubectl's grammar: `team=a,tier!=b,zone in (x,y),zone notin (z),beta,!gone`.

Requirements are joined by commas and must all hold. As in kubectl, `!=` and `notin` also hold where
the label is missing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

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
