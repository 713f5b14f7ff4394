"""`--name A B`: several names after one option, without taking paths for names."""

from pathlib import Path

import pytest

from reconciler.cli.options import spread_names
from tests.support.cli import run_cli, write_manifests

SANDBOX = ("--target", "sandbox")
BOTH = ("customer-service", "reviewer")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own with the manifests in it."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ("manifests", "--name", *BOTH),
        ("--name", *BOTH, "manifests"),
        ("--name", *BOTH, *SANDBOX, "manifests"),
        ("--name", BOTH[0], "manifests", "--name", BOTH[1]),
        ("--name", *BOTH, "manifests/agents.yaml"),
        ("--name", *BOTH, "--", "manifests"),
        (f"--name={BOTH[0]}", "manifests", f"--name={BOTH[1]}"),
    ],
)
def test_several_names_stand_after_one_option(arguments: tuple[str, ...]) -> None:
    """Names go on up to the next option; a file or folder among them is a path."""
    ran = run_cli("validate", *arguments)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "OK: 2 agents in 1 file")
    one = run_cli("validate", "manifests", "--name", BOTH[0])
    assert one.out == "OK: 1 agent in 1 file\n"


@pytest.mark.parametrize("verb", ["validate", "plan", "apply"])
def test_every_verb_takes_them(verb: str) -> None:
    """Each of several names is looked for."""
    ran = run_cli(verb, *SANDBOX, "manifests", "--name", "nobody", "reviewr")
    assert ran.code == 1
    assert 'no agent is called "nobody"' in ran.out + ran.err
    assert 'did you mean "reviewer"?' in ran.out + ran.err


def test_a_mistyped_path_after_names_is_told_as_what_it_was_taken_for() -> None:
    """Where nothing is left to read, the message names what `--name` took."""
    ran = run_cli("validate", "--name", "reviewer", "manifets")
    assert ran.code == 1
    assert ran.err.startswith(
        "error: no PATH is left: no file or folder is called manifets, so --name took it\n"
    )
    missing = run_cli("validate", "--name", "reviewer")
    assert missing.err.startswith("error: Missing argument 'PATH...'")
    assert run_cli("validate", "--name").err.startswith("error: Option '--name' requires")


@pytest.mark.parametrize(
    ("arguments", "spread"),
    [
        ("--name a b --name c d", "--name a --name b --name c --name d"),
        ("--name a x/y b.yaml c", "--name a x/y b.yaml --name c"),
        ("--name a -q b", "--name a -q b"),
        ("a b --name", "a b --name"),
        ("--name a -- b", "--name a -- b"),
        ("-l a=b c", "-l a=b c"),
    ],
)
def test_what_looks_like_a_path_is_never_a_name(arguments: str, spread: str) -> None:
    """A separator or the ending of a manifest makes a path, an option ends the names."""
    assert spread_names(arguments.split())[0] == spread.split()
