"""`ignore` in `reconcile.yaml`: what is not compared, of which agents, why, and until when."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from reconciler.differ.pattern import matches_any, parse_pattern
from reconciler.loader.remarks import Remarks
from reconciler.loader.selector import Selector, parse_selector
from reconciler.loader.words import described, did_you_mean, listed, quoted
from reconciler.model.errors import InputError
from reconciler.model.ignore import Ignore, Part
from reconciler.model.manifest import Address, Desired
from reconciler.model.tree import Json, Tree, join

_MEMBERS: Final = ("path", "kind", "selector", "names", "reason", "expires")
_REQUIRED: Final = ("path", "reason")
_WRITTEN: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY: Final = "a date is written like 2027-01-31"


@dataclass(frozen=True, slots=True)
class IgnoreRule:
    """One rule, and for whom it is: each condition that is there must hold."""

    rule: Ignore
    kind: str | None = None
    names: tuple[str, ...] = ()
    selector: Selector | None = None

    def holds(self, address: Address, labels: Mapping[str, str]) -> bool:
        """Whether it is for an agent with this address and these labels."""
        return (
            self.kind in (None, address.kind)
            and (not self.names or matches_any(address.name, self.names))
            and (self.selector is None or self.selector.matches(labels))
        )


def with_rules(desired: Iterable[Desired], rules: Iterable[IgnoreRule]) -> tuple[Desired, ...]:
    """Each agent with the rules that are for it, in their order."""
    rules = tuple(rules)
    if not rules:
        return tuple(desired)
    return tuple(
        replace(one, ignore=tuple(r.rule for r in rules if r.holds(one.address, one.labels)))
        for one in desired
    )


def read_rules(
    remarks: Remarks, value: Json, *, kinds: Collection[str], today: date | None
) -> tuple[IgnoreRule, ...]:
    """The rules that hold `today`; what is wrong, and what has expired, goes to `remarks`.

    Without `kinds` every kind is taken, without `today` no rule has expired.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        text = f"ignore: expected a list of rules, found {described(value)}"
        remarks.add("/ignore", "wrong-type", text)
        return ()
    reading = _Reading(remarks, kinds, today)
    rules = (reading.rule(join("/ignore", i), one) for i, one in enumerate(value))
    return tuple(rule for rule in rules if rule is not None)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The check of one list of rules."""

    remarks: Remarks
    kinds: Collection[str]
    today: date | None

    def rule(self, at: str, value: Json) -> IgnoreRule | None:
        """One rule; None where it is wrong or has expired."""
        if not isinstance(value, dict):
            text = f"a rule is a mapping with path and reason, found {described(value)}"
            self.remarks.add(at, "wrong-type", text)
            return None
        self._keys(at, value)
        parts = self._parts(join(at, "path"), value.get("path"))
        reason = self._text(at, "reason", value)
        found = IgnoreRule(
            Ignore(
                str(value.get("path")),
                parts or (),
                reason or "",
                str(self.remarks.place(join(at, "path"))),
            ),
            self._kind(at, value),
            self._names(join(at, "names"), value.get("names")),
            self._selector(at, value),
        )
        expired = self._expired(at, value)
        return None if parts is None or expired else found

    def _keys(self, at: str, value: Tree) -> None:
        for name in value:
            if name not in _MEMBERS:
                help_text = did_you_mean(name, _MEMBERS)
                help_text = help_text or f"known are {listed(_MEMBERS, last='and')}"
                text = f"{quoted(name)} is not a member of an ignore rule"
                self.remarks.add(join(at, name), "unknown-field", text, help_text, key=True)
        for name in _REQUIRED:
            if value.get(name) is None:
                why = "say why, for whoever reads it later" if name == "reason" else ""
                text = f"{name} is missing in this ignore rule"
                self.remarks.add(at, "missing", text, why, start=True)

    def _text(self, at: str, name: str, value: Tree) -> str | None:
        """A member that is a text with something in it; None where it is absent or wrong."""
        text = value.get(name)
        if text is None:
            return None
        if not isinstance(text, str) or not text.strip():
            found = "nothing in it" if isinstance(text, str) else described(text)
            where = join(at, name)
            self.remarks.add(where, "wrong-type", f"{name}: expected a text, found {found}")
            return None
        return text

    def _parts(self, at: str, path: Json) -> tuple[Part, ...] | None:
        if path is None:
            return None
        if not isinstance(path, str):
            self.remarks.add(at, "wrong-type", f"path: expected a text, found {described(path)}")
            return None
        if path == "/spec" or path.startswith("/spec/"):
            text = "a path begins below spec, as in the plan"
            self.remarks.add(at, "ignore-path", text, f"write {path[5:] or '/cpu'}")
            return None
        try:
            return parse_pattern(path)
        except ValueError as error:
            help_text = f"write /{path}" if path and path[0] not in "/$." else ""
            self.remarks.add(at, "ignore-path", str(error), help_text)
            return None

    def _kind(self, at: str, value: Tree) -> str | None:
        kind = self._text(at, "kind", value)
        if kind is not None and self.kinds and kind not in self.kinds:
            help_text = did_you_mean(kind, self.kinds)
            help_text = help_text or f"there is {listed(self.kinds, last='and')}"
            text = f"there is no kind {quoted(kind)}"
            self.remarks.add(join(at, "kind"), "unknown-kind", text, help_text)
        return kind

    def _names(self, at: str, value: Json) -> tuple[str, ...]:
        if value is None:
            return ()
        wrong = not isinstance(value, list) or not all(isinstance(name, str) for name in value)
        if wrong or not value:
            found = "an empty one" if value == [] else described(value)
            found = "one with something else in it" if isinstance(value, list) and value else found
            text = f"names: expected a list of names of agents, found {found}"
            self.remarks.add(at, "wrong-type", text)
            return ()
        return tuple(value)

    def _selector(self, at: str, value: Tree) -> Selector | None:
        text = self._text(at, "selector", value)
        if text is None:
            return None
        try:
            return parse_selector(text)
        except InputError as error:
            (problem,) = error.problems
            where = join(at, "selector")
            self.remarks.add(where, "selector", problem.text, problem.help)
            return None

    def _expired(self, at: str, value: Tree) -> bool:
        """Whether the rule's day has come: from that day on it no longer works."""
        written = value.get("expires")
        if written is None:
            return False
        where = join(at, "expires")
        day = _day(written)
        if day is None:
            text = f"expires: {_DAY}, found {described(written)}"
            self.remarks.add(where, "wrong-value", text)
            return False
        if self.today is None or self.today < day:
            return False
        text = f"this ignore rule expired on {day}: {value.get('path')} is compared again"
        help_text = "take the rule out, or give it a later day and a reason that still holds"
        self.remarks.add(where, "ignore-expired", text, help_text, warning=True)
        return True


def _day(written: Json) -> date | None:
    if not isinstance(written, str) or not _WRITTEN.fullmatch(written):
        return None  # Python takes other forms of ISO 8601 as well
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
