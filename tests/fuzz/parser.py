"""Fuzzing of the parser: bytes to documents, under the laws that hold for any bytes.

`python tests/fuzz/parser.py -runs=N` (see `make fuzz`); needs the extra `fuzz`.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fuzz.engine import fuzz, instrumented

with instrumented():
    from reconciler.loader import cevents
    from reconciler.loader.compose import documents
    from reconciler.loader.diagnostics import render_problem
    from reconciler.loader.findings import Findings
    from reconciler.loader.source import Source, decode
    from reconciler.model.errors import Problem

from tests.fuzz.seeds import texts
from tests.hostile.bounded import active

_FILE = Path("a.yaml")


def one_input(data: bytes) -> None:
    """Read these bytes with both parsers: they agree, and what they say has its place."""
    source = decode(_FILE, data, root=Path())
    if isinstance(source, Problem):
        _check_problem(source, data.count(b"\n") + data.count(b"\r") + 1)
        return
    fast = _answer(source)
    if cevents.PARSER is not None:
        parser, cevents.PARSER = cevents.PARSER, None
        try:
            careful = _answer(source)
        finally:
            cevents.PARSER = parser
        if fast != careful:
            raise AssertionError(f"the parsers differ:\n{fast}\n{careful}")


def _answer(source: Source) -> object:
    """Everything that is found in a text, with its spans."""
    findings = Findings(source)
    found = documents(findings)
    size = len(source.text)
    for document in found:
        for pointer, (start, end) in document.spans.items():
            assert 0 <= start <= end <= size, pointer
    problems = findings.problems()
    for problem in problems:
        _check_problem(problem, len(source.lines.starts))
    values = [(one.value, sorted(one.spans.items()), sorted(one.broken)) for one in found]
    return repr(values), problems


def _check_problem(problem: Problem, lines: int) -> None:
    """A problem stands in the file, and its text cannot act on a terminal."""
    assert 1 <= problem.place.line <= lines
    assert problem.place.column >= 1
    shown = render_problem(problem)
    assert not active(shown), ascii(shown)


if __name__ == "__main__":
    fuzz(one_input, texts())
