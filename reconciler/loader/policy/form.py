"""The forms that values of the section can have. What is wrong is told with its place."""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.loader.policy.cel import INSTALL, Fault, compiled
from reconciler.loader.remarks import Remarks
from reconciler.loader.selector import parse_selector
from reconciler.loader.words import described, did_you_mean, listed, quoted
from reconciler.model.errors import InputError
from reconciler.model.policy import Expression, Level, Scope
from reconciler.model.tree import Json, Tree, join

MAX_TEXT: Final = 500
"""How long a name, a reason or a message may be, in characters."""

_OFF: Final = "off"
_MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:T|$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Form:
    """Each method gives the value, or None where there is none or it is wrong."""

    remarks: Remarks
    _lacking: list[str] = field(default_factory=list)

    def mapping(self, at: str, value: Json, known: Collection[str]) -> Tree | None:
        """A mapping of known members; the others are told and left out."""
        if value is None:
            return None
        if not isinstance(value, dict):
            self.remarks.add(at, "wrong-type", f"expected a mapping, found {described(value)}")
            return None
        for name in value:
            if name not in known:
                help_text = did_you_mean(name, known) or f"known are {listed(known, last='and')}"
                text = f"{quoted(name)} is not a setting"
                self.remarks.add(join(at, name), "unknown-field", text, help_text, key=True)
        return {name: member for name, member in value.items() if name in known}

    def elements(self, at: str, value: Json) -> Iterator[tuple[str, Json]]:
        """The elements of a list, each with its pointer."""
        if value is None:
            return
        if not isinstance(value, list):
            self.remarks.add(at, "wrong-type", f"expected a list, found {described(value)}")
            return
        for index, element in enumerate(value):
            yield join(at, index), element

    def needs(self, at: str, section: Tree, names: Sequence[str]) -> bool:
        """Whether all of these are there; what is missing is told."""
        missing = [name for name in names if section.get(name) is None]
        if missing:
            text = f"{listed(missing, last='and')} {'is' if len(missing) == 1 else 'are'} missing"
            self.remarks.add(at, "missing", text, start=True)
        return not missing

    def text(self, at: str, value: Json, what: str) -> str | None:
        """A text for people: printable, not empty, of bounded length."""
        if value is None:
            return None
        if not isinstance(value, str):
            text = f"{what}: expected a string, found {described(value)}"
            self.remarks.add(at, "wrong-type", text)
        elif not value.strip() or len(value) > MAX_TEXT or not value.isprintable():
            text = f"{what} is printable, not empty and at most {MAX_TEXT} characters long"
            self.remarks.add(at, "wrong-value", text)
        else:
            return value
        return None

    def texts(self, at: str, value: Json, what: str) -> tuple[str, ...]:
        """A list of such texts."""
        found = (self.text(where, one, what) for where, one in self.elements(at, value))
        return tuple(one for one in found if one is not None)

    def level(self, at: str, value: Json) -> Level | None:
        """`deny` or `warn`; None for `off`."""
        if value is None:
            return Level.DENY
        if value == _OFF:
            return None
        if value in list(Level):
            return Level(value)
        text = f"expected deny, warn or off, found {described(value)}"
        help_text = did_you_mean(value, [*Level, _OFF]) if isinstance(value, str) else ""
        code = "wrong-value" if isinstance(value, str) else "wrong-type"
        self.remarks.add(at, code, text, help_text)
        return None

    def number(self, at: str, value: Json, what: str) -> float | None:
        """A number above zero."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            text = f"{what}: expected a number, found {described(value)}"
            self.remarks.add(at, "wrong-type", text)
        elif value <= 0 or not math.isfinite(value):
            self.remarks.add(at, "out-of-range", f"{what} must be more than 0")
        else:
            return value
        return None

    def scope(self, at: str, section: Tree) -> Scope:
        """Whom a rule is for: its `names` and its `selector`."""
        names = self.texts(join(at, "names"), section.get("names"), "a name")
        if section.get("names") == []:
            empty = "names is empty; a rule for all agents has none"
            self.remarks.add(join(at, "names"), "wrong-value", empty)
        where = join(at, "selector")
        text = self.text(where, section.get("selector"), "selector")
        if text is None:
            return Scope(names)
        try:
            return Scope(names, parse_selector(text))
        except InputError as error:
            problem = error.problems[0]
            self.remarks.add(where, "wrong-value", problem.text, problem.help)
            return Scope(names)

    def moment(self, at: str, value: Json, what: str) -> float | None:
        """Seconds since the epoch of a day (its beginning, in UTC) or of a time with its offset."""
        if value is None:
            return None
        example = "2026-12-31 or 2026-12-31T18:00:00+08:00"
        if not isinstance(value, str):
            text = f"{what}: expected a string, found {described(value)}"
            self.remarks.add(at, "wrong-type", text, f"write it like {example}")
            return None
        try:
            moment = datetime.fromisoformat(value if _MOMENT.match(value) else "")
            if len(value) == len("2026-12-31"):
                moment = moment.replace(tzinfo=UTC)
        except ValueError:
            text = f"{what}: {quoted(value)} is no date and no time"
            self.remarks.add(at, "wrong-value", text, f"write it like {example}")
            return None
        if moment.tzinfo is None:
            text = f"{what}: a time says how far it is from UTC"
            self.remarks.add(at, "wrong-value", text, f"write it like {example}")
            return None
        return moment.timestamp()

    def expression(self, at: str, value: Json, what: str) -> Expression | None:
        """CEL text that compiles."""
        if value is None:
            return None
        if not isinstance(value, str):
            text = f"{what}: expected an expression in CEL, found {described(value)}"
            self.remarks.add(at, "wrong-type", text, "put it in quotes")
            return None
        try:
            program = compiled(value)
        except InputError as error:
            if not self._lacking:
                self.remarks.add(at, "expression", str(error).partition(":")[0], INSTALL)
            self._lacking.append(at)
            return None
        if isinstance(program, Fault):
            self._misformed(at, value, program, what)
            return None
        return Expression(value, self.remarks.place(at))

    def _misformed(self, at: str, value: str, fault: Fault, what: str) -> None:
        """Tell what is wrong where it stands, or else where in the expression that is."""
        findings, (start, end) = self.remarks.view.spot(at)
        text, help_text = f"{what}: {fault.text}", ""
        if fault.at is not None:
            offset = _offset(findings.source.text[start:end], value, *fault.at)
            if offset is not None:
                begin = start + offset
                findings.add((begin, begin + 1), "expression", text)
                return
            line, column = fault.at
            help_text = f"line {line}, column {column} of the expression"
        findings.add((start, end), "expression", text, help_text)


def _offset(written: str, value: str, line: int, column: int) -> int | None:
    """Where a place in a value stands in the text that the file has for it; None: not as it is.

    Quotes and indentation are before it; a value with escapes or folded lines is not found.
    """
    position = 0
    wanted = value.split("\n")[:line]
    for number, text in enumerate(wanted, 1):
        found = written.find(text, position)
        if found < 0:
            return None
        if number == line:
            return found + min(column - 1, len(text))
        position = found + len(text)
    return None


def as_list(value: Any) -> Any:
    """One mapping as a list of one: the two forms of `breakGlass`."""
    return [value] if isinstance(value, dict) else value
