"""The fields that differ, one after the other: each from what to what, and where it was written.

A short change is one line. A long text is shown by its changed lines, a list, a mapping and JSON
inside a text by their parts, and each part the same way again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from reconciler.model.plan import NOTHING, Change
from reconciler.model.tree import Json
from reconciler.report.count import counted
from reconciler.report.ink import Style
from reconciler.report.longtext import MAX_LINES, Page, Rows, text_rows
from reconciler.report.parts import Part, Parts, Sign, parts_of, sign_of
from reconciler.report.plain import capped, plain
from reconciler.report.values import shown
from reconciler.report.wrap import Field, Line, Piece, cells, filled, shorten, width_of, wrapped

_INDENT: Final = "    "
_MIN_WIDTH: Final = 20
_MAX_COLUMN: Final = 40
_LONG_VALUE: Final = 60
"""Texts of more characters are compared by their words, wherever both would fit on one line."""

_SHORT: Final = 200
"""A text up to this length is not counted, unless it has a limit."""

_MAX_HEADER: Final = 2
"""After a longer heading the number of unchanged lines is left out: five lines are enough."""

SIGN_STYLES: Final = {"+": Style.ADDED, "-": Style.REMOVED, "~": Style.CHANGED}


@dataclass(frozen=True, slots=True)
class _Item:
    """One change, or one part of one. `tail` is what stands behind the values."""

    sign: Sign
    label: str
    before: Json
    after: Json
    tail: tuple[Field, ...] = ()
    limit: int | None = None
    moved: str = ""


class _Body(NamedTuple):
    """What stands below a heading; `noun` is what `more` and `unchanged` count."""

    rows: Rows
    noun: str
    size: Line | None = None


def change_lines(changes: Sequence[Change], page: Page) -> Iterator[Line]:
    """The lines of these changes, values aligned; no wider than the page but for paths, places."""
    return _items([_item_of(change, page) for change in changes], page)


def _item_of(change: Change, page: Page) -> _Item:
    place = Field([Piece(plain(str(change.place)), Style.DIM)])
    note = Field([Piece(f"({plain(capped(change.note))})")], breaks=page.wraps)
    return _Item(
        sign=sign_of(change.before, change.after),
        label=plain(change.path) or "/",
        before=change.before,
        after=change.after,
        tail=(note, place) if change.note else (place,),
        limit=change.limit,
    )


def _part_item(part: Part, width: int) -> _Item:
    sign: Sign = "+" if part.before is NOTHING else "-" if part.after is NOTHING else "~"
    label = shorten(plain(part.label), max(width - len("~ :"), 1))
    return _Item(sign, label, part.before, part.after, moved=plain(part.moved))


def _items(items: Sequence[_Item], page: Page) -> Iterator[Line]:
    most = min(_MAX_COLUMN, page.width // 2)
    sizes = [width_of(item.label) for item in items]
    column = max((size for size in sizes if size <= most), default=0)
    for item in items:
        yield from _item(item, page, column)


def _item(item: _Item, page: Page, column: int) -> Iterator[Line]:
    narrow = page.width < _MIN_WIDTH + 2 * len(_INDENT)
    parts = None if item.moved or narrow else parts_of(item.before, item.after)
    in_parts = parts and item.sign == "~" and item.before and item.after
    if in_parts or _has_lines(item) or _is_long(item):
        yield from _in_lines(item, _body(item, parts, _below(page)), page)
        return
    for padding in (max(column - width_of(item.label), 0), 0):
        line = _on_one_line(item, padding)
        if cells(line) <= page.width:
            yield line
            return
    values = list(_values(item))
    fits = cells(values) <= _below(page).width
    body = _Body(Rows([values]), "") if fits else _body(item, parts, _below(page))
    yield from _in_lines(item, body, page)


def _below(page: Page) -> Page:
    return page._replace(width=max(page.width - len(_INDENT), _MIN_WIDTH))


def _in_lines(item: _Item, body: _Body, page: Page) -> Iterator[Line]:
    """A heading, what differs below it, and what is not shown."""
    size = [Field(body.size, breaks=True)] if body.size else []
    heading = [Field([*_label(item)]), *size, *item.tail]
    lines = list(filled(heading, page.width, len("~ ")))
    yield from lines
    rest = _rest(item, body, short=len(lines) <= _MAX_HEADER)
    folded = (row for line in rest for row in wrapped(line, _below(page).width))
    yield from ([Piece(_INDENT), *row] for row in (*body.rows.rows, *folded))


def _label(item: _Item) -> Iterator[Piece]:
    yield Piece(item.sign, SIGN_STYLES[item.sign])
    yield Piece(f" {item.label}:")


def _on_one_line(item: _Item, padding: int) -> list[Piece]:
    line = [*_label(item), Piece(" " * (padding + 1)), *_values(item)]
    for field in item.tail:
        line += [Piece("  "), *field.line]
    return line


def _values(item: _Item) -> Iterator[Piece]:
    if item.moved:
        yield Piece(f"moved to {item.moved}", Style.CHANGED)
    elif item.sign == "+":
        yield Piece(shown(item.after))
    elif item.sign == "-":
        yield Piece(shown(item.before))
    else:
        yield Piece(shown(item.before))
        yield Piece(" -> ", Style.CHANGED)
        yield Piece(shown(item.after))


def _has_lines(item: _Item) -> bool:
    return any(isinstance(side, str) and "\n" in side for side in (item.before, item.after))


def _is_long(item: _Item) -> bool:
    """Whether the words of two texts are to be compared even where one line has room for both."""
    both = (item.before, item.after)
    return item.sign == "~" and all(isinstance(s, str) and len(s) > _LONG_VALUE for s in both)


def _body(item: _Item, parts: Parts | None, page: Page) -> _Body:
    if parts:
        return _Body(_part_rows(parts, page), parts.noun)
    old, new = (None if side is NOTHING else side for side in (item.before, item.after))
    if isinstance(old, str | None) and isinstance(new, str | None):
        return _Body(text_rows(old, new, page), "line", _size(old, new, item.limit))
    room = page.width - len("- ")
    sides = [("-", item.before)] * (item.sign != "+") + [("+", item.after)] * (item.sign != "-")
    rows = [
        [Piece(f"{sign} ", SIGN_STYLES[sign]), Piece(shorten(shown(side), room))]
        for sign, side in sides
    ]
    return _Body(Rows(rows), "line")


def _part_rows(parts: Parts, page: Page) -> Rows:
    found = parts.found if page.verbose else parts.found[:MAX_LINES]
    rows = [list(line) for line in _items([_part_item(p, page.width) for p in found], page)]
    return Rows(rows, len(parts.found) - len(found), unchanged=parts.unchanged)


def _size(old: str | None, new: str | None, limit: int | None) -> Line | None:
    """The length of a text, against its limit where it has one, and by how much it grew.

    None where it is short and has none.
    """
    length = len(new if new is not None else old or "")
    if limit is None and length <= _SHORT:
        return None
    text = f"{length:,}" if limit is None or new is None else f"{length:,} of {limit:,}"
    grown = length - len(old) if old is not None and new is not None else 0
    change = f", {grown:+,}" if grown else ""
    over = new is not None and limit is not None and length > limit
    return [Piece(f"{text} characters{change}", Style.WARNING if over else None)]


def _rest(item: _Item, body: _Body, *, short: bool) -> Iterator[Line]:
    """What is not shown: too much of it, or nothing that changed."""
    rows = body.rows
    if rows.more:
        noun = f"more changed {body.noun}" if item.sign == "~" else f"more {body.noun}"
        number = f"{rows.more:,} {noun}" + ("" if rows.more == 1 else "s")
        yield [Piece(f"… {number} (-v shows all)")]
    elif rows.cut:
        yield [Piece("… (-v shows all)")]
    if rows.unchanged and short:
        yield [Piece(f"# ({counted(rows.unchanged, f'unchanged {body.noun}')})", Style.DIM)]
