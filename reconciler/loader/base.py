"""The files of a run, each read once: their documents, and the complaints about them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from reconciler.loader.compose import Document, documents
from reconciler.loader.find import Candidate
from reconciler.loader.findings import Findings
from reconciler.loader.layers.overlays import is_patch
from reconciler.loader.layers.stack import Base
from reconciler.loader.layers.variables import may_mention, mentions
from reconciler.loader.remarks import Single
from reconciler.loader.sops import is_encrypted
from reconciler.loader.source import Unreadable, decode, read_regular, shown
from reconciler.model.errors import Problem
from reconciler.model.manifest import Place

_HIDING: Final = frozenset({"syntax", "too-many"})
"""Complaints after which more documents may stand in a file than were read."""


class Files:
    """What was read so far."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._findings: list[Findings] = []
        self._documents: dict[Path, list[Base]] = {}

    @property
    def broken(self) -> bool:
        """Whether some file could not be read to its end, so that more may be declared in it."""
        return bool(self._problems) or any(
            problem.code in _HIDING
            for findings in self._findings
            for problem in findings.problems()
        )

    def problems(self) -> Iterator[Problem]:
        """The complaints about all files, in no order."""
        yield from self._problems
        for findings in self._findings:
            yield from findings.problems()

    def read(self, candidate: Candidate) -> tuple[list[Base], list[Base]]:
        """The manifests of a file, and its patches."""
        found = self._read(candidate)
        bases: list[Base] = []
        patches: list[Base] = []
        for base in found:
            (patches if is_patch(base.single.value) else bases).append(base)
        return bases, patches

    def documents(self, candidate: Candidate) -> list[Base]:
        """The documents of a file that is asked for once for each target."""
        if candidate.path not in self._documents:
            self._documents[candidate.path] = self._read(candidate)
        return self._documents[candidate.path]

    def _read(self, candidate: Candidate) -> list[Base]:
        path = candidate.path
        try:
            data = read_regular(path)
        except Unreadable as error:
            self._problems.append(Problem(Place(shown(path), 1, 1), "path", str(error)))
            return []
        source = decode(path, data, root=candidate.root)
        if isinstance(source, Problem):
            self._problems.append(source)
            return []
        findings = Findings(source)
        found = documents(findings)
        self._findings.append(findings)
        may = may_mention(source.text)
        return [
            _base(document, findings, may) for document in found if not is_encrypted(document.value)
        ]


def _base(document: Document, findings: Findings, may: bool) -> Base:
    return Base(Single(document, findings), made=may and mentions(document.value))
