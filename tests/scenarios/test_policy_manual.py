"""The manual of policy: each YAML in it is run with its own examples, each table against the code."""

import re
from pathlib import Path

import pytest

from reconciler.cli.policies import MAX_SECONDS, NUMBERS, agent_document
from reconciler.loader.policy.builtin import NAMES
from reconciler.loader.policy.cel import MAX_LENGTH, MAX_MACROS
from reconciler.model.manifest import Address
from reconciler.model.policy import Subject
from tests.support.cli import run_cli, write_manifests

MANUAL = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("text", BLOCKS, ids=range(len(BLOCKS)))
def test_each_configuration_passes_its_own_examples(text: str) -> None:
    """And fails them once a rule that is expected to speak is expected to be silent."""
    write_manifests(Path(), config=text)
    ran = run_cli("policy", "test", "manifests")
    assert (ran.code, ran.err) == (0, ""), ran.out + ran.err
    silent = re.sub(r"expect: \{.+\}", "expect: {}", text)
    assert silent != text
    write_manifests(Path(), config=silent)
    assert run_cli("policy", "test", "manifests").code == 1


def test_every_built_in_rule_has_a_section_and_an_example() -> None:
    """None is left out, and none is told that is not there."""
    sections = re.findall(r"^### (`.*)$", MANUAL, re.MULTILINE)
    assert sorted(re.findall(r"`([a-z-]+)`", " ".join(sections))) == sorted(NAMES)
    for name in NAMES:
        assert any(re.search(rf"\b{name}: *\S*", block) for block in BLOCKS), name


def test_every_variable_is_told() -> None:
    """The members of `agent` and the numbers of `plan`, all of them and no others."""
    subject = Subject(Address("v", "Kind", "name"), "update")
    table = MANUAL[MANUAL.index("| variable |") :].partition("\n\n")[0]
    first = "\n".join(row.split("|")[1] for row in table.splitlines())
    assert set(re.findall(r"`agent\.(\w+)`", first)) == set(agent_document(subject))
    (numbers,) = re.findall(r"^\| `plan` \| (.*)$", table, re.MULTILINE)
    assert tuple(re.findall(r"`(\w+)`", numbers)) == NUMBERS
    assert {"`target`", "`now`"} <= set(first.split())


def test_the_bounds_that_it_names_are_those_of_the_program() -> None:
    """Length, macros and time."""
    assert f"at most {MAX_LENGTH:,} characters" in MANUAL
    assert MAX_MACROS == 4
    assert "and four of the macros" in MANUAL
    assert f"after {MAX_SECONDS:g} seconds" in MANUAL


def test_what_it_shows_is_what_is_printed() -> None:
    """The command of its last example, over the configuration of its first."""
    write_manifests(Path(), config=BLOCKS[0])
    (shown,) = re.findall(r"^```console\n\$ reconcile (.*?)\n(.*?)^```$", MANUAL, re.M | re.S)
    assert run_cli(*shown[0].split()).out == shown[1]
