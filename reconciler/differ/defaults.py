"""Values that count for creating alone: laid under the manifest there, and never compared."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from reconciler.model.manifest import Desired
from reconciler.model.tree import Tree

USED_FOR_CREATING = "used for creating only"


def with_defaults(desired: Desired) -> Desired:
    """What is wanted of an agent that is made: the defaults where the manifest is silent."""
    defaults = desired.create_defaults
    if defaults is None:
        return desired
    spec = _laid_under(defaults.tree, desired.spec)
    for name, members in defaults.within.items():
        if isinstance(spec.get(name), dict):
            spec[name] = _laid_under(members, spec[name])
    return replace(desired, spec=spec)


def creation_note(desired: Desired, name: str) -> str:
    """What is to be said of a top-level field of a creation: which of it is a default."""
    if desired.create_defaults is None:
        return ""
    told = f"default of {desired.create_defaults.source}, {USED_FOR_CREATING}"
    found = [path for path, _ in _silent(with_defaults(desired).spec, desired.spec)]
    if (name,) in found:
        return told
    below = [".".join(path[1:]) for path in found if path[0] == name]
    return f"{', '.join(below)}: {told}" if below else ""


def kept_note(desired: Desired) -> str:
    """What is to be said of a live agent: which values its manifest leaves alone."""
    defaults = desired.create_defaults
    if defaults is None:
        return ""
    whole = with_defaults(desired).spec
    # An object that only creating needs is nothing that the tool would reset.
    found = [
        (".".join(path), value)
        for path, value in _silent(whole, desired.spec)
        if len(path) > 1 or not isinstance(value, dict)
    ]
    if not found:
        return ""
    names = _listed([path for path, _ in found])
    values = _listed([str(value) for _, value in found])
    verbs = ("is", "keeps its live value") if len(found) == 1 else ("are", "keep their live values")
    return (
        f"{names} {verbs[0]} not in the manifest and {verbs[1]} "
        f"({defaults.source} would set {values})"
    )


def _laid_under(defaults: Tree, spec: Tree) -> Tree:
    """The spec with what it leaves out. A null is no silence: it asks for something."""
    whole = dict(spec)
    for name, value in defaults.items():
        if name not in spec:
            whole[name] = value
        elif isinstance(value, dict) and isinstance(spec[name], dict):
            whole[name] = _laid_under(value, spec[name])
    return whole


def _silent(whole: Tree, spec: Tree) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The path and the value of each default in `whole`: what `spec` does not have."""
    for name, value in whole.items():
        if name not in spec:
            yield (name,), value
        elif isinstance(value, dict) and isinstance(spec[name], dict):
            for path, inner in _silent(value, spec[name]):
                yield (name, *path), inner


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
