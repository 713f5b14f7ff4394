"""Policy end to end: what plan shows, what apply refuses, and how it is allowed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import CANARY, MANIFESTS, SECRETS, Ran, run_cli, write_manifests

ROOT = Path(__file__).parents[2]
LATEST = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: customer-service, labels: {team: support}}
spec:
  cpu: 2
  memory: 4096
  port: 8080
  containerConfiguration: {image: "registry.example.com/support/agent:latest"}
  environmentVariables: {LOG_LEVEL: info, API_KEY: {secret: "env:SUPPORT_API_KEY"}}
"""
PINNED = LATEST.replace(":latest", ":v3")
RULE = "defaultTarget: sandbox\npolicy:\n  builtin:\n    image-pinned: deny\n"
ALWAYS = '{cron: "* * * * *", for: 24h, timezone: Asia/Shanghai}'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Ran:
    """One command."""
    return run_cli(*arguments, environ=SECRETS)


def written() -> int:
    """How many writes the sandbox saw."""
    log = json.loads(run("sandbox", "log", "-o", "json").out)
    return sum(line["method"] == "PUT" for line in log["requests"])


def planned(*arguments: str) -> dict[str, Any]:
    """The member `policy` of the plan document."""
    document = json.loads(run("plan", "manifests", "-o", "json", *arguments).out)
    policy = document["policy"]
    assert isinstance(policy, dict)
    return policy


def test_a_denied_plan_is_shown_and_not_applied(folder: Path) -> None:
    """plan exits as ever; apply refuses with 7 before the first write, naming rule, line and way."""
    write_manifests(folder, LATEST, RULE)
    plan = run("plan", "manifests")
    assert plan.code == 0
    line = "! denied  AgentRuntime/customer-service  image-pinned: registry.example.com/support/agent:latest is not pinned  (manifests/reconcile.yaml:4:5)"
    assert line in plan.out
    assert run("plan", "manifests", "--detailed-exitcode").code == 2
    apply = run("apply", "manifests")
    assert apply.code == 7
    assert "image-pinned" in apply.err
    assert "manifests/reconcile.yaml:4:5" in apply.err
    assert "policy.breakGlass in reconcile.yaml" in apply.err
    assert written() == 0
    assert planned()["denied"] == 1


def test_what_no_rule_denies_is_applied(folder: Path) -> None:
    """With the image pinned the same configuration lets the run through."""
    write_manifests(folder, PINNED, RULE)
    assert run("apply", "manifests").code == 0
    assert written() == 1


def test_one_denied_agent_holds_back_the_whole_run(folder: Path) -> None:
    """Nothing is written for the others either: what was reviewed is all or nothing."""
    write_manifests(folder, MANIFESTS.replace("agent:v3", "agent:latest"), RULE)
    ran = run("apply", "manifests")
    assert ran.code == 7
    assert "2 skipped" in ran.out
    assert written() == 0


def test_a_warning_holds_nothing_back(folder: Path) -> None:
    """It is told and the run goes on."""
    write_manifests(folder, LATEST, RULE.replace("deny", "warn"))
    ran = run("apply", "manifests")
    assert ran.code == 0
    assert "~ warning  AgentRuntime/customer-service  image-pinned" in ran.out
    assert written() == 1


def test_what_is_not_touched_is_not_judged(folder: Path) -> None:
    """A rule that comes later does not break the runs of agents that stay as they are."""
    write_manifests(folder, LATEST, "defaultTarget: sandbox\n")
    assert run("apply", "manifests").code == 0
    write_manifests(folder, LATEST, RULE)
    assert planned() == {"denied": 0, "findings": [], "notices": []}
    assert run("apply", "manifests").code == 0


def test_break_glass_allows_a_rule_and_says_so_until_it_expires(folder: Path) -> None:
    """With a reason and a date the denial does not hold; from that date on it does, with a warning."""
    glass = "  breakGlass: {reason: incident 12, expires: %s, allow: [image-pinned]}\n"
    write_manifests(folder, LATEST, RULE + glass % "2020-01-01")
    ran = run("apply", "manifests")
    assert ran.code == 7
    assert "this break-glass expired (2020-01-01) and allows image-pinned no longer" in ran.out
    write_manifests(folder, LATEST, RULE + glass % "2999-01-01")
    ran = run("apply", "manifests")
    assert ran.code == 0
    assert "break-glass: incident 12 (until 2999-01-01, manifests/reconcile.yaml:5:3)" in ran.out
    assert written() == 1


CEL = """\
defaultTarget: sandbox
policy:
  rules:
    - name: modest
      when: agent.kind == 'AgentRuntime'
      deny: agent.desired.memory > 2048 && agent.changes.exists(c, c.path == '/memory')
      message: ask the platform team for more memory
"""


def test_a_rule_of_ones_own_denies_with_its_message(folder: Path) -> None:
    """CEL over the agent's spec and changes; the place is that of the expression."""
    write_manifests(folder, PINNED, CEL)
    ran = run("apply", "manifests")
    assert ran.code == 7
    assert (
        "modest: ask the platform team for more memory (manifests/reconcile.yaml:6:13)" in ran.err
    )
    write_manifests(folder, PINNED.replace("4096", "2048"), CEL)
    assert run("apply", "manifests").code == 0


