"""`validate -o sarif` and `-o github`: problems where other tools look for them."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.report.problems_schema import PROBLEMS_SCHEMA
from tests.support.cli import MANIFESTS, run_cli, write_manifests

BAD = MANIFESTS.replace("cpu: 2", "cpus: 2").replace("memory: 4096", 'memory: "4096"')
FIRST = "::error file=manifests/agents.yaml,line=5,col=3,endColumn=7,title=unknown-field::"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two mistakes in it."""
    (tmp_path / ".git").mkdir()
    write_manifests(tmp_path, BAD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_a_document_takes_standard_output_and_the_text_goes_to_standard_error(form: str) -> None:
    """What programs read stands alone on standard output; the exit code is the same."""
    ran = run_cli("validate", "manifests", "-o", form)
    assert ran.code == 1
    assert "manifests/agents.yaml:5:3: error[unknown-field]: " in ran.err
    assert ran.err.endswith("2 problems in 1 file\n")
    assert "error[" not in ran.out
    assert ran.out.startswith("::error " if form == "github" else "{\n")


def test_annotations_name_the_line_of_the_repository() -> None:
    """Each problem is one workflow command with the path that the pull request shows."""
    lines = run_cli("validate", "manifests", "-o", "github").out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(FIRST)
    assert "%0Ahelp: did you mean" in lines[0]


def test_paths_start_at_the_root_of_the_repository(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a folder inside the repository, or by a whole path, the annotation is the same."""
    whole = run_cli("validate", str(folder / "manifests"), "-o", "github").out
    assert whole.startswith(FIRST)
    monkeypatch.chdir(folder / "manifests")
    assert run_cli("validate", ".", "-o", "github").out == whole
    assert run_cli("validate", "../manifests", "-o", "github").out == whole


def test_sarif_has_a_result_for_each_problem() -> None:
    """The log names the file from the root of the repository, and the rule of each result."""
    (run,) = json.loads(run_cli("validate", "manifests", "-o", "sarif").out)["runs"]
    results = run["results"]
    assert [result["ruleId"] for result in results] == ["unknown-field", "wrong-type"]
    location = results[1]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {
        "uri": "manifests/agents.yaml",
        "uriBaseId": "%SRCROOT%",
    }
    assert location["region"] == {"startLine": 6, "startColumn": 11, "endColumn": 17}


def test_files_outside_of_the_repository_keep_their_whole_path(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manifest from elsewhere has an absolute address."""
    inside = folder / "inside"
    (inside / ".git").mkdir(parents=True)
    monkeypatch.chdir(inside)
    (run,) = json.loads(run_cli("validate", "../manifests", "-o", "sarif").out)["runs"]
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": (folder / "manifests" / "agents.yaml").as_uri()}


def test_all_formats_in_one_run(folder: Path) -> None:
    """Files get their reports beside the text, from one reading of the manifests."""
    outputs = [f"-o{form}={form}.out" for form in ("sarif", "github", "json", "text")]
    ran = run_cli("validate", "manifests", *outputs)
    assert ran.code == 1
    assert ran.out == (folder / "text.out").read_text("utf-8")
    assert (folder / "github.out").read_text("utf-8").startswith(FIRST)
    assert json.loads((folder / "sarif.out").read_text("utf-8"))["version"] == "2.1.0"
    document = json.loads((folder / "json.out").read_text("utf-8"))
    Draft202012Validator(PROBLEMS_SCHEMA).validate(document)
    assert len(document["problems"]) == 2


def test_good_manifests_make_empty_reports(folder: Path) -> None:
    """No annotation, a log without results, and `OK` for people."""
    write_manifests(folder)
    ran = run_cli("validate", "manifests", "-o", "github", "-o", "sarif=s.json")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "OK: 2 agents in 1 file\n"
    assert json.loads((folder / "s.json").read_text("utf-8"))["runs"][0]["results"] == []


def test_a_wrong_option_is_no_place_in_a_file() -> None:
    """A target that is not there is told without a file."""
    out = run_cli("validate", "manifests", "--target", "prdo", "-o", "github").out
    assert out.startswith("::error title=target::--target: there is no target")
    (run,) = json.loads(run_cli("validate", "manifests", "--target", "prdo", "-o", "sarif").out)[
        "runs"
    ]
    assert "locations" not in run["results"][0]


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_other_commands_say_what_they_write(form: str) -> None:
    """`apply` has nothing to say of lines in files: the formats that it takes are named."""
    ran = run_cli("apply", "manifests", "--target", "sandbox", "-o", form)
    assert ran.code == 1
    assert ran.err == (
        f"error: -o {form}: this command does not write that "
        "(known: text, json, markdown, html, junit)\n"
    )


def test_the_text_says_where_the_story_is() -> None:
    """Under the errors stands how to read more; with one code it is named, with -q left out."""
    ran = run_cli("validate", "manifests")
    assert ran.out.endswith("\nFor more: reconcile explain CODE\n2 problems in 1 file\n")
    ran = run_cli("validate", "manifets")
    assert ran.out.endswith("\nFor more: reconcile explain path\n1 problem in 1 file\n")
    assert "For more" not in run_cli("validate", "manifests", "-q").out


def test_a_secret_stands_in_no_format(folder: Path) -> None:
    """What was typed in plain text where a reference belongs is in none of the documents."""
    canary = "hunter2-canary-77"
    config = "registryConfig: {authConfig: {password: " + canary + "}}"
    write_manifests(folder, MANIFESTS.replace("image: ", f"{config}, image: "))
    for form in ("text", "json", "sarif", "github"):
        ran = run_cli("validate", "manifests", "-o", form)
        assert ran.code == 1
        assert "plain-secret" in ran.out
        assert canary not in ran.out + ran.err
