"""The examples that stand beside the rules: `policy.tests`."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from reconciler.loader.policy.form import Form
from reconciler.loader.words import described, listed
from reconciler.model.policy import Level, Sample
from reconciler.model.tree import Json, Tree, join

ACTIONS: Final = ("create", "update", "delete")
"""What can be about to happen to an agent that rules are asked of."""

_SAMPLE: Final = ("name", "agent", "plan", "target", "now", "expect")
_AGENT: Final = (
    *("kind", "apiVersion", "name", "labels", "id", "status", "action", "restarts"),
    *("changes", "desired"),
)
_KINDS: Final = {
    **dict.fromkeys(("kind", "apiVersion", "name", "id", "status"), (str, "a string")),
    "restarts": (bool, "a boolean"),
    "changes": (list, "a list"),
    "desired": (dict, "a mapping"),
    "labels": (dict, "a mapping"),
}


@dataclass(frozen=True, slots=True)
class Used:
    """Names of rules and targets and where they are used: checked when all of a file was read."""

    rules: list[tuple[str, str]] = field(default_factory=list)
    targets: list[tuple[str, str]] = field(default_factory=list)

    def names(self, form: Form, at: str, value: Json) -> tuple[str, ...]:
        """A list of names of rules."""
        names = form.texts(at, value, "the name of a rule")
        self.rules.extend((join(at, index), name) for index, name in enumerate(names))
        return names


@dataclass(frozen=True, slots=True)
class Samples:
    """The check of the examples of one section."""

    form: Form
    used: Used

    def read(self, at: str, value: Json) -> Iterator[Sample]:
        """Every example that can be run."""
        for where, one in self.form.elements(at, value):
            section = self.form.mapping(where, one, _SAMPLE)
            if section is None or not self.form.needs(where, section, ("name", "agent", "expect")):
                continue
            sample = self._sample(where, section)
            if sample is not None:
                yield sample

    def _sample(self, at: str, section: Tree) -> Sample | None:
        name = self.form.text(join(at, "name"), section["name"], "name")
        agent = self._agent(join(at, "agent"), section["agent"])
        target = self.form.text(join(at, "target"), section.get("target"), "target")
        if target is not None:
            self.used.targets.append((join(at, "target"), target))
        now = self.form.moment(join(at, "now"), section.get("now"), "now")
        numbers = self._numbers(join(at, "plan"), section.get("plan"))
        where = join(at, "expect")
        expect = self.form.mapping(where, section["expect"], list(Level))
        if name is None or agent is None or expect is None:
            return None
        deny, warn = (
            frozenset(self.used.names(self.form, join(where, level), expect.get(level)))
            for level in Level
        )
        place = self.form.remarks.place(at)
        return Sample(name, place, agent, numbers, target, now, deny, warn)

    def _agent(self, at: str, value: Json) -> Tree | None:
        agent = self.form.mapping(at, value, _AGENT)
        if agent is None or not self.form.needs(at, agent, ("kind",)):
            return None
        for name, (kind, words) in _KINDS.items():
            member = agent.get(name)
            if member is not None and not isinstance(member, kind):
                text = f"{name}: expected {words}, found {described(member)}"
                self.form.remarks.add(join(at, name), "wrong-type", text)
                return None
        action = agent.get("action", ACTIONS[1])
        if action not in ACTIONS:
            text = f"action: expected {listed(ACTIONS)}, found {described(action)}"
            self.form.remarks.add(join(at, "action"), "wrong-value", text)
            return None
        labels = agent.get("labels") or {}
        changes = agent.get("changes") or []
        if not all(isinstance(one, str) for one in labels.values()):
            self.form.remarks.add(
                join(at, "labels"), "wrong-type", "the value of a label is a string"
            )
            return None
        if not all(isinstance(one, dict) and isinstance(one.get("path"), str) for one in changes):
            text = "each of the changes has a path, and from or to or both"
            self.form.remarks.add(join(at, "changes"), "wrong-type", text)
            return None
        return agent

    def _numbers(self, at: str, value: Json) -> dict[str, int]:
        if value is None:
            return {}
        if not isinstance(value, dict) or not all(type(one) is int for one in value.values()):
            text = "plan: expected a mapping of whole numbers"
            self.form.remarks.add(at, "wrong-type", text)
            return {}
        return value
