"""`-o`: where reports go."""

import os
import stat
from pathlib import Path

import pytest

from reconciler.cli.output import PROBLEMS, Format, Outputs, parse_outputs, write_file
from reconciler.model.errors import InputError


def test_formats_go_to_standard_output_or_to_files(tmp_path: Path) -> None:
    """`-o json -o text=FILE` prints the document and writes the text to the file."""
    file = tmp_path / "plan.txt"
    assert parse_outputs([]) == Outputs()
    assert parse_outputs(["text"]) == Outputs()
    assert parse_outputs(["json", f"text={file}"]) == Outputs(Format.JSON, ((Format.TEXT, file),))
    assert parse_outputs(["text", "json"]) == parse_outputs(["json"]) == Outputs(Format.JSON)
    assert parse_outputs([f"json={file}"]).wants_json


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_some_formats_are_for_problems_only(form: str) -> None:
    """A format that another command writes is refused with those that this one writes."""
    assert parse_outputs([form], PROBLEMS) == Outputs(Format(form))
    with pytest.raises(InputError) as caught:
        parse_outputs([form])
    assert str(caught.value) == f"-o {form}: this command does not write that (known: text, json)"


def test_standard_output_takes_one_document() -> None:
    """Two documents in one stream could be read by no program; the message says what to type."""
    with pytest.raises(InputError) as caught:
        parse_outputs(["json", "sarif"], PROBLEMS)
    assert str(caught.value) == (
        "-o: json and sarif cannot share standard output; "
        "give one of them a file, as in -o sarif=FILE"
    )


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (["jsno"], 'unknown format "jsno" (known: text, json); did you mean "json"?'),
        (["\x1b[31m"], 'unknown format "\\u001b[31m" (known: text, json)'),
        (["json="], "no file is named"),
        (["json", "json"], "the same format goes to standard output twice"),
        (["json=a", "text=a"], "two reports go to the same file"),
        (["json=missing/a.json"], "the folder of missing/a.json does not exist"),
        (["json=."], "is a folder"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_any_work(
    values: list[str], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report that could not be written is refused at once, with the way out."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as caught:
        parse_outputs(values)
    assert text in str(caught.value)


def test_a_report_replaces_its_file_in_one_step(tmp_path: Path) -> None:
    """A reader sees the old report or the new one, and no draft is left behind."""
    file = tmp_path / "plan.json"
    file.write_text("old")
    before = file.stat().st_ino
    write_file(file, "new 你好\n")
    assert file.read_text(encoding="utf-8") == "new 你好\n"
    assert file.stat().st_ino != before
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """A report written through a symbolic link changes what the link points to."""
    target, link = tmp_path / "real.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    write_file(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    """A named pipe is not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_file(pipe, "through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_file_that_cannot_be_written_is_an_error_of_the_users(tmp_path: Path) -> None:
    """What the system says about the file is told; nothing is left behind."""
    folder = tmp_path / "gone"
    with pytest.raises(InputError, match="No such file or directory"):
        write_file(folder / "a.json", "text")
    assert not folder.exists()


@pytest.mark.parametrize("name", ["a" * 250, "智" * 83], ids=["long", "long-chinese"])
def test_a_report_may_have_a_long_name(tmp_path: Path, name: str) -> None:
    """What the file system takes as a name we take: the draft's is not longer."""
    file = tmp_path / f"{name}.json"
    write_file(file, "new")
    assert file.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_report_keeps_the_permissions_of_its_file(tmp_path: Path) -> None:
    """Who made the file private did so for the reports as well."""
    file = tmp_path / "plan.json"
    file.write_text("old")
    file.chmod(0o600)
    write_file(file, "new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
