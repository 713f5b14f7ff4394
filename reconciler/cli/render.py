"""`reconcile render`: the manifests as they are after variables, overlays and patches.

References to secrets stay references, and no cloud is asked. The text is YAML that loads again and
says the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from reconciler.cli.options import Request, Verb, shared
from reconciler.cli.output import Format, write_file
from reconciler.cli.setup import Setup, prepare
from reconciler.cli.world import World
from reconciler.loader.layers.variables import escaped
from reconciler.loader.modeline import home_of, modeline
from reconciler.loader.references import MEMBER, SecretReference, is_reference
from reconciler.loader.write import Comment, to_yaml
from reconciler.model.manifest import History, Manifest, Place
from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_SEALED, Json, Tree, join, parents
from reconciler.report.json import FORMAT_VERSION, dumps
from reconciler.report.plain import plain

_NOTHING: Final = History()


@click.command(cls=Verb, epilog="\b\nExample:\n  reconcile render manifests/ --target prod --why")
@shared
@click.option("--why", is_flag=True, help="Say behind each value where it comes from.")
@click.pass_obj
def command(world: World, request: Request, why: bool) -> int:
    """Print the effective manifests; no cloud is asked and no secret resolved."""
    setup = prepare(world, request, tell=world.err, need_sections=False)
    text = _stream(setup.loaded.manifests, why=why)
    document = dumps(_document(setup))
    world.out.write(document if request.outputs.json_to_stdout else text)
    for form, path in request.outputs.files:
        content = document if form is Format.JSON else _headed(text, setup, path)
        write_file(path, content)
    return 0


def _headed(text: str, setup: Setup, path: Path) -> str:
    """The text for a file; where all manifests are of one kind its schema is named for editors."""
    kinds = {manifest.address.kind for manifest in setup.loaded.manifests}
    if len(kinds) != 1:
        return text
    line = modeline(kinds.pop(), file=path, home=home_of(path.absolute(), Path.cwd()))
    return f"{line}\n{text}"


def _stream(manifests: Sequence[Manifest], *, why: bool) -> str:
    return "---\n".join(
        to_yaml(effective(manifest), _reason(manifest) if why else None) for manifest in manifests
    )


def effective(manifest: Manifest) -> Tree:
    """The document that says of an agent what all layers together say."""
    address = manifest.address
    head = manifest.head or {"apiVersion": None, "kind": None, "metadata": {}, "spec": None}
    metadata = head.get("metadata")
    own = {
        "apiVersion": address.api_version,
        "kind": address.kind,
        "metadata": {**(metadata if isinstance(metadata, dict) else {}), "name": address.name},
        "spec": manifest.spec,
    }
    return {name: _public(own.get(name, value)) for name, value in head.items()}


def _public(value: Any) -> Json:
    """A value as a manifest writes it: no secret, and no text that looks like a variable."""
    if isinstance(value, SecretReference):
        return {"secret": escaped(f"{value.scheme}:{value.text}")}
    if isinstance(value, Sealed):
        return PUBLIC_SEALED
    if isinstance(value, dict):
        return {name: _public(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_public(item) for item in value]
    return escaped(value) if isinstance(value, str) else value


def _reason(manifest: Manifest) -> Comment:
    """What to say about the value at a pointer: where it stands, and what it took the place of.

    Containers are passed over, for their members have lines of their own, unless they were put
    there whole.
    """

    def comment(pointer: str, value: Json) -> str:
        if is_reference(value):
            pointer, value = join(pointer, MEMBER), value[MEMBER]
        history = manifest.histories.get(pointer, _NOTHING)
        if value and isinstance(value, dict | list) and history.was is None:
            return ""
        uses = [f"(var {use.name} {plain(str(use.place))})" for use in history.variables]
        was = [f"(was {plain(str(history.was))})"] if history.was is not None else []
        return " ".join([plain(str(_place(manifest, pointer))), *uses, *was])

    return comment


def _place(manifest: Manifest, pointer: str) -> Place:
    """Where a value was written, or the nearest value around it."""
    places = (manifest.places[above] for above in parents(pointer) if above in manifest.places)
    return next(places, manifest.place)


def _document(setup: Setup) -> dict[str, Any]:
    return {
        "formatVersion": FORMAT_VERSION,
        "target": setup.target.name,
        "manifests": [
            {"document": effective(manifest), "why": dict(_why(manifest))}
            for manifest in setup.loaded.manifests
        ],
    }


def _why(manifest: Manifest) -> Iterator[tuple[str, dict[str, Any]]]:
    """The origin of every value that holds no others, and of those that were replaced whole."""
    for pointer, value in _values(effective(manifest), ""):
        history = manifest.histories.get(pointer, _NOTHING)
        if value and isinstance(value, dict | list) and history.was is None:
            continue
        origin: dict[str, Any] = {"place": str(_place(manifest, pointer))}
        if history.variables:
            uses = history.variables
            origin["variables"] = [{"name": use.name, "place": str(use.place)} for use in uses]
        if history.was is not None:
            origin["was"] = str(history.was)
        yield pointer, origin


def _values(value: Json, pointer: str) -> Iterator[tuple[str, Json]]:
    """Everything below a value, with its pointer."""
    members: Iterable[tuple[str | int, Json]] = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    for token, member in members:
        below = join(pointer, token)
        yield below, member
        yield from _values(member, below)
