"""Members that leave their place: deleted, or kept as comments where our spelling has no word."""

from collections.abc import Iterable, Sequence

from reconciler.loader.migrate.edits import Edit, Rewriting, Stuck
from reconciler.loader.migrate.layout import Layout, members


def remove(
    layout: Layout, above: str, gone: Sequence[str], notes: dict[str, str], inner: Iterable[Edit]
) -> list[Edit]:
    """The edits that take the members `gone` out of the mapping at `above`.

    Those in `notes` stay as comments with that note above them (where it is not empty); the others
    just go. `inner` are edits within what is kept. Raises Stuck where no comment can stand.
    """
    if not gone:
        return []
    inner = list(inner)
    if layout.is_flow(above):
        return _out_of_flow(layout, above, gone, notes, inner)
    edits = _emptied(layout, above, gone)
    for one in gone:
        kept = [edit for edit in inner if _within(layout, edit, one, notes)]
        edits += [*_out_of_block(layout, one, notes.get(one), kept), *kept]
    return edits


def _emptied(layout: Layout, above: str, gone: Sequence[str]) -> list[Edit]:
    """A mapping that loses all its members becomes an empty one, not null."""
    if any(pointer not in gone for pointer, _ in members(above, layout.value(above))):
        return []
    if f"{above}#" in layout.document.spans:
        colon = layout.text.index(":", layout.key(above)[1])
        return [Edit(colon + 1, colon + 1, " {}")]
    start = layout.entry(gone[0])[0]  # behind the dash of a list
    return [Edit(start, start, "{} ")]


def _within(layout: Layout, edit: Edit, pointer: str, notes: dict[str, str]) -> bool:
    start, end = layout.entry(pointer)
    return pointer in notes and start <= edit.start and edit.end <= end


def _out_of_block(
    layout: Layout, pointer: str, note: str | None, inner: Sequence[Edit]
) -> list[Edit]:
    """Whole lines deleted, or made comments where `note` is a text; not within `inner` edits."""
    span = layout.entry(pointer)
    lines = layout.lines(span)
    if note is None:
        return [Edit(lines[0][0], lines[-1][1], "")]
    start, end = lines[0]
    column = span[0] - start
    edits = [Edit(span[0], span[0], "# ")]
    for start, end in lines[1:]:
        line = layout.text[start:end]
        if line.strip():
            at = start + min(column, len(line) - len(line.lstrip()))
            if not any(edit.start < at < edit.end for edit in inner):
                edits.append(Edit(at, at, "# "))
    indent = layout.text[lines[0][0] : span[0]]
    if note and not indent.strip():
        edits.insert(0, Edit(lines[0][0], lines[0][0], f"{indent}# {note}{layout.newline}"))
    return edits


def _out_of_flow(
    layout: Layout, above: str, gone: Sequence[str], notes: dict[str, str], inner: list[Edit]
) -> list[Edit]:
    """Runs of members are cut out with their commas; what is kept stands above as a comment."""
    every = [pointer for pointer, _ in members(above, layout.value(above))]
    spans = [layout.entry(pointer) for pointer in every]
    edits: list[Edit] = []
    position = 0
    while position < len(every):
        if every[position] not in gone:
            position += 1
            continue
        last = position
        while last + 1 < len(every) and every[last + 1] in gone:
            last += 1
        start, end = spans[position][0], spans[last][1]
        if last + 1 < len(every):
            end = spans[last + 1][0]
        elif position:
            start = spans[position - 1][1]
        edits.append(Edit(start, end, ""))
        edits += _comments(layout, (start, end), every[position : last + 1], notes, inner)
        position = last + 1
    return edits


def _comments(
    layout: Layout,
    cut: tuple[int, int],
    gone: Sequence[str],
    notes: dict[str, str],
    inner: list[Edit],
) -> list[Edit]:
    """What stays of a cut as comments above the line on which the brackets begin."""
    lines: list[str] = []
    at = cut[0]
    for pointer in gone:
        start, end = layout.entry(pointer)
        lines += _comments_in(layout.text[at:start])
        if pointer in notes:
            if layout.document.source.file.endswith(".json"):
                text = "this cannot be kept as a comment in JSON; take it out, or write YAML"
                raise Stuck((start, end), text)
            lines += [f"# {notes[pointer]}"] if notes[pointer] else []
            kept = Rewriting(layout.text).part((start, end), inner)
            lines += [f"# {line}" for line in kept.splitlines()]
        at = end
    lines += _comments_in(layout.text[at : cut[1]])
    if not lines:
        return []
    place = layout.line_start(_outermost(layout, gone[0]))
    indent = layout.indent(place)
    return [Edit(place, place, "".join(f"{indent}{line}{layout.newline}" for line in lines))]


def _comments_in(text: str) -> list[str]:
    """The comments between two members."""
    return [line[line.index("#") :].strip() for line in text.splitlines() if "#" in line]


def _outermost(layout: Layout, pointer: str) -> int:
    """Where the outermost brackets around a member open."""
    found = 0
    at = pointer.rpartition("/")[0]
    while True:
        if layout.is_flow(at):
            found = layout.opening(at)
        if not at:
            return found
        at = at.rpartition("/")[0]
