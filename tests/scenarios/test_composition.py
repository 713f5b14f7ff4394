"""One set of manifests, several targets: overlays, variables and patches through whole commands."""

import json
from pathlib import Path

import pytest

from tests.support.cli import SECRETS, Ran, one_spaced, run_cli

CONFIG = """\
targets:
  sandbox:
    overlays: [overlays/big]
    vars: {TAG: v3}
  other:
    agentrun: {}
    vars: {TAG: v2}
"""
BASE = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: customer-service, labels: {team: support}}
spec:
  cpu: 2
  memory: 2048
  port: 8080
  containerConfiguration: {image: "registry.example.com/support/agent:${var.TAG}"}
  environmentVariables: {LOG_LEVEL: info, API_KEY: {secret: "env:SUPPORT_API_KEY"}}
"""
BIG = """\
kind: AgentRuntime
metadata: {name: customer-service}
spec:
  memory: 8192
---
kind: JSONPatch
target: {kind: AgentRuntime, name: customer-service}
ops: [{op: add, path: /spec/environmentVariables/SIZE, value: big}]
"""
FILES = {"reconcile.yaml": CONFIG, "agents/a.yaml": BASE, "overlays/big/o.yaml": BIG}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one agent and one overlay."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def sandbox(verb: str, path: str, *arguments: str) -> Ran:
    """Run a verb against the emulated clouds."""
    return run_cli(verb, path, "--target", "sandbox", *arguments, environ=SECRETS)


def test_the_plan_names_the_layer_that_set_each_field() -> None:
    """A changed field points at the overlay, the patch or the manifest that holds its value."""
    ran = sandbox("plan", "agents", "-o", "json=plan.json")
    assert ran.code == 0, ran.err
    assert "/memory: 2048 -> 8192 overlays/big/o.yaml:4:11" in one_spaced(ran.out)
    document = json.loads(Path("plan.json").read_text(encoding="utf-8"))
    (agent,) = document["agents"]
    places = {change["path"]: change["place"] for change in agent["changes"]}
    assert places["/memory"] == "overlays/big/o.yaml:4:11"
    assert places["/environmentVariables/SIZE"] == "overlays/big/o.yaml:8:63"
    assert places["/containerConfiguration/image"] == "agents/a.yaml:8:35"


def test_what_was_applied_with_overlays_is_in_sync_with_them() -> None:
    """Apply, then plan: no changes; and the live agent has the overlay's memory."""
    assert sandbox("apply", "agents", "--yes").code == 0
    assert sandbox("plan", "agents", "--detailed-exitcode").code == 0
    shown = run_cli("sandbox", "log", "-o", "json").out
    assert '"PUT"' in shown


def test_rendered_manifests_plan_as_the_layered_ones_do(folder: Path) -> None:
    """What `render` prints is all that there is to it: a plan from it differs in its places only."""
    (folder / "flat").mkdir()
    (folder / "flat" / "a.yaml").write_text(sandbox("render", "agents").out, encoding="utf-8")
    (folder / "flat" / "reconcile.yaml").write_text("defaultTarget: sandbox\n", encoding="utf-8")
    found = []
    for path in ("agents", "flat"):
        assert sandbox("plan", path, "-o", f"json={path}.json").code == 0
        document = json.loads(Path(f"{path}.json").read_text(encoding="utf-8"))
        (agent,) = document["agents"]
        found.append([{**change, "place": None} for change in agent["changes"]])
        assert len(found[-1]) >= 3
    assert found[0] == found[1]


def test_targets_differ_only_where_overlays_and_variables_say() -> None:
    """The same files under two targets: memory, size and tag differ, nothing else."""
    texts = [run_cli("render", "agents", "--target", name).out for name in ("sandbox", "other")]
    one, two = (set(text.splitlines()) for text in texts)
    assert sorted(line.strip() for line in one ^ two) == [
        "SIZE: big",
        "image: registry.example.com/support/agent:v2",
        "image: registry.example.com/support/agent:v3",
        "memory: 2048",
        "memory: 8192",
    ]


def test_validate_without_a_target_checks_every_one(folder: Path) -> None:
    """There is no default target: a variable that one of them lacks is found, with its place."""
    assert run_cli("validate", "agents").out == "OK: 1 agent in 1 file\n"
    config = CONFIG.replace("vars: {TAG: v2}", "vars: {}")
    (folder / "reconcile.yaml").write_text(config, encoding="utf-8")
    ran = run_cli("validate", "agents")
    assert ran.code == 1
    assert (
        "agents/a.yaml:8:71: error[undefined-variable]: "
        'the target "other" has no variable "TAG"' in ran.out
    )
    assert run_cli("validate", "agents", "--target", "sandbox").code == 0


def test_without_any_target_a_variable_has_no_meaning(folder: Path) -> None:
    """The built-in sandbox has no variables of its own."""
    (folder / "reconcile.yaml").unlink()
    for arguments, text in (
        ((), "no target was chosen"),
        (("--target", "sandbox"), 'the target "sandbox" has no variable "TAG"'),
    ):
        ran = run_cli("validate", "agents", *arguments)
        assert (ran.code, text in ran.out) == (1, True)


def test_mistakes_in_all_layers_are_told_in_one_run(folder: Path) -> None:
    """Manifest, overlay and configuration: sorted, with one count."""
    (folder / "agents" / "a.yaml").write_text(BASE.replace("cpu: 2", "cpus: 2"))
    (folder / "overlays" / "big" / "o.yaml").write_text(BIG.replace("8192", '"8192"'))
    (folder / "reconcile.yaml").write_text(CONFIG.replace("agentrun: {}", "overlays: [none]"))
    ran = run_cli("validate", "agents")
    assert ran.code == 1
    places = [line.partition(": error")[0] for line in ran.out.splitlines() if ": error[" in line]
    assert places == ["agents/a.yaml:5:3", "overlays/big/o.yaml:4:11", "reconcile.yaml:6:16"]
    assert ran.out.endswith("3 problems in 3 files\n")


def test_a_broken_configuration_is_not_blamed_on_the_manifests(folder: Path) -> None:
    """Where overlays and variables cannot be read, nothing is said of what needs them."""
    (folder / "reconcile.yaml").write_text(CONFIG + "  [\n", encoding="utf-8")
    ran = run_cli("validate", "agents")
    assert ran.code == 1
    assert [line.partition("]")[0] for line in ran.out.splitlines() if ": error[" in line] == [
        "reconcile.yaml:8:4: error[syntax"
    ]


def test_an_overlay_is_not_a_place_to_apply_from() -> None:
    """Naming an overlay's folder or file says what it is; naming what is around it is fine."""
    for path in ("overlays/big", "overlays/big/o.yaml"):
        ran = sandbox("apply", path, "--yes")
        assert ran.code == 1
        assert f"{path}:1:1: error[path]: belongs to an overlay" in ran.err
    assert sandbox("plan", ".").code == 0
    assert run_cli("validate", ".").out == "OK: 1 agent in 1 file\n"
