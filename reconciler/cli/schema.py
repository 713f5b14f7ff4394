"""`reconcile schema`: the published JSON Schemas, of what people write and of what programs read."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import click

from reconciler.cli.output import write_file
from reconciler.cli.setup import Catalogue
from reconciler.cli.world import World
from reconciler.loader.modeline import SCHEMAS, home_of
from reconciler.loader.words import did_you_mean
from reconciler.model.errors import InputError
from reconciler.ports import Kind
from reconciler.report.config_schema import config_schema
from reconciler.report.json import dumps
from reconciler.report.patch_schema import patch_schema
from reconciler.report.plain import plain
from reconciler.report.plan_schema import PLAN_SCHEMA
from reconciler.report.problems_schema import PROBLEMS_SCHEMA
from reconciler.report.record_schema import RECORD_SCHEMA
from reconciler.report.runs_schema import RUNS_SCHEMA
from reconciler.report.schema import manifest_schema
from reconciler.report.status_schema import STATUS_SCHEMA

OVERLAY: Final = ".overlay"
"""What follows the name of a kind in the name of its overlays' schema."""

Schemas: TypeAlias = Mapping[str, Callable[[], Mapping[str, Any]]]


def schemas(catalogue: Catalogue) -> Schemas:
    """Every schema by its name, made when it is asked for."""
    kinds = catalogue.kinds
    settings = catalogue.settings
    return {
        **{kind.name: partial(kind_schema, kind) for kind in kinds},
        **{f"{kind.name}{OVERLAY}": partial(kind_schema, kind, overlay=True) for kind in kinds},
        "JSONPatch": lambda: patch_schema([kind.name for kind in kinds]),
        "config": lambda: config_schema(
            {name: model.model_json_schema() for name, model in settings.items()}
        ),
        "plan": lambda: PLAN_SCHEMA,
        "problems": lambda: PROBLEMS_SCHEMA,
        "run-record": lambda: RECORD_SCHEMA,
        "runs": lambda: RUNS_SCHEMA,
        "status": lambda: STATUS_SCHEMA,
    }


def kind_schema(kind: Kind, *, overlay: bool = False) -> dict[str, Any]:
    """The schema of a kind of manifest, or of overlays of it."""
    return manifest_schema(
        api_version=kind.api_version,
        kind=kind.name,
        spec=kind.model.model_json_schema(),
        root=kind.rules.root,
        parameters=kind.rules.parameters,
        overlay=overlay,
    )


@click.command(
    epilog="\b\nExamples:\n"
    "  reconcile schema                 # what there is\n"
    "  reconcile schema AgentRuntime    # print one\n"
    "  reconcile schema --write         # all of them, where modelines lead"
)
@click.argument("name", required=False)
@click.option(
    "--write",
    "folder",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help=f"Write all schemas, or that one, as files below DIR; default {SCHEMAS} beside "
    "reconcile.yaml, else in the working folder. Modelines of files that are written lead there.",
)
@click.option("--check", is_flag=True, help="Write nothing; fail where a file differs.")
@click.pass_obj
def command(world: World, name: str | None, folder: str | None, check: bool) -> int:
    """Print the JSON Schema called NAME; without NAME, list what there is."""
    known = schemas(Catalogue(world.providers()))
    if name is not None and name not in known:
        near = did_you_mean(name, known)
        hint = f"; {near}" if near else ""
        raise InputError(f'there is no schema "{plain(name)}" (known: {", ".join(known)}){hint}')
    chosen = known if name is None else {name: known[name]}
    if folder is not None or check:
        act = _compare if check else _write
        return act(world, chosen, Path(folder) if folder else _default())
    if name is None:
        for one in known:
            world.out.line(one)
    else:
        world.out.write(dumps(known[name]()))
    return 0


def _default() -> Path:
    """Where modelines lead, from the working folder if it lies below."""
    here = Path.cwd()
    folder = home_of(here, here) / SCHEMAS
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _write(world: World, chosen: Schemas, folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"--write: cannot make the folder {plain(str(folder))}: {error.strerror}"
        raise InputError(text) from error
    for name, make in chosen.items():
        try:
            write_file(folder / f"{name}.json", dumps(make()))
        except InputError as error:
            raise InputError(f"--write: {str(error).removeprefix('-o: ')}") from error
    world.out.line(f"wrote {_count(chosen)} to {plain(str(folder))}")
    return 0


def _compare(world: World, chosen: Schemas, folder: Path) -> int:
    """Compare files with what this version generates. Raises InputError where any differs."""
    differing = [
        plain(str(path))
        for name, make in chosen.items()
        if _text(path := folder / f"{name}.json") != dumps(make())
    ]
    if differing:
        own = "" if folder == _default() else f" {plain(str(folder))}"
        raise InputError(
            f"not what this version generates: {', '.join(differing)}; "
            f"run: reconcile schema --write{own}"
        )
    world.out.line(f"{_count(chosen)} in {plain(str(folder))}: up to date")
    return 0


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _count(chosen: Schemas) -> str:
    return "1 schema" if len(chosen) == 1 else f"{len(chosen)} schemas"
