"""The rule to paste is YAML that says the path it is for, whatever stands in the path."""

import pytest
from ruamel.yaml import YAML

from reconciler.differ.pattern import literal
from reconciler.model.manifest import Address
from reconciler.model.outcome import Outcome, Result
from reconciler.model.tree import join
from reconciler.report.ignoring import ignore_yaml

NAMES = (
    "PLAIN",
    "a: b",
    "#x",
    " x ",
    "no",
    "null",
    "1",
    "2027-01-31",
    "'",
    '"',
    "*",
    "é",
    "a\nb",
    "~",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_rule_reads_as_it_was_meant(name: str) -> None:
    """Path, kind and agent come out of a YAML parser as texts, and as they are."""
    path = join("/environmentVariables", name)
    outcome = Outcome(Address("v1", "Agent", name), "id", Result.NOT_KEPT, not_kept=(path,))
    (rule,) = YAML(typ="safe").load(ignore_yaml(outcome))["ignore"]
    assert rule["path"] == literal(path)
    assert (rule["kind"], rule["names"]) == ("Agent", [name])
