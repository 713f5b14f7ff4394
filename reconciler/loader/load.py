"""Files to checked manifests: everything wrong in all of them is told in one go."""

import gc
import os
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.loader.base import Files
from reconciler.loader.document import Checked, check_document
from reconciler.loader.find import Candidate, find_candidates, no_manifest
from reconciler.loader.ignore import IgnoreRule
from reconciler.loader.layers.identity import Step
from reconciler.loader.layers.overlays import read_layer
from reconciler.loader.layers.patches import read_patches
from reconciler.loader.layers.stack import Base, Stack
from reconciler.loader.layers.variables import Scope
from reconciler.loader.remarks import Remarks, Single
from reconciler.loader.selector import Selector, parse_selector
from reconciler.loader.words import did_you_mean, listed, quoted
from reconciler.model.errors import GuardError, InputError, Problem
from reconciler.model.manifest import Address, Manifest, Place
from reconciler.model.target import Target
from reconciler.model.tree import join
from reconciler.ports.provider import Kind


@dataclass(frozen=True, slots=True)
class Loaded:
    """The manifests that were asked for, in the order of files, and what is odd but not wrong.

    `ignore` are the rules of `reconcile.yaml`, for whichever of them they hold.
    """

    manifests: tuple[Manifest, ...]
    warnings: tuple[Problem, ...]
    ignore: tuple[IgnoreRule, ...] = ()


def load(
    paths: Sequence[Path],
    *,
    kinds: Sequence[Kind],
    config: Path | None = None,
    targets: Sequence[Target] = (),
    overlays: Collection[Path] = (),
    names: Sequence[str] = (),
    selector: str | None = None,
) -> Loaded:
    """Load and check every manifest of these files and folders, then choose among them.

    `config` is left out of the walk, and so are the folders `overlays`: those that any target
    names. The manifests are checked under each of `targets`, and an agent is returned as the first
    of them has it under which it is chosen; without a target manifests are taken as they are.
    `names` are exact; `selector` is in kubectl's grammar; both must hold. Secrets stay references (`SecretReference` leaves). Raises InputError with all
    problems of all files, sorted by place; GuardError when there is no manifest at all.
    """
    chosen = parse_selector(selector) if selector is not None else None
    with _without_collection():
        folders = frozenset(path.resolve() for path in overlays)
        loading = _Loading(kinds, _Tree(paths, config, folders))
        loading.read()
        manifests = loading.run(targets)
        problems = loading.problems()
    errors = [problem for problem in problems if not problem.warning]
    if errors:
        files = len({problem.place.file for problem in errors})
        raise InputError(f"{_count(len(errors), 'problem')} in {_count(files, 'file')}", problems)
    if not manifests:
        raise no_manifest(paths)
    _check_names(names, manifests)
    picked = [one for one in manifests if not names or one.address.name in names]
    if chosen is not None:
        picked = [one for one in picked if chosen.matches(one.labels)]
        if not picked:
            raise _nothing_selected(selector or "", chosen, manifests)
    first: dict[Address, Manifest] = {}
    for one in picked:
        first.setdefault(one.address, one)
    return Loaded(tuple(first.values()), tuple(problems))


def _nothing_selected(selector: str, chosen: Selector, manifests: Iterable[Manifest]) -> InputError:
    text = f"no agent has the labels {quoted(selector)}"
    way_out = chosen.way_out(one.labels for one in manifests)
    return InputError(text, [Problem(Place("-l", 1, 1), "nothing-selected", text, way_out)])


@contextmanager
def _without_collection() -> Iterator[None]:
    """Let no cyclic garbage be looked for: there is next to none, and most of what is made stays.

    It is a tenth to a fifth of the time of a large load.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


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


@dataclass(frozen=True, slots=True)
class _Tree:
    """Where manifests lie: the paths that were named, and what around them is none.

    The folders `overlays` are named as they are, without links.
    """

    paths: Sequence[Path]
    config: Path | None
    overlays: frozenset[Path]

    def manifests(self) -> list[Candidate]:
        """The files to load."""
        return find_candidates(self.paths, config=self.config, overlays=self.overlays)

    def overlay(self, folder: Path) -> list[Candidate]:
        """The files of one overlay; overlays inside of it are their own."""
        below = f"{folder.resolve()}{os.sep}"
        inside = [one for one in self.overlays if str(one).startswith(below)]
        try:
            return find_candidates([folder], config=self.config, overlays=inside)
        except GuardError:  # it holds no manifest, and so it changes nothing
            return []

    def elsewhere(self) -> list[Candidate]:
        """The manifests below the configuration's folder, when not all of those were named."""
        if self.config is None:
            return []
        home = self.config.parent
        if any(home.resolve().is_relative_to(path.resolve()) for path in self.paths):
            return []
        try:
            return find_candidates([home], config=self.config, overlays=self.overlays)
        except (InputError, GuardError):  # not what was asked for, so not what is complained about
            return []


