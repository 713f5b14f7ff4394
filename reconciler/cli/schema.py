"""`reconcile schema`: the published JSON Schemas, of each kind of manifest and of the plan."""

import difflib
from typing import Final

import click

from reconciler.cli.setup import Catalogue
from reconciler.cli.world import World
from reconciler.model.errors import InputError
from reconciler.ports import Kind
from reconciler.report.json import dumps
from reconciler.report.plain import plain
from reconciler.report.schema import PLAN_SCHEMA, manifest_schema

PLAN: Final = "plan"


@click.command(epilog="\b\nExample:\n  reconcile schema AgentRuntime")
@click.argument("kind", required=False)
@click.pass_obj
def command(world: World, kind: str | None) -> int:
    """Print the JSON Schema of KIND; without KIND, list what there is."""
    kinds = {known.name: known for known in Catalogue(world.providers()).kinds}
    names = [*kinds, PLAN]
    if kind is None:
        for name in names:
            world.out.line(name)
    elif kind == PLAN:
        world.out.write(dumps(PLAN_SCHEMA))
    elif kind in kinds:
        world.out.write(dumps(_schema(kinds[kind])))
    else:
        near = difflib.get_close_matches(kind, names, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        raise InputError(f'there is no schema "{plain(kind)}" (known: {", ".join(names)}){hint}')
    return 0


def _schema(kind: Kind) -> dict[str, object]:
    return manifest_schema(
        api_version=kind.api_version,
        kind=kind.name,
        spec=kind.model.model_json_schema(),
        root=kind.rules.root,
    )
