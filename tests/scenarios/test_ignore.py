"""What a cloud does not keep is named once, with the rule to paste; pasted, there is peace."""

import json
import re
import textwrap
from pathlib import Path

import pytest

from tests.support.cli import SECRETS, Ran, run_cli, write_manifests

RUNTIME = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: customer-service, labels: {team: support}}
spec:
  cpu: 2
  memory: 2048
  port: 8080
  description: wanted
  environmentVariables: {LOG_LEVEL: debug, EXTRA: "1"}
"""
AGENT = """\
apiVersion: appstage.myhuaweicloud.com/v1
kind: Agent
metadata: {name: reviewer}
spec:
  agentId: "0123456789abcdef0123456789abcdef"
  region: cn-north-5
  tags: []
  properties:
    prologue: wanted
    model_setting: {temperature: 0.9}
    suggest_query: [a]
"""
SANDBOX = "defaultTarget: sandbox\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Ran:
    """One command over the manifests."""
    return run_cli(*arguments, environ=SECRETS)


def pasted(text: str) -> str:
    """The rule that a report proposes, as somebody copies it out of the terminal."""
    found = re.search(r"^( +)ignore:\n(?:\1  .*\n)+", text, re.MULTILINE)
    assert found is not None, text
    return textwrap.dedent(found[0])


NOT_KEPT = [
    (RUNTIME, "/description"),
    (RUNTIME, "/environmentVariables/EXTRA"),
    (RUNTIME, "/environmentVariables"),
    (AGENT, "/properties/prologue"),
    (AGENT, "/properties/model_setting"),
    (AGENT, "/properties/suggest_query"),
]


@pytest.mark.parametrize(("manifest", "path"), NOT_KEPT)
def test_pasting_the_proposed_rule_makes_the_next_plan_quiet(
    folder: Path, manifest: str, path: str
) -> None:
    """Not kept, told with the rule, blocked at a later try with it again; pasted, in sync."""
    write_manifests(folder, manifest, SANDBOX)
    assert run("sandbox", "quirk", f"not_kept={path}").code == 0
    first = run("apply", "manifests", "--yes", "-o", "json=report.json")
    assert first.code == 4, first.out + first.err
    assert f"the cloud did not keep {path}" in first.out
    proposed = pasted(first.out)
    (outcome,) = json.loads(Path("report.json").read_text("utf-8"))["outcomes"]
    assert outcome["result"] == "not-kept"
    assert outcome["ignoreRules"] == proposed
    assert all(one.startswith(path) for one in outcome["notKept"])

    blocked = run("apply", "manifests", "--yes")  # what else differed is done
    assert blocked.code == 7
    assert "did not keep" in blocked.out
    assert pasted(blocked.out) == proposed

    Path("manifests/reconcile.yaml").write_text(SANDBOX + proposed, "utf-8")
    assert run("validate", "manifests").code == 0
    quiet = run("plan", "manifests", "--detailed-exitcode", "-o", "json=plan.json")
    assert quiet.code == 0, quiet.out
    assert "No changes." in quiet.out
    (agent,) = json.loads(Path("plan.json").read_text("utf-8"))["agents"]
    assert [one["path"] for one in agent["ignored"]] == outcome["notKept"]
    third = run("apply", "manifests", "--yes")
    assert third.code == 0
    assert "0 restarts" in third.out


def writes() -> int:
    """How often the sandbox was written to."""
    found = re.search(r"customer-service: (\d+) write", run("sandbox", "log").out)
    assert found is not None
    return int(found[1])


def test_no_value_that_was_not_kept_is_sent_again_until_something_else_is_wanted(
    folder: Path,
) -> None:
    """4096, then 8192, then 4096 again: two writes; with a description that is new, a third."""
    assert run("sandbox", "quirk", "not_kept=/memory").code == 0
    expected = [("4096", 4, 1), ("8192", 4, 2), ("4096", 7, 2), ("8192", 7, 2)]
    expected.append(("8192\n  executionRoleArn: acs:ram::1:role/a", 4, 3))
    for memory, code, count in expected:
        manifest = RUNTIME.replace("memory: 2048", f"memory: {memory}")
        write_manifests(folder, manifest, SANDBOX)
        done = run("apply", "manifests", "--yes")
        assert (done.code, writes()) == (code, count), done.out


def test_the_plan_says_what_apply_will_not_send_again(folder: Path) -> None:
    """With the record at hand an update that was not kept before is blocked in the plan too."""
    assert run("sandbox", "quirk", "not_kept=/memory").code == 0
    write_manifests(folder, RUNTIME.replace("memory: 2048", "memory: 4096"), SANDBOX)
    assert "1 to update" in run("plan", "manifests").out
    assert run("apply", "manifests", "--yes").code == 4
    plan = run("plan", "manifests", "--detailed-exitcode")
    assert (plan.code, "1 blocked; 0 restarts" in plan.out) == (2, True), plan.out
    assert "an earlier run sent this and the cloud did not keep /memory" in plan.out


def test_an_ignored_field_does_not_fail_the_apply_of_the_others(folder: Path) -> None:
    """One engine: what the plan does not compare, the check after the write does not either."""
    config = f"{SANDBOX}ignore:\n  - {{path: /description, reason: set in the console}}\n"
    write_manifests(folder, RUNTIME, config)
    assert run("sandbox", "quirk", "not_kept=/description").code == 0
    done = run("apply", "manifests", "--yes", "-v")
    assert done.code == 0, done.out
    assert "1 changed" in done.out
    assert "ignored: /description (manifests/reconcile.yaml:3:12: set in the console)" in done.out


def test_a_rule_is_for_the_agents_that_it_names(folder: Path) -> None:
    """Kind and labels: the rule of another team's agents leaves this one alone."""
    rule = "  - {path: /description, reason: x, selector: team=TEAM}\n"
    for team, quiet in (("support", True), ("sales", False)):
        write_manifests(folder, RUNTIME, f"{SANDBOX}ignore:\n{rule.replace('TEAM', team)}")
        plan = run("plan", "manifests")
        assert ("/description" not in plan.out) is quiet, plan.out
        assert ("ignored: 1 field (manifests/reconcile.yaml:3:12: x)" in plan.out) is quiet


