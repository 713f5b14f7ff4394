"""The wall around the YAML parser: text in, events with offsets out, one kind of exception.

Only the parser's event stream is used; what scalars mean is `scalars`' matter. A faster parser
would be put in here, and nothing else would notice. The pure parser treats U+0085, U+2028 and
U+2029 as line breaks, as YAML 1.1 did; in 1.2 they are text. So they travel through it in disguise.
"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml import events as raw
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.resolver import VersionedResolver

_TABLE: Final[tuple[tuple[str, str, str], ...]] = (
    # what the parser says (a part of it), what we say, the way out
    ("character '\\t'", "a tab cannot stand here", "use spaces"),
    (
        "mapping values are not allowed",
        'a ":" cannot stand here',
        'put a value that contains ": " in quotes, or check the indentation',
    ),
    ("cannot start any token", "a value cannot begin with this character", "put it in quotes"),
    (
        "could not find expected ':'",
        'this line is neither a key with its ":" nor part of a value',
        "check its indentation, and quotes and brackets above it",
    ),
    (
        "expected <block end>",
        "this line does not fit the lines above it",
        "members of one mapping or list begin in the same column",
    ),
    ("unexpected end of stream", "a quote is opened and never closed", ""),
    ("unexpected document separator", "a quote is opened and never closed", ""),
    (
        "expected '<document start>'",
        "the document has ended before this",
        "documents are separated by a line ---",
    ),
    ("expected the node content", "a value is missing here", ""),
    ("expected ',' or ']'", 'a "," or "]" is missing here', ""),
    ("expected ',' or '}'", 'a "," or "}" is missing here', ""),
    (
        "sequence entries are not allowed",
        "a list cannot begin here",
        "begin it on a line of its own",
    ),
    ("unknown escape character", "this escape does not exist", 'a backslash is written "\\\\"'),
    ("escape sequence of", "this escape lacks hexadecimal digits", 'a backslash is written "\\\\"'),
    ("incompatible YAML", "this version of YAML is not known", "write it for YAML 1.2"),
    ("undefined tag handle", "custom tags are not taken", "remove the tag"),
)
_BREAKS_OF_OLD: Final = "\x85\u2028\u2029"


class ParseError(Exception):
    """The text is not YAML. `offset` is where, `help` the way out."""

    def __init__(self, offset: int, text: str, help: str = "") -> None:
        super().__init__(text)
        self.offset = offset
        self.help = help


class Is(Enum):
    """What happens in the stream."""

    DOCUMENT = auto()
    SCALAR = auto()
    ALIAS = auto()
    SEQUENCE = auto()
    MAPPING = auto()
    END = auto()


class Event(NamedTuple):
    """One step. `plain`: a scalar whose form decides its type. `text`: of a scalar, or an anchor."""

    what: Is
    start: int
    end: int
    text: str = ""
    plain: bool = False
    tag: str | None = None
    anchor: str | None = None


class _Resolver12(VersionedResolver):
    """A `%YAML 1.1` line changes nothing."""

    @property
    def processing_version(self) -> Any:
        """Always 1.2."""
        return (1, 2)


def events(text: str) -> Iterator[Event]:
    """The events of all documents of `text`. Raises ParseError, and nothing else."""
    disguise = _disguise(text)
    back = {ord(there): here for here, there in disguise.items()}
    hidden = text.translate({ord(here): there for here, there in disguise.items()})
    parser = YAML(typ="safe", pure=True)
    parser.Resolver = _Resolver12
    last = 0
    try:
        for event in parser.parse(hidden):
            step = _translate(event, back)
            if step is not None:
                last = step.end
                yield step
    except MarkedYAMLError as error:
        raise _explained(error, last, len(text)) from error
    except GeneratorExit:
        raise
    except Exception as error:  # odd input makes this parser raise whatever its internals do
        raise ParseError(last, "this is not valid YAML (after this point)") from error


def _disguise(text: str) -> dict[str, str]:
    """A stand-in for each old line break in the text: private characters that it doesn't use."""
    used = [char for char in _BREAKS_OF_OLD if char in text]
    free = (char for char in map(chr, range(0xE000, 0xF8FF)) if char not in text)
    return {char: next(free) for char in used}


def _translate(event: Any, back: dict[int, str]) -> Event | None:
    start, end = event.start_mark.index, event.end_mark.index
    if isinstance(event, raw.ScalarEvent):
        text = event.value.translate(back) if back else event.value
        plain = event.style is None and event.tag is None
        return Event(Is.SCALAR, start, end, text, plain, event.tag, event.anchor)
    if isinstance(event, raw.MappingStartEvent):
        return Event(Is.MAPPING, start, end, tag=event.tag, anchor=event.anchor)
    if isinstance(event, raw.SequenceStartEvent):
        return Event(Is.SEQUENCE, start, end, tag=event.tag, anchor=event.anchor)
    if isinstance(event, raw.CollectionEndEvent):
        return Event(Is.END, start, end)
    if isinstance(event, raw.AliasEvent):
        return Event(Is.ALIAS, start, end, event.anchor)
    if isinstance(event, raw.DocumentStartEvent):
        return Event(Is.DOCUMENT, start, end)
    return None


def _explained(error: MarkedYAMLError, last: int, size: int) -> ParseError:
    said = str(error.problem or error.context or "")
    mark = error.problem_mark or error.context_mark
    if "end of stream" in said or "document separator" in said:
        mark = error.context_mark or mark  # where the quote was opened says more than the end
    offset = min(mark.index if mark is not None else last, size)
    for part, text, way_out in _TABLE:
        if part in said:
            return ParseError(offset, text, way_out)
    return ParseError(offset, f"this is not valid YAML: {said.splitlines()[0] if said else '?'}")
