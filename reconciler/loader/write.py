"""The YAML text of a tree: one way to write each value, and it reads back as the same.

Text that could be taken for something else is quoted, by this loader's rules and by those of older
ones (`no`, `0x10`, `12:30`). Nothing in it acts on a terminal, nor on a runner that looks for
commands in the log of a build.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from reconciler.loader import scalars
from reconciler.loader.references import is_reference
from reconciler.model.tree import Json, Tree, join

Comment: TypeAlias = Callable[[str, Json], str]
"""What to say about a value at its pointer, behind it on its line; empty for nothing."""

_STEP: Final = "  "
_MAX_SIMPLE_KEY: Final = 1000
"""Longer keys are written with a question mark: a parser looks no further for the colon."""

_STARTS: Final = frozenset("-?:,[]{}#&*!|>'\"%@`+.0123456789=<~ ")
_OLD_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_DURATION: Final = re.compile(r"(?:[0-9]+(?:ms|[smh]))+", re.ASCII)
_UNSAFE: Final = re.compile(r":(?:\s|$)|\s#")
_ANYWHERE: Final = r"##(?=\[|vso\[)"
_MARK: Final = re.compile(_ANYWHERE)
_COMMAND: Final = re.compile(rf"^\s*::|{_ANYWHERE}", re.MULTILINE)
"""What the runners of GitHub and Azure take for a command: at the beginning of a line, or anywhere."""

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def to_yaml(tree: Tree, comment: Comment | None = None) -> str:
    """The block-style text of a mapping, each member on lines of its own.

    References to secrets stay on one line: `{secret: "env:NAME"}`.
    """
    if not tree:
        return "{}\n"
    lines = _mapping(tree, "", "", comment or (lambda *_: ""))
    return "".join(f"{line}\n" for line in lines)


def _mapping(value: Tree, pointer: str, pad: str, comment: Comment) -> Iterator[str]:
    for name, member in value.items():
        key = _key(name)
        if len(key) > _MAX_SIMPLE_KEY:
            yield f"{pad}? {key}"
            key = ""
        yield from _member(f"{pad}{key}:", member, join(pointer, name), pad, comment)


def _list(value: list[Json], pointer: str, pad: str, comment: Comment) -> Iterator[str]:
    for index, item in enumerate(value):
        below = join(pointer, index)
        if isinstance(item, dict) and item and not is_reference(item):
            lines = _mapping(item, below, pad + _STEP, comment)
            yield f"{pad}- {next(lines)[len(pad) + 2 :]}"
            yield from lines
        elif isinstance(item, list) and item:
            lines = _list(item, below, pad + _STEP, comment)
            yield f"{pad}- {next(lines)[len(pad) + 2 :]}"
            yield from lines
        else:
            yield from _member(f"{pad}-", item, below, pad, comment)


def _member(prefix: str, value: Json, pointer: str, pad: str, comment: Comment) -> Iterator[str]:
    """A value behind its key or its dash."""
    note = comment(pointer, value)
    note = f"  # {note}" if note else ""
    if isinstance(value, dict) and value and not is_reference(value):
        yield prefix + note
        yield from _mapping(value, pointer, pad + _STEP, comment)
    elif isinstance(value, list) and value:
        yield prefix + note
        yield from _list(value, pointer, pad + _STEP, comment)
    elif isinstance(value, str) and _fits_block(value):
        yield f"{prefix} {_block_header(value)}{note}"
        for line in _block_lines(value):
            yield f"{pad}{_STEP}{line}" if line else ""
    else:
        yield f"{prefix} {_inline(value)}{note}"


def _inline(value: Json) -> str:
    if isinstance(value, str):
        return value if _is_plain(value) else double_quoted(value)
    if is_reference(value):
        return f"{{secret: {double_quoted(value['secret'])}}}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return "{}" if isinstance(value, dict) else "[]"


def _key(name: str) -> str:
    return name if _is_plain(name) else double_quoted(name)


def _is_plain(text: str) -> bool:
    """Whether the text is a string to every reader when it stands there without quotes."""
    if _DURATION.fullmatch(text):
        return True
    if not text or text[0] in _STARTS or text[-1] in " :" or not text.isprintable():
        return False
    if text.casefold() in _OLD_WORDS or _UNSAFE.search(text) or _COMMAND.search(text):
        return False
    try:
        return isinstance(scalars.resolve(text), str)
    except scalars.BadScalar:
        return False


def double_quoted(text: str) -> str:
    """The text in double quotes, what cannot be seen escaped."""
    return '"' + _MARK.sub(r"#\\x23", "".join(map(_escaped, text))) + '"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _fits_block(text: str) -> bool:
    """Whether a literal block gives the same text back, in every parser."""
    lines = text.split("\n")
    return (
        len(lines) > 1
        and bool(text.strip())
        and not _COMMAND.search(text)
        and all(line.replace("\t", "").isprintable() for line in lines)
        and not any(line and line.isspace() for line in lines)
    )


def _block_header(text: str) -> str:
    indent = "2" if text[0] in " \n\t" else ""
    if not text.endswith("\n"):
        return f"|{indent}-"
    return f"|{indent}+" if text.endswith("\n\n") else f"|{indent}"


def _block_lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")