def test_an_expired_rule_warns_and_no_longer_works(folder: Path) -> None:
    """The difference is there again, and the warning says since when."""
    rule = "ignore:\n  - {path: /description, reason: x, expires: 2001-01-31}\n"
    write_manifests(folder, RUNTIME, SANDBOX + rule)
    plan = run("plan", "manifests")
    assert "~ /description" in plan.out
    assert "reconcile.yaml:3:46: warning[ignore-expired]" in plan.err
    assert "expired on 2001-01-31" in plan.err


def test_a_hidden_value_that_is_ignored_is_shown_nowhere(folder: Path) -> None:
    """A live variable that the manifest does not declare goes along unseen."""
    rule = "ignore:\n  - {path: /environmentVariables/LOG_*, reason: x}\n"
    manifest = RUNTIME.replace("LOG_LEVEL: debug, ", "")
    write_manifests(folder, manifest, SANDBOX + rule)
    plan = run("plan", "manifests", "-v", "-o", "json=plan.json")
    assert "ignored: /environmentVariables/LOG_LEVEL" in plan.out
    (agent,) = json.loads(Path("plan.json").read_text("utf-8"))["agents"]
    assert agent["body"]["environmentVariables"] == {"EXTRA": "1", "LOG_LEVEL": "(sealed)"}
    assert run("apply", "manifests", "--yes").code == 0
    assert "No changes." in run("plan", "manifests").out


@pytest.mark.parametrize("keyed", [False, True])
def test_another_secret_is_another_write_where_a_key_can_tell(folder: Path, keyed: bool) -> None:
    """Not kept and the same again: blocked. Rotated: sent, or without a key told why it is not."""
    spec = 'LOG_LEVEL: info, KEY: {secret: "env:SUPPORT_API_KEY"}'
    manifest = RUNTIME.replace('LOG_LEVEL: debug, EXTRA: "1"', spec).replace("wanted", "Answers")
    write_manifests(folder, manifest, SANDBOX)
    assert run("sandbox", "quirk", "not_kept=/environmentVariables/KEY").code == 0
    key = {"RECONCILE_FINGERPRINT_KEY": "0123456789abcdef" * 2} if keyed else {}

    def applied(secret: str) -> Ran:
        environ = {"SUPPORT_API_KEY": secret, **key}
        return run_cli("apply", "manifests", "--yes", environ=environ)

    assert applied("first-5e0b1d").code == 4
    assert applied("first-5e0b1d").code == 4  # the description was kept: another body, once
    again, rotated = applied("first-5e0b1d"), applied("second-5e0b1d")
    assert again.code == 7
    assert ("RECONCILE_FINGERPRINT_KEY" in again.out) is not keyed
    assert (rotated.code, writes()) == ((4, 3) if keyed else (7, 2)), rotated.out
    for record in Path(".reconcile/runs").iterdir():
        assert "5e0b1d" not in record.read_text("utf-8")


def test_a_field_that_was_kept_is_sent_again_after_somebody_changed_it(folder: Path) -> None:
    """Known from before is what was not kept; drift in what went with it is brought back."""
    assert run("sandbox", "quirk", "not_kept=/memory").code == 0
    write_manifests(folder, RUNTIME.replace("memory: 2048", "memory: 4096"), SANDBOX)
    assert run("apply", "manifests", "--yes").code == 4
    was = "Answers customers about orders and returns"
    assert run("sandbox", "set", "customer-service", f"/description={was}").code == 0
    again = run("apply", "manifests", "--yes")
    assert "~ /description" in again.out
    assert (again.code, writes()) == (4, 2), again.out
