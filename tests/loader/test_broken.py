"""Broken manifests and what is said about each, word for word. The cases stand in `broken/`."""

from pathlib import Path

import pytest

from reconciler.loader.load import load
from reconciler.model.errors import InputError
from tests.support.loader import BOT_HEAD, HEAD, KINDS, complaints, first_lines

HEADS = {"file": "", "runtime": HEAD, "bot": BOT_HEAD}


def _cases() -> list[object]:
    cases: list[object] = []
    for path in sorted((Path(__file__).parent / "broken").glob("*.txt")):
        for number, case in enumerate(path.read_text("utf-8").split(">>> ")[1:], start=1):
            head, _, rest = case.partition("\n")
            text, _, expected = rest.partition("\n<<<\n")
            cases.append(
                pytest.param(HEADS[head] + text + "\n", expected, id=f"{path.stem}-{number}")
            )
    return cases


@pytest.mark.parametrize(("text", "expected"), _cases())
def test_each_broken_manifest_gets_its_message(tmp_path: Path, text: str, expected: str) -> None:
    """A broken manifest is told about with its line, its column, its code and the way out."""
    told: list[str] = []
    for complaint in complaints(tmp_path, text):
        first, *rest = complaint.splitlines()
        told.append(first)
        told += [f"  {line.strip()}" for line in rest if line.strip().startswith("= help")]
    assert told == expected.strip("\n").splitlines()


def test_there_are_enough_broken_manifests() -> None:
    """The table covers more than a hundred mistakes."""
    assert len(_cases()) > 100


def test_problems_of_all_files_are_told_in_one_run(tmp_path: Path) -> None:
    """Two broken files and a third that is not UTF-8: one error with the problems of all, sorted."""
    (tmp_path / "b.yaml").write_text(HEAD + 'spec: {cpu: "2", prot: 1}\n')
    (tmp_path / "a.yaml").write_text(HEAD.replace("name: a", "name: z") + "spec: {memory: x}\n")
    (tmp_path / "c.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(InputError) as caught:
        load([tmp_path], kinds=KINDS)
    found = [(Path(p.place.file).name, p.place.column, p.code) for p in caught.value.problems]
    assert found == [
        ("a.yaml", 16, "wrong-type"),
        ("b.yaml", 13, "wrong-type"),
        ("b.yaml", 18, "unknown-field"),
        ("c.json", 8, "encoding"),
    ]
    assert str(caught.value) == "4 problems in 3 files"


def test_what_stood_before_a_syntax_error_is_checked_too(tmp_path: Path) -> None:
    """A syntax error in the second document does not hide a mistake in the first."""
    told = first_lines(tmp_path, HEAD + "spec: {cpu: x}\n---\na: [\n")
    assert [line.split(": ", 1)[1] for line in told] == [
        'error[wrong-type]: cpu: expected a number, found the string "x"',
        "error[syntax]: a value is missing here",
    ]


def test_the_same_agent_twice_names_both_places(tmp_path: Path) -> None:
    """An agent that two files declare is an error at the second, which names the first."""
    (tmp_path / "one.yaml").write_text(HEAD + "spec: {}\n")
    (tmp_path / "two.yaml").write_text("# again\n" + HEAD + "spec: {}\n")
    with pytest.raises(InputError) as caught:
        load([tmp_path], kinds=KINDS)
    (problem,) = caught.value.problems
    assert (problem.place.file, problem.place.line) == (str(tmp_path / "two.yaml"), 4)
    assert problem.text == f'Runtime "a" is declared twice, first at {tmp_path}/one.yaml:3:18'


def test_two_manifests_of_one_id_name_both_places(tmp_path: Path) -> None:
    """Two handles for the same agent in the cloud would overwrite each other: an error."""
    one = BOT_HEAD + "spec: {botId: abc}\n"
    told = first_lines(tmp_path, one + "---\n" + one.replace("name: b", "name: c"))
    assert told == [
        'a.yaml:9:15: error[declared-twice]: botId "abc" is declared twice, first at a.yaml:4:15'
    ]


def test_the_same_name_in_two_clouds_is_no_error(tmp_path: Path) -> None:
    """A runtime and a bot may have the same name."""
    bot = BOT_HEAD.replace("name: b", "name: a") + "spec: {botId: abc}\n"
    assert first_lines(tmp_path, HEAD + "spec: {}\n---\n" + bot) == []


def test_nonsense_without_end_is_told_once(tmp_path: Path) -> None:
    """After a thousand problems in one file the rest is counted, not listed."""
    told = first_lines(tmp_path, HEAD + "spec:\n" + "".join(f"  k{n}: 1\n" for n in range(1500)))
    assert len(told) == 1001
    assert told[-1].endswith("error[too-many]: 500 more problems in this file are not listed")
