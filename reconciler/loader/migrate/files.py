"""Whole files: every document in another spelling rewritten, and the result read again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from reconciler.loader.compose import Document, documents
from reconciler.loader.dialect import find_dialect
from reconciler.loader.document import check_document
from reconciler.loader.findings import Findings
from reconciler.loader.migrate.document import Rewrite
from reconciler.loader.migrate.edits import Rewriting, Stuck
from reconciler.loader.migrate.layout import Layout
from reconciler.loader.references import SecretReference
from reconciler.loader.remarks import Remarks, Single
from reconciler.loader.source import Source, decode
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Address, Manifest
from reconciler.model.rules import Requirement
from reconciler.model.sealed import Sealed
from reconciler.model.tree import Json, Tree
from reconciler.ports.provider import Kind

_MODELINE: Final = "yaml-language-server:"


@dataclass(frozen=True, slots=True)
class Moved:
    """One agent that was rewritten.

    `variables` are those to set, each with the member that it holds. `needs` are fields that
    creating it needs and that only the tool had defaults for, with these. `left` are members that
    are comments now. `partial`: the document was taken for an overlay.
    """

    address: Address
    tool: str
    variables: tuple[tuple[str, str], ...]
    needs: tuple[tuple[str, Json], ...]
    left: tuple[str, ...]
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Migrated:
    """A file's text in our spelling; `warnings` is what was odd in it."""

    text: str
    agents: tuple[Moved, ...]
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """One document of a file and what the check made of it."""

    document: Document
    manifest: Manifest | None


def migrate(source: Source, kinds: Sequence[Kind], *, modeline: Callable[[str], str]) -> Migrated:
    """The file's text with every document in another spelling rewritten.

    `modeline` of its kind becomes the first line where the first document is rewritten and the
    file has none. Without such documents the text stays as it is. Raises InputError with every problem of the
    documents that would be rewritten, and of their rewriting; then nothing is to be written.
    """
    findings = Findings(source)
    found = _read(findings, kinds)
    problems = [one for one in findings.problems() if not _lacks_member(one)]
    if any(not problem.warning for problem in problems):
        raise InputError("nothing was rewritten", problems)
    rewrites = [
        Rewrite(Layout(one.document), *spelled)
        for one in found
        if one.manifest is not None
        and (spelled := find_dialect(kinds, one.document.value)) is not None
    ]
    if not rewrites:
        return Migrated(source.text, ())
    text = _rewritten(findings, rewrites)
    if found[0].document is rewrites[0].layout.document:
        line = modeline(rewrites[0].kind.name)
        text = _with_modeline(source, text, line, rewrites[0].layout.newline)
    _prove(source, text, kinds, found, rewrites)
    manifests = {id(one.document): one.manifest for one in found}
    agents = tuple(_moved(one, manifests[id(one.layout.document)]) for one in rewrites)
    return Migrated(text, agents, tuple(problems))


def _lacks_member(problem: Problem) -> bool:
    """Whether a document is only incomplete, as an overlay is."""
    return problem.code == "missing" and problem.text.endswith(" is missing in spec")


def _read(findings: Findings, kinds: Sequence[Kind]) -> list[_Read]:
    """The documents; those of another spelling checked, the others none of our business."""
    found = []
    for document in documents(findings):
        value, manifest = document.value, None
        if isinstance(value, dict) and find_dialect(kinds, value) is not None:
            manifest = check_document(Remarks(Single(document, findings)), kinds).manifest
        found.append(_Read(document, manifest))
    return found


def _rewritten(findings: Findings, rewrites: list[Rewrite]) -> str:
    """The text after all edits; what stands in their way is told all at once."""
    stuck = Findings(findings.source)
    for rewrite in rewrites:
        try:
            rewrite.run()
        except Stuck as error:
            stuck.add(error.span, "cannot-migrate", str(error))
    if problems := stuck.problems():
        raise InputError("nothing was rewritten", problems)
    try:
        edits = [edit for rewrite in rewrites for edit in rewrite.edits]
        return Rewriting(findings.source.text).whole(edits)
    except Stuck as error:
        stuck.add(error.span, "cannot-migrate", str(error))
        raise InputError("nothing was rewritten", stuck.problems()) from error


def _with_modeline(source: Source, text: str, modeline: str, newline: str) -> str:
    first = text.partition("\n")[0]
    if source.file.endswith(".json") or _MODELINE in first:
        return text
    return f"{modeline}{newline}{text}"


def _prove(
    source: Source, text: str, kinds: Sequence[Kind], found: list[_Read], rewrites: list[Rewrite]
) -> None:
    """Read the new text: it has to say what the old one said. Raises InputError."""
    again = decode(source.folder / Path(source.file).name, text.encode(), root=source.root)
    wrong = Findings(source)
    by_document = {id(rewrite.layout.document): rewrite for rewrite in rewrites}
    after: list[_Read] = []
    if not isinstance(again, Problem):
        findings = Findings(again)
        for document in documents(findings):
            remarks = Remarks(Single(document, findings))
            after.append(_Read(document, check_document(remarks, kinds).manifest))
    for position, one in enumerate(found):
        rewrite = by_document.get(id(one.document))
        same = len(after) == len(found) and (
            one.document.value == after[position].document.value
            if rewrite is None
            else _same(one.manifest, after[position].manifest, rewrite)
        )
        if not same:
            text = (
                "this document cannot be rewritten so that it says the same; write it out by hand"
            )
            help_text = "anchors and aliases across members that change their names are the cause"
            start = one.document.spans[""][0]
            wrong.add((start, start + 1), "cannot-migrate", text, help_text)
    if problems := wrong.problems():
        raise InputError("nothing was rewritten", problems)


def _same(before: Manifest | None, after: Manifest | None, rewrite: Rewrite) -> bool:
    if before is None or after is None:
        return False
    spec = dict(before.spec)
    if rewrite.partial:
        for name in rewrite.dialect.constants:
            spec.pop(name, None)
    return before.address == after.address and _equal(spec, after.spec)


def _equal(before: Any, after: Any) -> bool:
    """Equality of specs, where a secret in plain text has become a reference."""
    if isinstance(before, Sealed):
        return isinstance(after, SecretReference)
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(
            _equal(value, after[name]) for name, value in before.items()
        )
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_equal, before, after))
    return type(before) is type(after) and bool(before == after)


def _moved(rewrite: Rewrite, manifest: Manifest | None) -> Moved:
    dialect = rewrite.dialect
    spec: Tree = manifest.spec if manifest is not None else {}
    address = Address(
        rewrite.kind.api_version, rewrite.kind.name, str(rewrite.layout.value("/metadata/name"))
    )
    needs = [] if rewrite.partial else list(rewrite.kind.rules.create_requires)
    return Moved(
        address=address,
        tool=dialect.tool,
        variables=tuple(rewrite.variables.items()),
        needs=tuple(
            (need.name, dialect.create_defaults.get(need.name))
            for need in needs
            if _applies(need, spec) and spec.get(need.name) is None
        ),
        left=tuple(rewrite.left),
        partial=rewrite.partial,
    )


def _applies(need: Requirement, spec: Tree) -> bool:
    return need.when is None or spec.get(need.when[0]) == need.when[1]
