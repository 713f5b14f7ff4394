"""The door to CEL, the Common Expression Language: text is checked here, and evaluated.

The library is Google's own (`cel-expr-python`, the extra `policy`). It checks types before anything
runs, ends an evaluation after 10,000 iterations and expressions nested 32 deep. What it does not
bound is how texts and lists grow from step to step: it keeps all of them until the end. So the
length and the macros are bounded here, and nothing is added up beside a macro.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from reconciler.model.errors import InputError

MAX_LENGTH: Final = 1000
"""How long an expression may be, in characters."""

MAX_MACROS: Final = 4
"""How many of the macros that go over a list an expression may have."""

INSTALL: Final = "pip install 'reconcile-agents[policy]'"

_MACRO: Final = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(")
_NAMES: Final = "all, exists, exists_one, map and filter"
_TEXT: Final = re.compile(
    r"""//[^\n]*                                           # a comment, whatever quotes it has
    |(?i:r|rb|br)(?:\'{3}.*?\'{3}|"{3}.*?"{3}|'[^'\n]*'|"[^"\n]*")
    |\'{3}(?:\\.|[^\\])*?\'{3}|"{3}(?:\\.|[^\\])*?"{3}
    |'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"
    """,
    re.VERBOSE | re.DOTALL,
)
"""What is no operator in an expression: comments, and texts with and without escapes."""

_ERROR: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_CODE: Final = re.compile(r"^[A-Z_]+: ")
_NO_KEY: Final = re.compile(r'Key not found in map : (".*")')
_FOREIGN: Final = (RuntimeError, ValueError, TypeError, OverflowError, SystemError)
"""What the library raises; Python's own errors of a conversion come through as they are."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an expression, and where in it (both from 1; None: as a whole)."""

    text: str
    at: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """A checked expression. `about_agent`: it asks for `agent`, so it is evaluated for each."""

    about_agent: bool
    _compiled: Any

    def evaluate(self, values: Mapping[str, Any]) -> bool | Fault:
        """Whether it is true of these values; the fault where that cannot be told."""
        data = dict(values)
        data["now"] = datetime.fromtimestamp(data["now"], UTC)
        try:
            result = self._compiled.eval(data=data)
            value = result.value()
            if result.type().name() == "BOOL":
                return bool(value)
        except _FOREIGN as error:
            return Fault(_words(str(error)))
        if isinstance(value, str) and _CODE.match(value):
            return Fault(_words(value))
        return Fault(f"it comes to {result.type().name().lower()}, neither true nor false")


def installed() -> bool:
    """Whether the library is there."""
    try:
        _library()
    except ImportError:
        return False
    return True


def compiled(text: str) -> Program | Fault:
    """The expression, checked. Raises InputError where the library is missing."""
    if len(text) > MAX_LENGTH:
        return Fault(f"the expression has {len(text):,} characters, at most {MAX_LENGTH:,}")
    macros = len(_MACRO.findall(text))
    if macros > MAX_MACROS:
        return Fault(f"{macros} of the macros {_NAMES}, at most {MAX_MACROS}")
    if macros and "+" in _TEXT.sub("''", text):
        return Fault(f"nothing is added up (+) beside the macros {_NAMES}")
    try:
        cel = _library()
    except ImportError as error:
        raise InputError(f"rules in CEL need a library: {INSTALL}") from error
    for about_agent in (False, True):
        try:
            program = _environment(cel, about_agent=about_agent).compile(text)
        except _FOREIGN as error:
            fault = _fault(str(error))
            continue
        kind = program.return_type().name()
        if kind not in {"BOOL", "DYN"}:
            return Fault(f"the expression is {kind.lower()}, neither true nor false")
        return Program(about_agent, program)
    return fault


def _library() -> Any:
    from cel_expr_python import cel  # noqa: PLC0415 - optional, and for files with such rules only

    return cel


def _environment(cel: Any, *, about_agent: bool) -> Any:
    """What an expression may ask for, with the types."""
    kinds = cel.Type
    variables = {
        "plan": kinds.Map(kinds.STRING, kinds.INT),
        "target": kinds.STRING,
        "now": kinds.TIMESTAMP,
    }
    if about_agent:
        variables["agent"] = kinds.Map(kinds.STRING, kinds.DYN)
    return cel.NewEnv(variables=variables)


def _fault(message: str) -> Fault:
    """The first complaint of the compiler."""
    match = _ERROR.search(message)
    if match is None:
        return Fault(_words(message))
    line, column = int(match[1]), int(match[2])
    text = match[3].removeprefix("Syntax error: ").replace(" (in container '')", "")
    text = text.partition(" expecting {")[0]  # a list of every token that there is
    text = "the expression ends too early" if text == "mismatched input '<EOF>'" else text
    return Fault(text, (line, column) if line > 0 and column > 0 else None)


def _words(message: str) -> str:
    """The first line of a message, without the library's codes around it."""
    first = _CODE.sub("", message.partition("\n")[0])
    if match := _NO_KEY.fullmatch(first):
        return f"there is no {match[1]} (has() asks whether there is)"
    return re.sub(r" \[[A-Z_]+\]$", "", first)
