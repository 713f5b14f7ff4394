"""Taking an earlier run back from its record, through the command line."""

import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import control
from reconciler.sandbox.store import Store
from tests.support.cli import CANARY, MANIFESTS, SECRETS, Ran, Tty, run_cli, write_manifests
from tests.support.records import RUNS, events, records

SANDBOX = ("--target", "sandbox")
NAME = "customer-service"
WORKSPACE = "ws-0123456789abcdef"
REVIEWER = "代码评审助手"
RUNTIME = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: customer-service}
spec:
  memory: 4096
  containerConfiguration: {image: "registry.example.com/support/agent:v3"}
  environmentVariables: {LOG_LEVEL: debug}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def live(folder: Path, pointer: str, name: str = NAME) -> Any:
    """What an agent truly holds."""
    with Store(folder / ".reconcile" / "sandbox.db") as store:
        return control.value_of(store, name, pointer, 4e9)


def console(folder: Path, assignment: str, name: str = NAME) -> None:
    """Somebody changes a value in the console."""
    assert run_cli("sandbox", "set", name, assignment).code == 0


def apply(*arguments: str) -> Ran:
    """One apply of the manifests."""
    return run_cli("apply", "manifests", *SANDBOX, *arguments, environ=SECRETS)


def applied(folder: Path, text: str = RUNTIME) -> str:
    """Apply these manifests; the id of that run."""
    write_manifests(folder, text)
    ran = apply("-o", "json")
    assert ran.code == 0, ran.err
    return str(json.loads(ran.out)["run"])


def rollback(run: str, *arguments: str) -> Ran:
    """Take a run back, without credentials: none is needed for the sandbox."""
    return run_cli("rollback", "--run", run, *arguments)


BEFORE = {
    "/memory": 2048,
    "/containerConfiguration/image": "registry.example.com/support/agent:v2",
    "/environmentVariables/LOG_LEVEL": "info",
}


def test_what_a_run_changed_is_as_before_and_the_rest_is_not_touched(folder: Path) -> None:
    """Both clouds go back from the record alone; the console's later change elsewhere stays."""
    write_manifests(folder, MANIFESTS.replace(', API_KEY: {secret: "env:SUPPORT_API_KEY"}', ""))
    run_cli("sandbox", "reset")
    before = {pointer: live(folder, pointer) for pointer in BEFORE}
    prologue = live(folder, "/properties/prologue", REVIEWER)
    ran = apply("-o", "json")
    run = json.loads(ran.out)["run"]
    assert ran.code == 0, ran.err
    assert live(folder, "/memory") == 4096
    console(folder, "/description=by hand")
    (folder / "manifests" / "agents.yaml").unlink()
    back = rollback(run)
    assert back.code == 0, back.out + back.err
    assert {pointer: live(folder, pointer) for pointer in BEFORE} == before
    assert live(folder, "/properties/prologue", REVIEWER) == prologue
    assert live(folder, "/description") == "by hand"
    started = [lines[0] for lines in records(folder).values()]
    assert [(one["command"], one.get("of")) for one in started] == [
        ("apply", None),
        ("rollback", run),
    ]


def test_a_dry_run_shows_the_plan_and_sends_nothing(folder: Path) -> None:
    """It reads, prints what would go back, and leaves neither a write nor a record."""
    run = applied(folder)
    ran = rollback(run[:12], "--dry-run", "-o", "json=plan.json")
    assert ran.code == 0, ran.err
    assert '"registry.example.com/support/agent:v3" -> ' in ran.out
    document = json.loads((folder / "plan.json").read_text())
    assert document["rollbackOf"] == run
    assert document["agents"][0]["action"] == "update"
    assert live(folder, "/memory") == 4096
    assert list(records(folder)) == [run]


def test_an_agent_that_moved_on_is_left_alone_and_told(folder: Path) -> None:
    """A touched field that is no longer as the run left it: 7, with what it is and what to do."""
    run = applied(folder)
    console(folder, "/memory=8192")
    ran = rollback(run)
    assert ran.code == 7
    assert "/memory is 8192 now; that run left 4096" in ran.out
    assert "change its manifest and apply" in ran.out
    assert live(folder, "/memory") == 8192
    assert live(folder, "/containerConfiguration/image").endswith(":v3")


