"""Ignore rules: the one to paste for what a cloud did not keep, and what rules left alone."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from reconciler.differ.pattern import literal
from reconciler.model.ignore import Ignored
from reconciler.model.outcome import Outcome
from reconciler.report.count import counted

PASTE: Final = "the ignore rule for reconcile.yaml; below its own `ignore:`, if it has one:"
"""What stands above the rule."""

_REASON: Final = "the cloud did not keep this value"
_PLAIN: Final = re.compile(r"/[\w/.~-]*|[A-Za-z][A-Za-z0-9-]*", re.ASCII)
_WORDS: Final = frozenset({"null", "true", "false"})


def ignore_yaml(outcome: Outcome) -> str:
    """The lines to paste into `reconcile.yaml`; empty where there is nothing to propose."""
    if not outcome.not_kept:
        return ""
    lines = ["ignore:"]
    for path in outcome.not_kept:
        lines += [
            f"  - path: {_scalar(literal(path))}",
            f"    kind: {_scalar(outcome.address.kind)}",
            f"    names: [{_scalar(outcome.address.name)}]",
            f"    reason: {_REASON}",
        ]
    return "".join(f"{line}\n" for line in lines)


def _scalar(text: str) -> str:
    """A text as YAML: as it is where nobody can take it for something else, else quoted."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return json.dumps(text, ensure_ascii=False)


def ignored_lines(ignored: Sequence[Ignored], *, verbose: bool) -> Iterator[str]:
    """What rules left alone: each field with `verbose`, else how many for each rule."""
    if verbose:
        for one in ignored:
            yield f"ignored: {one.path} ({one.rule.place}: {one.rule.reason})"
        return
    for rule in dict.fromkeys(one.rule for one in ignored):
        number = sum(one.rule == rule for one in ignored)
        yield f"ignored: {counted(number, 'field')} ({rule.place}: {rule.reason})"
