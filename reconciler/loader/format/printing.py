"""Tokens to text: one blank where one is needed, two before a comment, at most one empty line."""

from collections.abc import Sequence
from typing import Final

from reconciler.loader.format.texts import keeps
from reconciler.loader.format.tokens import Part, Token

_AROUND: Final = frozenset(
    {Part.COMMENT, Part.DIRECTIVE, Part.MARK, Part.DOCUMENT_END, Part.STREAM_END}
)
"""What is no content of a document."""

_CLOSING: Final = frozenset({Part.COMMA, Part.CLOSE})


def separated(tokens: Sequence[Token]) -> list[Token]:
    """The same with `---` between documents, none before the first, and no `...`.

    A directive needs both, so they stay around it. Documents without anything in them go.
    """
    groups: list[list[Token]] = [[]]
    for token in _marked(tokens):
        if token.part is Part.MARK:
            groups.append([token])
        else:
            groups[-1].append(token)
    found = groups.pop(0)
    begun = any(map(_is_content, found))
    for mark, *group in groups:
        if (group and begun) or _awaits_mark(found):
            found += [mark, *group]
        elif group:
            group[0].first = True
            group[0].blank = bool(found)
            found += group
        begun = begun or any(map(_is_content, group))
    return found


def _is_content(token: Token) -> bool:
    return token.part not in _AROUND


def _awaits_mark(tokens: Sequence[Token]) -> bool:
    """Whether a directive stands before a document that hasn't begun."""
    for token in reversed(tokens):
        if token.part is not Part.COMMENT:
            return token.part is Part.DIRECTIVE
    return False


def _marked(tokens: Sequence[Token]) -> list[Token]:
    """The same with a `---` wherever a document ends, and `...` only where a directive follows."""
    found: list[Token] = []
    between: list[Token] = []  # from the first `...` up to content or `---`
    begun = False
    for token in tokens:
        if token.part is Part.DOCUMENT_END or (between and not _is_content(token)):
            between.append(token)
            if token.part is not Part.MARK:
                continue
            found += _seam(between, ended=begun)
        else:
            found += [*_seam(between, ended=begun), token]
            begun = begun or _is_content(token)
        between = []
    found += _seam(between, ended=begun)
    return [token for token in found if token.part is not Part.STREAM_END]


def _seam(between: Sequence[Token], *, ended: bool) -> list[Token]:
    """What stands between two documents, the first of which ended with `...`."""
    if not between:
        return []
    rest = [token for token in between if token.part is not Part.DOCUMENT_END]
    if any(token.part is Part.DIRECTIVE for token in rest):
        return [*between[:1], *rest] if ended else rest
    comments = [token for token in rest if token.part is Part.COMMENT]
    for comment in comments:
        comment.first = True
    if rest and rest[-1].part is Part.STREAM_END:
        return comments
    return [Token(Part.MARK, "---", 0, first=True, blank=False), *comments]


def printed(tokens: Sequence[Token]) -> str:
    """The text of tokens whose columns are known; a trailing comment's becomes its `indent`."""
    parts: list[str] = []
    column = 0
    before: Token | None = None
    for token in tokens:
        if before is None or _begins_line(before, token):
            indent = token.beside.indent if token.beside else token.indent
            gap = _break(before, token) + " " * indent
        else:
            gap = _blanks(before, token)
            if token.part is Part.COMMENT:
                token.indent = column + len(gap)
        parts += [gap, token.text]
        column = _column(_column(column, gap), token.text)
        before = token
    return "".join(parts) + _ended(before)


def _column(column: int, text: str) -> int:
    """Where `text` ends that began in `column`."""
    newline = text.rfind("\n")
    return column + len(text) if newline < 0 else len(text) - newline - 1


def _ended(before: Token | None) -> str:
    """The end of a line; a block scalar brings its own."""
    return "" if before is None or before.text.endswith("\n") else "\n"


def _break(before: Token | None, token: Token) -> str:
    """The end of the line before, and an empty line where there was one."""
    blank = before is not None and token.blank and _may_part(before, token)
    return _ended(before) + ("\n" if blank else "")


def _begins_line(before: Token, token: Token) -> bool:
    if before.part is Part.MARK:
        return token.first or token.part is not Part.COMMENT
    return token.first or before.part is Part.COMMENT


def _may_part(before: Token, token: Token) -> bool:
    """Whether an empty line may stand between: not at `---`, and behind `|+` it would be value."""
    kept = before.part is Part.SCALAR and keeps(before.text)
    return not kept and Part.MARK not in {before.part, token.part}


def _blanks(before: Token, token: Token) -> str:
    """What stands between two tokens of one line."""
    if token.part is Part.COMMENT:
        return "  "
    if before.part is Part.OPEN:
        return ""
    if token.part in _CLOSING:
        return " " if before.part in {Part.COLON, Part.PROPERTY} else ""
    if token.part is Part.COLON:
        return "" if before.part in {Part.SCALAR, Part.CLOSE} else " "
    return " "
