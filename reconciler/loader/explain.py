"""What a schema has against a value, in plain words.

pydantic's own messages speak to programmers and may repeat the input. Here each of its error types
has a sentence, an echo of the value is short and left out where it could be a secret.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from reconciler.loader.references import REFERENCE_FORM
from reconciler.loader.walk import rule_at
from reconciler.loader.words import (
    described,
    did_you_mean,
    dotted,
    kind_word,
    listed,
    quoted,
)
from reconciler.model.rules import Field, Trait
from reconciler.model.tree import Json

_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "a string",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "none_required": "null",
}
"""Complaints about the type alone, and what is wanted instead."""

_LIMITS: Final[Mapping[str, str]] = {
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "finite_number": "must be a finite number",
}
"""Complaints about a value of the right type. The braces are pydantic's context."""

_FORM: Final = "string_pattern_mismatch"
_HIDING: Final = Trait.SECRET | Trait.HIDDEN
_CHOICE: Final = re.compile(r"'([^']*)'")
_OLD_BOOLEANS: Final = frozenset({"yes", "no", "on", "off", "true", "false", "y", "n"})
_MAX_GUESSES: Final = 200
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong. `path` leads to the value; with `key` its name is what is wrong."""

    path: tuple[str | int, ...]
    kind: str
    code: str
    text: str
    help: str = ""
    key: bool = False


def explain(
    errors: Sequence[Mapping[str, Any]],
    tree: Json,
    root: Field,
    written: Callable[[tuple[str | int, ...]], str],
    *,
    what: str,
    describe: Callable[[tuple[str | int, ...]], str],
) -> Iterator[Complaint]:
    """The complaints of one validation, one for each value.

    `root` are the rules (for suggestions and for what is not echoed); `written` gives the text of
    a value as the file has it, `describe` what the schema says of a field; `what` is how the whole
    tree is called. Several complaints about one value (a union) become one.
    """
    guesses = _Guesses(root, what)
    groups: dict[tuple[str | int, ...], list[tuple[Mapping[str, Any], str]]] = {}
    for error in errors:
        path, inside = _locate(error, tree)
        groups.setdefault(path, []).append((error, inside))
    above = {path[:length] for path in groups for length in range(len(path))}
    for path, group in groups.items():
        typed = [error for error, _ in group if error["type"] in _EXPECTED]
        if typed and path in above:
            continue  # one branch of a union fits, and says more precisely what is wrong
        if len(typed) == len(group):
            value = _at(tree, path)
            complaint = _wrong_type(path, typed, group[0][1], value, root, written, what)
            if not complaint.help and not group[0][1]:
                complaint = replace(complaint, help=_allowed(path, value, typed, root, describe))
            yield complaint
        else:
            error, inside = next(pair for pair in group if pair[0]["type"] not in _EXPECTED)
            if error["type"] == "extra_forbidden" and not inside:
                yield guesses.unknown(path)
            else:
                complaint = _wrong(path, error, inside, tree, root, what)
                if not complaint.help and not inside:
                    about = (*path, str(error["loc"][-1])) if complaint.key else path
                    complaint = replace(complaint, help=describe(about))
                yield complaint


def _locate(error: Mapping[str, Any], tree: Json) -> tuple[tuple[str | int, ...], str]:
    """The path of a complaint in the tree, and the rest that lies inside a JSON string."""
    path: list[str | int] = []
    value = tree
    loc: tuple[str | int, ...] = error["loc"]
    for index, token in enumerate(loc):
        if isinstance(value, str):
            return tuple(path), dotted(loc[index:])
        if _has(value, token):
            value = value[token]
        elif error["type"] != "missing" or index < len(loc) - 1:
            continue  # the name of a union's branch, not a member
        path.append(token)
    return tuple(path), ""


def _has(value: Json, token: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(token, int) and token < len(value)
    return isinstance(value, dict) and token in value


def _at(tree: Json, path: Sequence[str | int]) -> Json:
    for token in path:
        tree = tree[token]
    return tree


def is_sensitive(root: Field, path: tuple[str | int, ...]) -> bool:
    """Whether a value is, or may well be, a secret: no message repeats it.

    What stands in the place of an object that has one (`authConfig: hunter2`) may be it as well.
    """
    rules = [rule_at(root, path[:length]) for length in range(len(path) + 1)]
    last = rules[-1] if path else None
    within = last.members.values() if last is not None else ()
    return any(_hides(rule) for rule in (*rules, *within))


def may_be_secret(root: Field, path: tuple[str | int, ...]) -> bool:
    """Whether a member that nothing names may be a secret whose name is misspelt."""
    above = rule_at(root, path[:-1])
    members = above.members.items() if above is not None else ()
    secrets = [name for name, rule in members if _hides(rule)]
    return bool(did_you_mean(str(path[-1]), secrets))


def _hides(rule: Field | None) -> bool:
    return rule is not None and rule.has(_HIDING)


def _wrong_type(
    path: tuple[str | int, ...],
    errors: Sequence[Mapping[str, Any]],
    inside: str,
    value: Json,
    root: Field,
    written: Callable[[tuple[str | int, ...]], str],
    what: str,
) -> Complaint:
    expected = listed(dict.fromkeys(_EXPECTED[error["type"]] for error in errors))
    kind = str(errors[0]["type"])
    if inside:
        text = f"{dotted(path)}: expected {expected} at {inside} in this JSON text"
        return Complaint(path, kind, "wrong-type", text)
    sensitive = is_sensitive(root, path)
    found = kind_word(value) if sensitive else described(value)
    text = f"{dotted(path) or what}: expected {expected}, found {found}"
    return Complaint(
        path, kind, "wrong-type", text, _way_out(kind, value, path, sensitive, written)
    )


def _way_out(
    kind: str,
    value: Json,
    path: tuple[str | int, ...],
    sensitive: bool,
    written: Callable[[tuple[str | int, ...]], str],
) -> str:
    match kind, value:
        case "string_type", bool() | int() | float():
            return "put it in quotes" if sensitive else f"put it in quotes: {quoted(written(path))}"
        case "string_type", dict() if sensitive or "secret" in value:
            return REFERENCE_FORM
        case "bool_type", str() if value.lower() in _OLD_BOOLEANS:
            return "write true or false, without quotes"
        case "int_type" | "float_type" | "int_from_float", str() if _NUMBER.fullmatch(value):
            return "remove the quotes"
        case "int_type" | "int_from_float", float() if value.is_integer():
            return f"write {int(value)}"
        case "list_type", str() | int() | float() if sensitive:
            return "put it in brackets"
        case "list_type", str() | int() | float() if " " not in str(value):
            return f"write [{written(path)[:40]}]"
        case _:
            return ""


def _allowed(
    path: tuple[str | int, ...],
    value: Json,
    errors: Sequence[Mapping[str, Any]],
    root: Field,
    describe: Callable[[tuple[str | int, ...]], str],
) -> str:
    """What may stand there, where the value says nothing of what was meant.

    The members of an object; of numbers and lists what the schema says, as `4Gi` or a whole command
    in one string are mostly a misunderstanding of the field.
    """
    kinds = {str(error["type"]) for error in errors}
    if kinds & {"model_type", "model_attributes_type"} and not isinstance(value, dict):
        rule = rule_at(root, path)
        members = rule.members if rule is not None else {}
        known = sorted(name for name, one in members.items() if not one.has(Trait.SERVER))
        return f"its members are {listed(known, last='and')}" if known else ""
    if kinds & {"int_type", "float_type", "list_type"} and isinstance(value, str):
        return describe(path)
    return ""


def _wrong(
    path: tuple[str | int, ...],
    error: Mapping[str, Any],
    inside: str,
    tree: Json,
    root: Field,
    what: str,
) -> Complaint:
    kind = str(error["type"])
    name = f"{dotted(path)}: {inside} in this JSON text" if inside else dotted(path)
    if kind == "missing":
        text = f"{path[-1]} is missing in {dotted(path[:-1]) or what}"
        return Complaint(path[:-1], kind, "missing", text, key=True)
    value = None if inside else _at(tree, path)
    found = "" if inside or is_sensitive(root, path) else _echo(value)
    context: Mapping[str, Any] = error.get("ctx") or {}
    if kind in {"literal_error", "enum"}:
        return _no_choice(path, name, kind, str(context.get("expected", "")), value, found)
    if kind in _LIMITS:
        text = f"{name} " + _limit(kind, context) + found
        return Complaint(path, kind, "out-of-range", text)
    if kind == _FORM:
        text = f"{name} does not have the required form{found}"
        return Complaint(path, kind, "wrong-form", text)
    if kind in {"value_error", "assertion_error"}:
        return Complaint(path, kind, "wrong-value", f"{name}: {context.get('error', 'is wrong')}")
    return Complaint(path, kind, "wrong-value", f"{name} is not what the field takes{found}")


def _limit(kind: str, context: Mapping[str, Any]) -> str:
    """The sentence of a limit; a whole number is written as one whatever its Python type."""
    whole = {
        name: int(limit) if isinstance(limit, float) and limit.is_integer() else limit
        for name, limit in context.items()
    }
    return _LIMITS[kind].format_map(whole)


def _echo(value: Json) -> str:
    match value:
        case str() if len(value) > 40:
            return f", has {len(value):,} characters"
        case list():
            return f", has {len(value):,} items"
        case dict():
            return ""
        case _:
            return f", found {described(value)}"


def _no_choice(
    path: tuple[str | int, ...], name: str, kind: str, expected: str, value: Json, found: str
) -> Complaint:
    choices = _CHOICE.findall(expected)
    text = f"{name} must be {listed(choices) or expected}{found}"
    guess = did_you_mean(value, choices) if isinstance(value, str) and found else ""
    return Complaint(path, kind, "wrong-value", text, guess)


class _Guesses:
    """What unknown fields were probably meant to be; a file full of nonsense gets no guesses."""

    def __init__(self, root: Field, what: str) -> None:
        self._root = root
        self._what = what
        self._left = _MAX_GUESSES
        self._places: dict[str, list[str]] = {}

    def unknown(self, path: tuple[str | int, ...]) -> Complaint:
        name = str(path[-1])
        above = rule_at(self._root, path[:-1])
        members = above.members if above is not None else {}
        known = sorted(name for name, rule in members.items() if not rule.has(Trait.SERVER))
        text = f"{quoted(name)} is not a field of {dotted(path[:-1]) or self._what}"
        help_text = self._help(name, known)
        return Complaint(path, "extra_forbidden", "unknown-field", text, help_text, key=True)

    def _help(self, name: str, known: Sequence[str]) -> str:
        if self._left == 0:
            return ""
        self._left -= 1
        if guess := did_you_mean(name, known):
            return guess
        if not self._places:
            self._places = _places(self._root)
        if name in self._places:
            return f"a field of this name stands at {listed(self._places[name])}"
        return f"known are {listed(known, last='and')}" if known else ""


def _places(root: Field) -> dict[str, list[str]]:
    """The paths of all fields, by their last name."""
    found: dict[str, list[str]] = {}
    queue: list[tuple[Field, tuple[str | int, ...]]] = [(root, ())]
    for field, path in queue:
        for name, rule in field.members.items():
            found.setdefault(name, []).append(dotted((*path, name)))
            queue.append((rule, (*path, name)))
        if field.item is not None:
            queue.append((field.item, (*path, "*")))
    return found