class Meanwhile(Tty):
    """Somebody who works in the console while the question waits, and then says yes."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self._act = act

    def readline(self, *_: object) -> str:  # type: ignore[override]
        self._act()
        return "y\n"


def at_once(folder: Path, pointer: str, value: Any) -> None:
    """Somebody changes a value in the console at the moment of the last request."""
    with Store(folder / ".reconcile" / "sandbox.db") as store:
        control.set_value(store, NAME, pointer, value, control.log_lines(store)[-1].at)


def asked(run: str, act: Callable[[], None]) -> Ran:
    """Take a run back on a terminal; `act` happens between the plan and the answer."""
    arguments = ("rollback", "--run", run, "--no-color")
    return run_cli(*arguments, stdin=Meanwhile(act), stdout=Tty(), stderr=Tty())


def test_a_touched_field_that_moves_after_the_plan_is_not_overwritten(folder: Path) -> None:
    """The plan is held against the read just before the write: 7, and the other's value stays."""
    run = applied(folder)
    ran = asked(run, lambda: at_once(folder, "/memory", 8192))
    assert ran.code == 7
    assert "/memory: 4096 when the plan was made, 8192 now" in ran.out
    assert live(folder, "/memory") == 8192
    assert live(folder, "/containerConfiguration/image").endswith(":v3")


def test_another_field_that_moves_after_the_plan_is_carried_along(folder: Path) -> None:
    """A variable that the console adds meanwhile is no part of the plan, and stays."""
    run = applied(folder)
    ran = asked(run, lambda: at_once(folder, "/environmentVariables/EXTRA", "kept"))
    assert ran.code == 0, ran.out + ran.err
    assert live(folder, "/environmentVariables") == {"EXTRA": "kept", "LOG_LEVEL": "info"}
    assert live(folder, "/memory") == 2048


def test_a_secret_that_was_replaced_is_named_and_the_exit_code_says_so(folder: Path) -> None:
    """What no record holds stays as it is, field by field, and something is left over: 7."""
    text = RUNTIME.replace("LOG_LEVEL: debug", 'LOG_LEVEL: {secret: "env:SUPPORT_API_KEY"}')
    run = applied(folder, text)
    ran = rollback(run, "-o", "json=back.json")
    assert ran.code == 7
    path = "/environmentVariables/LOG_LEVEL"
    assert f"not restored: AgentRuntime/{NAME} {path}: a record keeps no secret" in ran.out
    document = json.loads((folder / "back.json").read_text())
    assert [one["path"] for one in document["notRestored"]] == [path]
    assert live(folder, "/memory") == 2048
    assert live(folder, path) == CANARY


def test_a_key_with_a_secret_goes_away_only_while_it_is_known_to_be_ours(folder: Path) -> None:
    """Nobody wrote since: the key goes. Somebody wrote: it cannot be told, and it stays."""
    text = RUNTIME.replace("LOG_LEVEL: debug", 'TOKEN: {secret: "env:SUPPORT_API_KEY"}')
    run = applied(folder, text)
    console(folder, "/description=later")
    ran = rollback(run)
    assert ran.code == 7
    assert "/environmentVariables/TOKEN: its value is secret" in ran.out
    assert live(folder, "/environmentVariables/TOKEN") == CANARY
    assert live(folder, "/memory") == 2048
    assert CANARY not in "".join(path.read_text() for path in (folder / RUNS).iterdir())
    again = applied(folder, text.replace("4096", "1024"))
    assert rollback(again).code == 0
    assert live(folder, "/memory") == 2048