def test_a_rule_that_cannot_be_evaluated_denies(folder: Path) -> None:
    """Fail closed: the error and the place are told."""
    write_manifests(folder, PINNED, CEL.replace("agent.kind ==", "agent.labels.tier =="))
    ran = run("apply", "manifests")
    assert ran.code == 7
    assert 'could not be evaluated: there is no "tier"' in ran.err
    assert written() == 0


def test_a_rule_that_warns_and_cannot_be_evaluated_warns(folder: Path) -> None:
    """It counts as broken at its own level: told as such, for programs too, and nothing is held."""
    config = CEL.replace("agent.kind ==", "agent.labels.tier ==").replace("deny:", "warn:")
    write_manifests(folder, PINNED, config)
    (found,) = planned()["findings"]
    assert (found["level"], found["evaluated"]) == ("warn", False)
    ran = run("apply", "manifests")
    assert ran.code == 0, ran.err
    assert 'could not be evaluated: there is no "tier"' in ran.out
    assert written() == 1


def test_a_rule_that_gives_no_answer_fails_its_example(folder: Path) -> None:
    """Else one that can never be evaluated, and denies everything, would pass: `deny` is expected."""
    rules = (
        "  rules:\n    - {name: tall, deny: agent.desired.height > 2, message: too tall}\n"
        "  tests:\n    - name: tall ones\n      agent: {kind: AgentRuntime}\n"
        "      expect: {deny: [tall]}\n"
    )
    write_manifests(folder, PINNED, f"defaultTarget: sandbox\npolicy:\n{rules}")
    ran = run("policy", "test", "manifests")
    assert ran.code == 1
    assert ran.out.splitlines()[1:] == [
        '      tall gives no answer: too tall (could not be evaluated: there is no "height" '
        "(has() asks whether there is)) (manifests/reconcile.yaml:4)",
        "1 example: 0 passed, 1 failed",
    ]


def test_a_break_glass_that_expired_is_told_where_it_would_have_helped(folder: Path) -> None:
    """The refusal says so itself: with -q nothing else is printed."""
    glass = "  breakGlass: {reason: incident 7, expires: 2001-01-01, allow: [image-pinned]}\n"
    write_manifests(folder, LATEST, RULE + glass)
    ran = run("apply", "manifests", "-q")
    assert ran.code == 7
    assert "this break-glass expired (2001-01-01) and allows image-pinned no longer" in ran.err


def test_rules_never_see_a_secret(folder: Path) -> None:
    """Secrets are sealed for expressions too, so no rule can tell one by its text."""
    config = CEL.replace(
        "agent.desired.memory > 2048",
        f"agent.desired.environmentVariables.API_KEY.contains('{CANARY[:6]}')",
    )
    write_manifests(folder, PINNED, config)
    assert planned()["findings"] == []
    sealed = config.replace(f"contains('{CANARY[:6]}')", "contains('(sealed)')")
    write_manifests(folder, PINNED, sealed)
    ran = run("plan", "manifests", "-o", "json")
    assert json.loads(ran.out)["policy"]["denied"] == 1
    assert CANARY not in ran.out + ran.err


def test_a_rule_about_the_whole_plan_is_told_once(folder: Path) -> None:
    """What asks only for the plan's numbers is about no agent."""
    config = (
        "defaultTarget: sandbox\npolicy:\n  rules:\n"
        "    - {name: calm, deny: plan.restarts > 0, message: no restarts today}\n"
    )
    write_manifests(folder, PINNED, config)
    (finding,) = planned()["findings"]
    assert (finding["rule"], finding["agent"]) == ("calm", None)


def test_nothing_is_written_in_a_freeze_window(folder: Path) -> None:
    """The time zone's end of the window is told, and the run refused."""
    write_manifests(folder, PINNED, RULE.replace("image-pinned: deny", f"freeze: [{ALWAYS}]"))
    ran = run("apply", "manifests")
    assert ran.code == 7
    assert "freeze: frozen: nothing is written before " in ran.err
    assert written() == 0


def test_a_protected_agent_is_left_alone_by_its_label(folder: Path) -> None:
    """The selector is that of -l."""
    write_manifests(
        folder, PINNED, RULE.replace("image-pinned: deny", "protected: {selector: team=support}")
    )
    assert run("apply", "manifests").code == 7
    write_manifests(
        folder, PINNED, RULE.replace("image-pinned: deny", "protected: {selector: team!=support}")
    )
    assert run("apply", "manifests").code == 0


def test_the_policy_of_a_target_holds_there_alone(folder: Path) -> None:
    """Rules of the sandbox beside those at the top; another target has the latter only."""
    config = (
        "defaultTarget: sandbox\npolicy: {builtin: {max-cpu: {limit: 8}}}\n"
        "targets:\n  sandbox:\n    policy: {builtin: {max-cpu: {limit: 1}}}\n"
    )
    write_manifests(folder, PINNED, config)
    findings = planned()["findings"]
    assert [one["place"] for one in findings] == ["manifests/reconcile.yaml:5:24"]


