"""What a parser says of an error, in our words. Both parsers' phrases stand in one table."""

from typing import Final

from ruamel.yaml.error import MarkedYAMLError

_COLUMN: Final = "members of one mapping or list begin in the same column"
_QUOTES: Final = 'put a value that contains ": " in quotes, or check the indentation'
_BRACKET: Final = "close the bracket, or put a text with a bracket in it in quotes"
_BACKSLASH: Final = 'a backslash is written "\\\\"'
_TABLE: Final[tuple[tuple[str, str, str], ...]] = (
    # what the parser says (a part of it), what we say, the way out
    ("character '\\t'", "a tab cannot stand here", "use spaces"),
    (
        "mapping values are not allowed",
        'a ":" cannot stand here',
        _QUOTES,
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
        _COLUMN,
    ),
    ("unexpected end of stream", "a quote is opened and never closed", ""),
    ("unexpected document separator", "a quote is opened and never closed", ""),
    (
        "expected '<document start>'",
        "the document has ended before this",
        "documents are separated by a line ---",
    ),
    ("expected the node content", "a value is missing here", ""),
    ("expected ',' or ']'", 'a "," or "]" is missing here', _BRACKET),
    ("expected ',' or '}'", 'a "," or "}" is missing here', _BRACKET),
    (
        "sequence entries are not allowed",
        "a list cannot begin here",
        "begin it on a line of its own",
    ),
    ("unknown escape character", "this escape does not exist", _BACKSLASH),
    ("escape sequence of", "this escape lacks hexadecimal digits", _BACKSLASH),
    ("incompatible YAML", "this version of YAML is not known", "write it for YAML 1.2"),
    ("undefined tag handle", "custom tags are not taken", "remove the tag"),
    # libyaml's words, where they are others
    ("did not find expected key", "this line does not fit the lines above it", _COLUMN),
    ("did not find expected '-'", "this line does not fit the lines above it", _COLUMN),
    ("did not find expected node content", "a value is missing here", ""),
    (
        "did not find expected <document start>",
        "the document has ended before this",
        "documents are separated by a line ---",
    ),
    ("tab character", "a tab cannot stand here", "use spaces"),
    ("unexpected document indicator", "a quote is opened and never closed", ""),
    ("unexpected ':'", 'a ":" cannot stand here', _QUOTES),
    ("did not find expected hexdecimal", "this escape lacks hexadecimal digits", _BACKSLASH),
    ("invalid Unicode character", "half of a surrogate pair is no character", ""),
)


class ParseError(Exception):
    """The text is not YAML. `offset` is where, `help` the way out."""

    def __init__(self, offset: int, text: str, help: str = "") -> None:
        super().__init__(text)
        self.offset = offset
        self.help = help


def explained(error: Exception, last: int, size: int, base: int = 0) -> ParseError:
    """Our words for a parser's error; `last` is how far it came, `size` where the text ends."""
    if not isinstance(error, MarkedYAMLError):  # odd input makes a parser raise what it will
        return ParseError(base + last, "this is not valid YAML (after this point)")
    said = str(error.problem or error.context or "")
    mark = error.problem_mark or error.context_mark
    if "end of stream" in said or "document separator" in said or "document indicator" in said:
        mark = error.context_mark or mark  # where the quote was opened says more than the end
    offset = base + min(mark.index if mark is not None else last, size)
    for part, text, way_out in _TABLE:
        if part in said:
            return ParseError(offset, text, way_out)
    return ParseError(offset, f"this is not valid YAML: {said.splitlines()[0] if said else '?'}")
