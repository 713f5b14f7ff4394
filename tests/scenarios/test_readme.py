"""The README's section on applying safely: what it tells people to type works, in that order."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.support.cli import SECRETS, run_cli
from tests.support.records import records

ROOT = Path(__file__).parents[2]
SECTION = re.compile(r"^## Applying safely$.*?^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[list[str]]:
    """The words of each command of the section, without the program's name."""
    found = SECTION.search((ROOT / "README.md").read_text("utf-8"))
    assert found is not None
    lines = [line.removeprefix("$ ") for line in found[1].splitlines()]
    words = [shlex.split(line, comments=True) for line in lines]
    assert {first for first, *_ in words} == {"reconcile"}
    return [rest for _, *rest in words]


def test_the_commands_of_the_readme_can_be_typed_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the sample manifests each ends with 0; ID stands for the run that changed something."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "manifests", "manifests")
    verbs = commands()
    for words in verbs:
        run = next(iter(records(tmp_path)), "")
        typed = [run if word == "ID" else word for word in words]
        ran = run_cli(*typed, environ=SECRETS)
        assert ran.code == 0, f"{' '.join(typed)}\n{ran.out}{ran.err}"
    assert [words[0] for words in verbs].count("rollback") == 2
    commands_run = [lines[0]["command"] for lines in records(tmp_path).values()]
    assert commands_run == ["apply", "rollback", "release", "apply", "restart"]
