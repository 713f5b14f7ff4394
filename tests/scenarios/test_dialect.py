"""The vendor tool's YAML through the whole program: plan, apply, plan again."""

import json
import re
from pathlib import Path

import pytest

from tests.support.ar import HEAD, Case, rendered
from tests.support.cli import run_cli

SANDBOX = ("--target", "sandbox")
CANARY = "canary-77aa01"
TEXT = (
    f"{HEAD}spec:\n  container:\n    image: registry.example.com/ns/agent:v1\n"
    f"    imageRegistryType: CUSTOM\n"
    f"    registryConfig: {{auth: {{userName: u, password: {CANARY}}}}}\n"
    "  env: {LOG_LEVEL: info}\n"
)


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_it_is_planned_applied_and_then_in_sync() -> None:
    """A new agent is made with the tool's defaults; the second plan finds nothing to do."""
    Path("a.yaml").write_text(TEXT)
    plan = run_cli("plan", "a.yaml", *SANDBOX)
    assert "default of agentrun-cli, used for creating only" in plan.out
    assert run_cli("apply", "a.yaml", *SANDBOX, "--yes").code == 0
    again = run_cli("plan", "a.yaml", *SANDBOX, "--detailed-exitcode")
    assert again.code == 0
    assert "No changes." in again.out
    kept = (
        "cpu, memory and port are not in the manifest and keep their live values "
        "(agentrun-cli would set 2, 4096 and 9000)"
    )
    assert f"note on 1 agent in sync: {kept}\nNo changes." in again.out
    assert f"    in sync\n    note: {kept}\n" in run_cli("plan", "a.yaml", *SANDBOX, "-v").out


def test_what_somebody_set_in_the_console_stays() -> None:
    """More cores on the live agent are no drift, and an update for another reason keeps them."""
    Path("a.yaml").write_text(TEXT)
    run_cli("apply", "a.yaml", *SANDBOX, "--yes")
    assert run_cli("sandbox", "set", "a", "/cpu=8").code == 0
    assert "No changes." in run_cli("plan", "a.yaml", *SANDBOX).out
    Path("a.yaml").write_text(TEXT.replace("LOG_LEVEL: info", "LOG_LEVEL: debug"))
    document = run_cli("plan", "a.yaml", *SANDBOX, "-o", "json")
    agent = json.loads(document.out)["agents"][0]
    assert [change["path"] for change in agent["changes"]] == ["/environmentVariables/LOG_LEVEL"]
    assert agent["body"]["cpu"] == 8
    assert any("keep their live values" in note for note in agent["notes"])
    assert run_cli("apply", "a.yaml", *SANDBOX, "--yes").code == 0
    assert "No changes." in run_cli("plan", "a.yaml", *SANDBOX).out


def test_the_plan_leads_into_the_file_as_it_is_written() -> None:
    """Each change names the line and the column of the tool's own key."""
    Path("a.yaml").write_text(TEXT)
    run_cli("apply", "a.yaml", *SANDBOX, "--yes")
    Path("a.yaml").write_text(TEXT.replace("agent:v1", "agent:v2"))
    agent = json.loads(run_cli("plan", "a.yaml", *SANDBOX, "-o", "json").out)["agents"][0]
    assert [(one["path"], one["place"]) for one in agent["changes"]] == [
        ("/containerConfiguration/image", "a.yaml:6:12")
    ]


@pytest.mark.parametrize("verb", ["validate", "plan", "apply", "render", "migrate"])
def test_the_password_is_printed_by_no_verb(verb: str) -> None:
    """Plain text in the file stays in the file."""
    Path("a.yaml").write_text(TEXT)
    options = {"apply": [*SANDBOX, "--yes"], "migrate": [], "plan": [*SANDBOX, "-v"]}
    for output in ([], ["-o", "json"]) if verb != "migrate" else ([],):
        ran = run_cli(verb, "a.yaml", *options.get(verb, SANDBOX), *output)
        assert ran.code == 0
        assert CANARY not in ran.out + ran.err
    for file in Path(".reconcile").rglob("*.jsonl"):
        assert CANARY not in file.read_text()


def test_an_overlay_in_the_same_spelling_is_merged_before_translating() -> None:
    """Base and overlay are the tool's: the plan shows the overlay's value at the overlay's place."""
    Path("base").mkdir()
    Path("prod").mkdir()
    Path("reconcile.yaml").write_text(
        "targets:\n  prod: {agentrun: {}, overlays: [prod], vars: {TAG: v7}}\n"
    )
    Path("base/a.yaml").write_text(TEXT.replace("agent:v1", "agent:${var.TAG}"))
    Path("prod/a.yaml").write_text(f'{HEAD}spec:\n  cpu: 4\n  env: {{DEBUG: "1"}}\n')
    ran = run_cli("render", "base", "--target", "prod", "--why")
    assert re.search(r"cpu: 4  # \S*prod/a.yaml:5:8\n", ran.out)
    assert "image: registry.example.com/ns/agent:v7  # base/a.yaml:6:12 (var TAG" in ran.out
    assert "LOG_LEVEL: info" in ran.out
    assert re.search(r'DEBUG: "1"  # \S*prod/a.yaml:6:16', ran.out)


def test_an_overlay_in_another_spelling_is_an_error() -> None:
    """Two spellings of one agent are not merged: the overlay's apiVersion must be the base's."""
    Path("base").mkdir()
    Path("prod").mkdir()
    Path("reconcile.yaml").write_text("targets:\n  prod: {agentrun: {}, overlays: [prod]}\n")
    Path("base/a.yaml").write_text(TEXT)
    ours = HEAD.replace("agentrun/v1", "agentrun.aliyun.com/v1")
    Path("prod/a.yaml").write_text(f"{ours}spec: {{cpu: 4}}\n")
    ran = run_cli("validate", "base", "--target", "prod")
    assert ran.code == 1
    assert "prod/a.yaml:1:13: error[" in ran.out + ran.err


@pytest.mark.parametrize("case", rendered("documented"), ids=lambda case: case.title)
def test_every_documented_example_can_be_applied(case: Case) -> None:
    """As it stands in the tool's documentation: made, and in sync afterwards."""
    Path("a.yaml").write_text(case.text)
    assert run_cli("apply", "a.yaml", *SANDBOX, "--yes").code == 0
    assert "No changes." in run_cli("plan", "a.yaml", *SANDBOX).out
