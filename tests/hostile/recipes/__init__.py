"""Every hostile input, by family: one module each. Importing a family registers its recipes."""

from importlib import import_module
from pkgutil import iter_modules

FAMILIES = tuple(import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