class _Loading:
    """What was read so far."""

    def __init__(self, kinds: Sequence[Kind], tree: _Tree) -> None:
        self._kinds = kinds
        self._kind_names = tuple(dict.fromkeys(_names(kinds)))
        self._tree = tree
        self._files = Files()
        self._overlay_files = Files()
        self._bases: deque[Base] = deque()
        self._patches: list[Base] = []
        self._checked: dict[Base, Checked] = {}
        self._elsewhere: list[Base] | None = None
        self._problems: list[Problem] = []

    def read(self) -> None:
        """Read the manifests. Raises InputError or GuardError where there is nothing to read."""
        for candidate in self._tree.manifests():
            bases, patches = self._files.read(candidate)
            self._bases += bases
            self._patches += patches

    def run(self, targets: Sequence[Target]) -> list[Manifest]:
        """The manifests under each target, those of the first at the beginning."""
        if not targets:
            return self._target(None, last=True)
        return [
            manifest
            for number, target in enumerate(targets, start=1)
            for manifest in self._target(target, last=number == len(targets))
        ]

    def problems(self) -> list[Problem]:
        """Everything wrong or odd, sorted by place."""
        return sorted([*self._problems, *self._files.problems(), *self._overlay_files.problems()])

    def _target(self, target: Target | None, *, last: bool) -> list[Manifest]:
        stack = self._stack(target)
        leftover = stack.assign(self._bases)
        seen = _Seen()
        manifests = []
        for base in self._drained() if last else self._bases:
            manifest = self._manifest(stack, base, seen, keep=not last)
            if manifest is not None:
                manifests.append(manifest)
        if leftover.steps and not self._files.broken:
            leftover.tell(lambda: self._declared_elsewhere(stack.scope))
        return manifests

    def _drained(self) -> Iterable[Base]:
        """The documents, each let go when it was used."""
        while self._bases:
            yield self._bases.popleft()

    def _stack(self, target: Target | None) -> Stack:
        scope = Scope(target.name, target.variables) if target is not None else Scope()
        stack = Stack(scope, ())
        loose = list(read_patches(map(stack.root, self._patches), self._kind_names))
        steps: list[Step] = [*loose]
        for overlay in target.overlays if target is not None else ():
            documents = [
                document
                for candidate in self._overlay(Path(overlay.folder))
                for document in self._overlay_files.documents(candidate)
            ]
            steps += read_layer(map(stack.root, documents), self._kind_names)
        return Stack(scope, steps, frozenset[Step](loose))

    def _overlay(self, folder: Path) -> list[Candidate]:
        try:
            return self._tree.overlay(folder)
        except InputError as error:
            self._problems += [one for one in error.problems if one not in self._problems]
            return []

    def _declared_elsewhere(self, scope: Scope) -> Collection[tuple[str, str]]:
        if self._elsewhere is None:
            files = Files()
            read = [files.read(candidate)[0] for candidate in self._tree.elsewhere()]
            self._elsewhere = [base for bases in read for base in bases]
        stack = Stack(Scope(scope.target, scope.variables), ())
        found = (stack.whose(base) for base in self._elsewhere)
        return {whose[:2] for whose in found if whose is not None}

    def _manifest(self, stack: Stack, base: Base, seen: "_Seen", *, keep: bool) -> Manifest | None:
        view = stack.view(base)
        remarks = Remarks(view)
        checked = self._checked.pop(base, None) if isinstance(view, Single) else None
        if checked is None:
            checked = check_document(remarks, self._kinds)
        if keep and isinstance(view, Single):
            self._checked[base] = checked
        if checked.manifest is not None and checked.kind is not None:
            seen.refuse_twins(remarks, checked.manifest, checked.kind)
        return checked.manifest


def _names(kinds: Sequence[Kind]) -> Iterable[str]:
    for kind in kinds:
        yield kind.name
        yield from (dialect.name for dialect in kind.dialects)


class _Seen:
    """The agents that were declared so far."""

    def __init__(self) -> None:
        self._seen: dict[tuple[object, ...], tuple[Mapping[str, Place], str]] = {}
        """Where each was declared; worked out when there is a twin, as few are."""

    def refuse_twins(self, remarks: Remarks, manifest: Manifest, kind: Kind) -> None:
        """The same agent declared twice, by its name or by what names it to its cloud."""
        address = manifest.address
        where = ("/metadata/name", f"{kind.name} {quoted(address.name)}")
        self._once(remarks, manifest, (address,), *where)
        values = [manifest.spec.get(name) for name in kind.rules.parameters]
        if values and all(isinstance(value, str) for value in values):
            at = join("/spec", kind.rules.parameters[-1])
            what = listed(
                (f"{name} {quoted(str(manifest.spec[name]))}" for name in kind.rules.parameters),
                last="and",
            )
            self._once(remarks, manifest, (address.api_version, address.kind, *values), at, what)

    def _once(
        self,
        remarks: Remarks,
        manifest: Manifest,
        key: tuple[object, ...],
        pointer: str,
        what: str,
    ) -> None:
        places, first = self._seen.setdefault(key, (manifest.places, pointer))
        if places is not manifest.places:
            text = f"{what} is declared twice, first at {places[first]}"
            remarks.add(pointer, "declared-twice", text)