def test_only_the_agents_of_a_glob_go_back(folder: Path) -> None:
    """`--name` takes patterns; one that fits nothing is a mistake."""
    write_manifests(folder)
    ran = apply("-o", "json")
    run = json.loads(ran.out)["run"]
    wrong = rollback(run, "--name", "nobody*")
    assert wrong.code == 1
    assert "wrote to no agent of this name" in wrong.err
    assert rollback(run, "--name", "customer-*").code == 0
    assert live(folder, "/memory") == 2048
    assert live(folder, "/properties/prologue", REVIEWER) == "你好,请贴出改动"


def test_an_agent_that_the_run_created_is_named(folder: Path) -> None:
    """There is nothing to go back to, and deleting is nobody's wish."""
    more = "spec:\n  cpu: 2\n  port: 8080\n  artifactType: Container\n"
    more += "  networkConfiguration: {networkMode: PUBLIC}\n"
    text = RUNTIME.replace(NAME, "newcomer").replace("spec:\n", more)
    run = applied(folder, text)
    ran = rollback(run)
    assert ran.code == 7
    assert f"run {run} created it, so there is nothing to go back to" in ran.out


def test_taking_back_twice_writes_once(folder: Path) -> None:
    """The second time everything is as before the run."""
    run = applied(folder)
    assert rollback(run).code == 0
    number = len(records(folder))
    again = rollback(run)
    assert (again.code, len(records(folder))) == (0, number)
    assert "1 unchanged" in again.out


def test_a_rollback_can_be_taken_back_too(folder: Path) -> None:
    """Its record is one like any other."""
    run = applied(folder)
    assert rollback(run).code == 0
    last = [*records(folder)][-1]
    assert rollback(last).code == 0
    assert live(folder, "/memory") == 4096


def test_another_target_and_an_unknown_run_are_refused(folder: Path) -> None:
    """The run belongs to one target; an id that is not there is told with where they are listed."""
    run = applied(folder)
    ran = rollback(run, "--target", "prod")
    assert (ran.code, "wrote to the target sandbox, not to prod" in ran.err) == (7, True)
    unknown = rollback("1999")
    assert (unknown.code, "`reconcile runs` lists them" in unknown.err) == (1, True)


def test_what_was_taken_back_is_not_applied_again_until_it_is_released(folder: Path) -> None:
    """The same manifest is blocked, in the plan too; others go on; release lets it through."""
    write_manifests(folder)
    run = json.loads(apply("-o", "json").out)["run"]
    assert rollback(run, "--name", NAME).code == 0
    console(folder, "/properties/prologue=by hand", REVIEWER)
    held = apply()
    assert held.code == 7
    assert f"quarantined: run {run} took back what this manifest wants" in held.out
    assert f"reconcile runs release {run}" in held.out
    assert "1 changed, 0 unchanged, 1 blocked" in held.out
    assert live(folder, "/memory") == 2048
    assert "1 unchanged, 1 blocked" in run_cli("plan", "manifests", *SANDBOX, environ=SECRETS).out
    assert f"quarantined until `reconcile runs release {run}`: AgentRuntime" in run_cli("runs").out
    released = run_cli("runs", "release", run)
    assert (released.code, "can be applied again" in released.out) == (0, True)
    assert run_cli("runs", "release", run).code == 1
    assert apply().code == 0
    assert live(folder, "/memory") == 4096


def test_a_changed_manifest_is_not_held_back(folder: Path) -> None:
    """What somebody mended is applied without a release; the old text stays held back."""
    run = applied(folder)
    assert rollback(run).code == 0
    write_manifests(folder, RUNTIME.replace("4096", "1024"))
    assert apply().code == 0
    assert live(folder, "/memory") == 1024
    write_manifests(folder, RUNTIME)
    assert apply().code == 7


def failing(folder: Path, config: str = "") -> Ran:
    """An apply whose agent fails and goes back by itself."""
    write_manifests(folder, RUNTIME.replace("spec:", "rollout: {onFailure: rollback}\nspec:"))
    run_cli("sandbox", "quirk", "restart_fails_next=1")
    return apply(*([config] if config else []))


