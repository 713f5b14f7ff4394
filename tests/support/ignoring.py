"""Ignore rules for tests of the differ."""

from reconciler.differ.pattern import parse_pattern
from reconciler.model.ignore import Ignore


def rule(path: str, line: int = 12) -> Ignore:
    """A rule for this pattern, somewhere in a `reconcile.yaml`."""
    return Ignore(path, parse_pattern(path), "because", f"reconcile.yaml:{line}:11")


def rules(*paths: str) -> tuple[Ignore, ...]:
    """Rules on lines of their own."""
    return tuple(rule(path, 12 + number) for number, path in enumerate(paths))
