"""Files to checked manifests: everything wrong in all of them is told in one go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from reconciler.loader.compose import documents
from reconciler.loader.document import check_document
from reconciler.loader.find import Candidate, find_candidates, no_manifest
from reconciler.loader.findings import Findings
from reconciler.loader.remarks import Remarks, Single
from reconciler.loader.selector import parse_selector
from reconciler.loader.source import Unreadable, decode, read_regular, shown
from reconciler.loader.words import did_you_mean, listed, quoted
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Manifest, Place
from reconciler.model.tree import join
from reconciler.ports.provider import Kind


@dataclass(frozen=True, slots=True)
class Loaded:
    """The manifests that were asked for, in the order of files, and what is odd but not wrong."""

    manifests: tuple[Manifest, ...]
    warnings: tuple[Problem, ...]


def load(
    paths: Sequence[Path],
    *,
    kinds: Sequence[Kind],
    config: Path | None = None,
    names: Sequence[str] = (),
    selector: str | None = None,
) -> Loaded:
    """Load and check every manifest of these files and folders, then choose among them.

    `config` is left out of the walk. `names` are exact; `selector` is in kubectl's grammar; both
    must hold. Secrets stay references (`SecretReference` leaves). Raises InputError with all
    problems of all files, sorted by place; GuardError when there is no manifest at all.
    """
    chosen = parse_selector(selector) if selector is not None else None
    loading = _Loading(kinds)
    for candidate in find_candidates(paths, config=config):
        loading.file(candidate)
    problems = sorted(loading.problems)
    errors = [problem for problem in problems if not problem.warning]
    if errors:
        files = len({problem.place.file for problem in errors})
        raise InputError(f"{_count(len(errors), 'problem')} in {_count(files, 'file')}", problems)
    manifests = loading.manifests
    if not manifests:
        raise no_manifest(paths)
    _check_names(names, manifests)
    picked = [
        manifest
        for manifest in manifests
        if (not names or manifest.address.name in names)
        and (chosen is None or chosen.matches(manifest.labels))
    ]
    if not picked:
        place = Place("-l", 1, 1)
        text = f"no agent has the labels {quoted(selector or '')}"
        raise InputError(text, [Problem(place, "nothing-selected", text)])
    return Loaded(tuple(picked), tuple(problems))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _check_names(names: Sequence[str], manifests: Iterable[Manifest]) -> None:
    known = sorted({manifest.address.name for manifest in manifests})
    problems = [
        Problem(
            Place("--name", 1, 1),
            "unknown-name",
            f"no agent is called {quoted(name)}",
            did_you_mean(name, known) or f"there are {listed(known, last='and')}",
        )
        for name in dict.fromkeys(names)
        if name not in known
    ]
    if problems:
        raise InputError("; ".join(problem.text for problem in problems), problems)


class _Loading:
    """What was read so far."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = kinds
        self._seen: dict[tuple[object, ...], Place] = {}
        self.manifests: list[Manifest] = []
        self.problems: list[Problem] = []

    def file(self, candidate: Candidate) -> None:
        path = candidate.path
        try:
            data = read_regular(path)
        except Unreadable as error:
            self.problems.append(Problem(Place(shown(path), 1, 1), "path", str(error)))
            return
        source = decode(path, data, root=candidate.root)
        if isinstance(source, Problem):
            self.problems.append(source)
            return
        findings = Findings(source)
        for document in documents(findings):
            remarks = Remarks(Single(document, findings))
            checked = check_document(remarks, self._kinds)
            if checked.manifest is not None and checked.kind is not None:
                self._refuse_twins(remarks, checked.manifest, checked.kind)
                self.manifests.append(checked.manifest)
        self.problems += findings.problems()

    def _refuse_twins(self, remarks: Remarks, manifest: Manifest, kind: Kind) -> None:
        """The same agent declared twice, by its name or by what names it to its cloud."""
        address = manifest.address
        where = ("/metadata/name", f"{kind.name} {quoted(address.name)}")
        self._once(remarks, (address,), *where)
        values = [manifest.spec.get(name) for name in kind.rules.parameters]
        if values and all(isinstance(value, str) for value in values):
            at = join("/spec", kind.rules.parameters[-1])
            what = listed(
                (f"{name} {quoted(str(manifest.spec[name]))}" for name in kind.rules.parameters),
                last="and",
            )
            self._once(remarks, (address.api_version, address.kind, *values), at, what)

    def _once(self, remarks: Remarks, key: tuple[object, ...], pointer: str, what: str) -> None:
        place = remarks.place(pointer)
        first = self._seen.setdefault(key, place)
        if first is not place:
            remarks.add(pointer, "declared-twice", f"{what} is declared twice, first at {first}")