def test_a_plan_of_a_file_without_policy_loads_none_of_it(folder: Path) -> None:
    """Neither CEL nor cron nor what asks them is imported where there is no rule."""
    write_manifests(folder, PINNED, "defaultTarget: sandbox\n")
    code = (
        "import sys; from reconciler.cli import main; code = main(['plan', 'manifests', '-q']);"
        "names = ('cel_expr_python', 'cronsim', 'reconciler.cli.policies', 'reconciler.loader.policy');"
        "print([one for one in sys.modules if one.startswith(names)], code, file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        env={**os.environ, **SECRETS, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stderr.splitlines()[-1] == "[] 0"


TESTS = """\
  tests:
    - name: latest is refused
      agent: {kind: AgentRuntime, desired: {containerConfiguration: {image: "a:latest"}}}
      expect: {deny: [image-pinned]}
    - name: a tag passes
      agent: {kind: AgentRuntime, desired: {containerConfiguration: {image: "a:v1"}}}
      expect: {}
"""


def test_examples_are_run(folder: Path) -> None:
    """Each says how it went and where it stands; all good is 0."""
    write_manifests(folder, PINNED, RULE + TESTS)
    ran = run("policy", "test", "manifests")
    assert ran.code == 0, ran.err
    assert ran.out == (
        "ok    latest is refused  manifests/reconcile.yaml:6:7\n"
        "ok    a tag passes  manifests/reconcile.yaml:9:7\n"
        "2 examples: 2 passed, 0 failed\n"
    )
    assert run("policy", "test", "manifests/reconcile.yaml").out == ran.out


def test_an_example_that_fails_says_what_was_otherwise(folder: Path) -> None:
    """Rules that were expected and do not speak, rules that speak and were not; exit 1."""
    config = RULE + TESTS.replace("a:latest", "a:v2").replace('"a:v1"', '"a"')
    write_manifests(folder, PINNED, config)
    ran = run("policy", "test", "manifests")
    assert ran.code == 1
    assert ran.out == (
        "FAIL  latest is refused  manifests/reconcile.yaml:6:7\n"
        "      expected image-pinned to deny, and it does not\n"
        "FAIL  a tag passes  manifests/reconcile.yaml:9:7\n"
        "      image-pinned would deny it: a has no tag, which means latest "
        "(manifests/reconcile.yaml:4)\n"
        "2 examples: 0 passed, 2 failed\n"
    )


def test_an_example_has_its_own_time_and_target(folder: Path) -> None:
    """A window is asked at the example's time alone, and a target's rules where it is named."""
    config = """\
policy:
  rules:
    - {name: late, warn: "now.getHours('UTC') > 17", message: it is late}
  builtin:
    freeze: [{cron: "0 18 * * FRI", for: 60h, timezone: Asia/Shanghai}]
  breakGlass: {reason: r, expires: 2999-01-01, allow: [freeze]}
  tests:
    - name: on Friday evening
      now: 2026-11-20T18:00:00+08:00
      agent: {kind: Agent}
      expect: {deny: [freeze]}
    - name: before
      now: 2026-11-20T17:59:59+08:00
      agent: {kind: Agent}
      expect: {}
    - name: in the evening of UTC
      now: 2026-11-19T18:00:00Z
      agent: {kind: Agent, action: delete}
      target: prod
      expect: {deny: [protected], warn: [late]}
targets:
  prod:
    policy: {builtin: {protected: {names: ["*"]}}}
"""
    write_manifests(folder, PINNED, config)
    ran = run("policy", "test", "manifests")
    assert "3 examples: 3 passed, 0 failed\n" in ran.out, ran.out + ran.err
    assert ran.code == 0


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (RULE, "no examples in policy.tests"),
        (RULE.replace("image-pinned", "image-pin"), 'no built-in rule "image-pin"'),
        (None, "there is no reconcile.yaml"),
    ],
)
def test_where_there_is_nothing_to_run_it_says_so(
    config: str | None, words: str, folder: Path
) -> None:
    """A pipeline that runs no example is told, and so are mistakes; exit 1."""
    write_manifests(folder, PINNED, config)
    ran = run("policy", "test", "manifests")
    assert ran.code == 1
    assert words in ran.err


def test_an_unknown_kind_fails_its_example(folder: Path) -> None:
    """With the kind that was probably meant."""
    config = RULE + TESTS.replace("kind: AgentRuntime", "kind: AgentRuntim", 1)
    write_manifests(folder, PINNED, config)
    ran = run("policy", "test", "manifests")
    assert ran.code == 1
    assert 'there is no kind "AgentRuntim"; did you mean "AgentRuntime"?' in ran.out


def test_validate_checks_the_policy_too(folder: Path) -> None:
    """A mistake in an expression has its own column there, without a cloud."""
    write_manifests(folder, PINNED, CEL.replace("agent.kind ==", "agent.kind ="))
    ran = run("validate", "manifests")
    assert ran.code == 1
    assert "manifests/reconcile.yaml:5:24: error[expression]: when: " in ran.out
