"""`plan -o` and `apply -o`: every form of a plan from one read of each agent."""

import json
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

import pytest

from reconciler.cli.output import PLANS, RUNS, Format
from tests.support.cli import CANARY, MANIFESTS, SECRETS, Ran, run_cli, write_manifests

DOCUMENTS = [form for form in PLANS if form is not Format.TEXT]
NAMES = ("customer-service", "reviewer")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose two agents differ from what a new sandbox holds."""
    (tmp_path / ".git").mkdir()
    write_manifests(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plan(*arguments: str) -> Ran:
    return run_cli("plan", "manifests", "--target", "sandbox", *arguments, environ=SECRETS)


def apply(*arguments: str) -> Ran:
    return run_cli("apply", "manifests", "--target", "sandbox", *arguments, environ=SECRETS)


def requests() -> Counter[str]:
    lines = json.loads(run_cli("sandbox", "log", "-o", "json").out)["requests"]
    return Counter(f"{line['method']} {line['target']}" for line in lines)


def test_all_formats_cost_no_more_requests_than_one(folder: Path) -> None:
    """Nine files and the text come from one read of each agent."""
    plan()
    once = requests()
    ran = plan(*(f"-o{form}={form}.out" for form in PLANS))
    assert ran.code == 0
    both = requests()
    assert both - once == once
    for form in PLANS:
        assert (folder / f"{form}.out").read_text("utf-8"), form
    assert "Plan: 2 to update; 1 restart, 2 requests" in (folder / "text.out").read_text("utf-8")


@pytest.mark.parametrize("form", DOCUMENTS)
def test_a_document_stands_alone_on_standard_output(form: Format, folder: Path) -> None:
    """What programs read is the same in a file, and people read on standard error."""
    ran = plan("-o", form, f"-o{form}=copy.out")
    assert ran.code == 0
    copy = (folder / "copy.out").read_text("utf-8")
    assert ran.out == copy or form is Format.JSON  # two saved plans are two
    assert "Plan: 2 to update" in ran.err


def test_two_documents_do_not_share_standard_output() -> None:
    """They are refused together, before anything is read."""
    ran = plan("-o", "markdown", "-o", "sarif")
    assert ran.code == 1
    assert "-o: markdown and sarif cannot share standard output" in ran.err


def test_an_unknown_format_is_told_with_the_known_ones() -> None:
    """A slip gets a suggestion and the list."""
    ran = plan("-o", "markdwon")
    assert ran.code == 1
    assert ran.err == (
        'error: -o: unknown format "markdwon" (known: text, json, markdown, html, patch, sarif, '
        'junit, github, gitlab); did you mean "markdown"?\n'
    )


def test_the_forms_agree(folder: Path) -> None:
    """Each form tells of the same agents and numbers."""
    plan(*(f"-o{form}={form}.out" for form in PLANS))
    text = {form: (folder / f"{form}.out").read_text("utf-8") for form in PLANS}
    assert json.loads(text[Format.GITLAB]) == {"create": 0, "update": 2, "delete": 0}
    patches = json.loads(text[Format.PATCH])
    assert [one["agent"]["name"] for one in patches] == [*NAMES]
    document = json.loads(text[Format.JSON])
    assert [one["patch"] for one in patches] == [one["patch"] for one in document["agents"]]
    fields = [change["path"] for one in document["agents"] for change in one["changes"]]
    results = json.loads(text[Format.SARIF])["runs"][0]["results"]
    assert len(results) == len(fields) == text[Format.GITHUB].count("::warning file=manifests/")
    (suite,) = ET.fromstring(text[Format.JUNIT])
    assert [case.get("name") for case in suite] == [*NAMES]
    for form in (Format.MARKDOWN, Format.HTML, Format.TEXT):
        assert all(name in text[form] for name in NAMES)


def test_an_agent_in_sync_passes_everywhere(folder: Path) -> None:
    """After apply there is nothing to tell: no result, no annotation, no failure, no patch."""
    assert apply().code == 0
    plan(*(f"-o{form}={form}.out" for form in PLANS))
    assert json.loads((folder / "gitlab.out").read_text()) == dict.fromkeys(
        ("create", "update", "delete"), 0
    )
    assert json.loads((folder / "patch.out").read_text()) == []
    assert json.loads((folder / "sarif.out").read_text())["runs"][0]["results"] == []
    assert (folder / "github.out").read_text() == ""
    suite = ET.parse(folder / "junit.out").getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "0")
    assert "No changes." in (folder / "markdown.out").read_text("utf-8")


@pytest.mark.parametrize("form", [form for form in RUNS if form is not Format.TEXT])
def test_apply_writes_what_came_of_it(form: Format, folder: Path) -> None:
    """A run in each of its forms names its agents, on standard output and in a file."""
    ran = apply("-o", form, f"-o{form}=run.out")
    assert ran.code == 0
    assert ran.out == (folder / "run.out").read_text("utf-8")
    assert all(name in ran.out for name in NAMES)
    assert "Apply: 2 changed" in ran.err


def test_secrets_stand_in_no_form(folder: Path) -> None:
    """A resolved secret, and a live one that the manifest does not declare, are in no document."""
    live = "live-canary-9c1f"
    reset = run_cli(
        "sandbox", "set", "customer-service", f'/environmentVariables={{"TOKEN": "{live}"}}'
    )
    assert reset.code == 0, reset.err
    told = [plan(*(f"-o{form}=plan-{form}.out" for form in PLANS))]
    told.append(apply(*(f"-o{form}=apply-{form}.out" for form in RUNS)))
    files = list(folder.glob("*.out"))
    assert len(files) == len(PLANS) + len(RUNS)
    texts = [file.read_text("utf-8") for file in files]
    for text in (*texts, *(ran.out for ran in told), *(ran.err for ran in told)):
        assert CANARY not in text
        assert live not in text
    assert any("(hidden)" in text for text in texts)
    assert any("(sealed)" in text for text in texts)


def test_a_prompt_stays_what_it_is(folder: Path) -> None:
    """A prompt full of Markdown, HTML and workflow commands begins nothing of its own."""
    prompt = "```\\n</details><script>x</script>\\n::error::x\\n@octocat #1"
    write_manifests(folder, MANIFESTS.replace("prologue: 你好,请贴出改动", f'prologue: "{prompt}"'))
    assert plan(*(f"-o{form}={form}.out" for form in PLANS)).code == 0
    texts = {form: (folder / f"{form}.out").read_text("utf-8") for form in PLANS}
    assert "<script" not in texts[Format.HTML] + texts[Format.JUNIT]
    for form, text in texts.items():
        lines = [line for line in text.splitlines() if line.lstrip().startswith("::")]
        assert bool(lines) == (form is Format.GITHUB)
    assert "````diff\n" in texts[Format.MARKDOWN]
