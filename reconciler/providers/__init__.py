"""The clouds. Each is a folder here with a `provider` module that exposes `PROVIDER`.

A cloud outside this tree joins through an entry point of the group `reconcile.providers` that
names its provider object. No list of names stands anywhere: `discover()` looks.
"""

import importlib
import pkgutil
from importlib.metadata import entry_points
from importlib.util import find_spec

from reconciler.model.errors import InputError
from reconciler.ports import Provider

ENTRY_POINT_GROUP = "reconcile.providers"


def discover() -> tuple[Provider, ...]:
    """Every provider, sorted by name. Imports their schemas, but no HTTP client.

    Raises InputError when two share a name: settings below `targets.NAME` could mean either.
    """
    found: list[Provider] = []
    for module in pkgutil.iter_modules(__path__):
        name = f"{__name__}.{module.name}.provider"
        if module.ispkg and find_spec(name):
            found.append(importlib.import_module(name).PROVIDER)
    found.extend(entry.load() for entry in entry_points(group=ENTRY_POINT_GROUP))
    found.sort(key=lambda provider: provider.name)
    names = [provider.name for provider in found]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two providers are called {name}; uninstall one of them")
    return tuple(found)
