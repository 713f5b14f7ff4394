"""Every hostile input, by family. Importing a family registers its recipes."""

from tests.hostile.recipes import (
    bombs,
    bounds,
    characters,
    config,
    depth,
    encodings,
    files,
    keys,
    layers,
    numbers,
    options,
    patterns,
    references,
    syntax,
    tags,
)

FAMILIES = (
    bombs,
    bounds,
    characters,
    config,
    depth,
    encodings,
    files,
    keys,
    layers,
    numbers,
    options,
    patterns,
    references,
    syntax,
    tags,
)