def test_a_failure_that_went_back_is_quarantined_and_says_how_git_agrees(folder: Path) -> None:
    """The next apply of the same manifests is refused, and the run told how to release it."""
    ran = failing(folder)
    assert ran.code == 5
    assert live(folder, "/memory") == 2048
    (run,) = records(folder)
    assert f"until `reconcile runs release {run}`" in ran.out
    assert "was not made from a commit" in ran.out
    again = apply()
    assert again.code == 7
    assert "quarantined" in again.out
    assert run_cli("runs", "release", run).code == 0
    assert apply().code == 0
    assert live(folder, "/memory") == 4096
    assert [one["of"] for one in events(folder, "released")] == [run]


def test_a_freeze_window_holds_for_going_back_too(folder: Path) -> None:
    """What policy denies is not written, whichever verb asks for it: 7, with the rule."""
    run = applied(folder)
    freeze = '[{cron: "* * * * *", for: 24h, timezone: Asia/Shanghai}]'
    config = f"targets: {{sandbox: {{}}}}\npolicy: {{builtin: {{freeze: {freeze}}}}}\n"
    (folder / "manifests" / "reconcile.yaml").write_text(config)
    ran = rollback(run, "manifests")
    assert (ran.code, "freeze: frozen: nothing is written before" in ran.err) == (7, True), ran.err
    assert live(folder, "/memory") == 4096
    assert list(records(folder)) == [run]


def test_a_run_that_is_still_going_on_is_not_taken_back(folder: Path) -> None:
    """Its process holds the record: 7, with the process."""
    run = applied(folder)
    path = folder / RUNS / f"{run}.jsonl"
    kept = [line for line in path.read_text().splitlines() if '"run-ended"' not in line]
    path.write_text("\n".join(kept) + "\n")
    with path.open() as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        ran = rollback(run)
    assert (ran.code, f"run {run} is still running (process" in ran.err) == (7, True)
    assert rollback(run).code == 0


def test_another_agent_of_the_same_name_is_left_alone(folder: Path) -> None:
    """The record knows the agent by its id: one that was made anew since is another one."""
    run = applied(folder)
    path = folder / RUNS / f"{run}.jsonl"
    path.write_text(path.read_text().replace("ar-0123456789abcdef", "ar-former"))
    ran = rollback(run)
    assert ran.code == 7
    assert "wrote to ar-former, and this is another agent (ar-0123456789abcdef)" in ran.out
    assert live(folder, "/memory") == 4096


def test_a_dry_run_holds_no_lock(folder: Path) -> None:
    """It can be looked at while another run works."""
    run = applied(folder)
    locks = folder / ".reconcile" / "locks"
    before = {path: path.stat().st_mtime_ns for path in locks.iterdir()}
    for path in locks.iterdir():
        path.unlink()
    assert before
    assert rollback(run, "--dry-run").code == 0
    assert list(locks.iterdir()) == []


def test_the_budgets_of_an_apply_do_not_hold_back_a_rollback(folder: Path) -> None:
    """All of a run's agents go back, however large their share; they are named, not selected."""
    names = [f"agent-{number:02}" for number in range(10)]
    with Store(folder / ".reconcile" / "sandbox.db") as store:
        for name in names:
            body = {"agentRuntimeName": name, "description": "old", "cpu": 2, "memory": 2048}
            more = {"port": 8080, "artifactType": "Container", "workspaceId": WORKSPACE}
            control.add_runtime(store, {**body, **more}, 1_700_000_000.0)
    text = "---\n".join(
        f"apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntime\nmetadata: {{name: {name}}}\n"
        "spec: {description: new}\n"
        for name in names
    )
    write_manifests(folder, text)
    assert apply().code == 7  # more than limits.maxChange
    done = apply("--max-change", "100%", "-o", "json")
    (folder / "manifests" / "reconcile.yaml").write_text(
        "targets: {sandbox: {limits: {maxRestarts: 1}}}\n"
    )
    ran = rollback(json.loads(done.out)["run"], "manifests")
    assert ran.code == 0, ran.out + ran.err
    assert "limits." not in ran.out
    assert {live(folder, "/description", name) for name in names} == {"old"}
