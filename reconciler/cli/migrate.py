"""`reconcile migrate`: manifests of a vendor's tool rewritten in our spelling, comments and all."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from reconciler.cli.failures import tell_problems
from reconciler.cli.options import typed_path
from reconciler.cli.rewrite import rewrite
from reconciler.cli.setup import Catalogue
from reconciler.cli.world import World
from reconciler.loader.find import Candidate, find_candidates
from reconciler.loader.migrate import Migrated, Moved, migrate
from reconciler.loader.modeline import home_of, modeline
from reconciler.loader.source import Unreadable, decode, read_regular, shown
from reconciler.loader.words import listed
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Place
from reconciler.ports import Kind
from reconciler.report.count import counted
from reconciler.report.plain import plain

_BOM: Final = b"\xef\xbb\xbf"
_MENDED: Final = frozenset({"not-used", "plain-secret", "not-interpolated", "number-as-text"})
"""What rewriting puts right, or tells of in its own words."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file with its bytes before and its text after."""

    path: Path
    data: bytes
    migrated: Migrated

    @property
    def changed(self) -> bool:
        return bool(self.migrated.agents)

    @property
    def new_data(self) -> bytes:
        mark = _BOM if self.data.startswith(_BOM) else b""
        return mark + self.migrated.text.encode()


@click.command(epilog="\b\nExample:\n  reconcile migrate agentruntime.yaml --write")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=typed_path)
@click.option("--write", is_flag=True, help="Rewrite the files; without it the text is printed.")
@click.pass_obj
def command(world: World, files: tuple[Path, ...], write: bool) -> int:
    """Rewrite manifests of agentrun-cli (apiVersion agentrun/v1) as manifests of this program.

    Comments, order and quotes stay. A password becomes a reference to an environment variable.
    What this version has no word for stays as a comment. Other documents are not touched.
    """
    candidates = find_candidates(files, config=None)
    if not write and len(candidates) != 1:
        text = f"{counted(len(candidates), 'file')}: only one can be printed; --write rewrites all"
        raise click.UsageError(text)
    done = _migrated(world, candidates)
    if write:
        rewrite([(one.path, one.new_data) for one in done if one.changed])
        for one in done:
            world.out.line(_verdict(one))
    else:
        world.out.write(done[0].migrated.text)
        if not done[0].changed:
            world.err.line(_verdict(done[0]))
    for one in done:
        for line in _to_know(one):
            world.err.line(line)
    return 0


def _migrated(world: World, candidates: Sequence[Candidate]) -> list[_File]:
    """Every file in our spelling. Raises InputError with the problems of all of them."""
    kinds = Catalogue(world.providers()).kinds
    done: list[_File] = []
    problems: list[Problem] = []
    for candidate in candidates:
        try:
            done.append(_one(candidate, kinds))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError("nothing was rewritten", sorted(problems))
    odd = [one for file in done for one in file.migrated.warnings if one.code not in _MENDED]
    tell_problems(odd, world.err)
    return done


def _one(candidate: Candidate, kinds: Sequence[Kind]) -> _File:
    path = candidate.path
    try:
        data = read_regular(path)
    except Unreadable as error:
        problem = Problem(Place(shown(path), 1, 1), "path", str(error))
        raise InputError("the file cannot be read", [problem]) from error
    source = decode(path, data, root=candidate.root)
    if isinstance(source, Problem):
        raise InputError("the file cannot be read", [source])
    home = home_of(path, Path.cwd())
    text = migrate(source, kinds, modeline=lambda kind: modeline(kind, file=path, home=home))
    return _File(path, data, text)


def _verdict(file: _File) -> str:
    name = plain(str(file.path))
    if not file.changed:
        return f"{name}: nothing to rewrite"
    return f"{name}: rewrote {counted(len(file.migrated.agents), 'agent')}"


def _to_know(file: _File) -> Iterator[str]:
    """What the owner has to do or to know, a line each."""
    for agent in file.migrated.agents:
        head = plain(f"{file.path}: {agent.address}")
        if agent.partial:
            yield f"{head}: taken for an overlay, because it is not whole: nothing was added to it"
        for variable, member in agent.variables:
            yield f"{head}: set {variable}: it holds {member} now, the file does not"
        for name in agent.left:
            yield f"{head}: {name} is a comment now: this version has no word for it"
        if agent.needs:
            yield f"{head}: {_needs(agent)}"


def _needs(agent: Moved) -> str:
    fields = listed((f"spec.{name}" for name, _ in agent.needs), last="and")
    values = ", ".join(f"{name}: {json.dumps(value)}" for name, value in agent.needs)
    return (
        f"creating it needs {fields}; the defaults of {agent.tool} ({values}) are not written "
        "into the file: they would overrule what an agent has that exists"
    )
