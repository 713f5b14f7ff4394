"""Secrets that no read shows, through the whole program on the sandbox: rotation, and nothing else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import control
from reconciler.sandbox.store import Store
from tests.scenarios.test_fleet import counts
from tests.support.cli import Ran, run_cli

KEY = {"RECONCILE_FINGERPRINT_KEY": "canary-key-9b1d0c5e, thirty-two"}
OTHER = {"RECONCILE_FINGERPRINT_KEY": "canary-key-of-somebody-else-4ac"}
FAR_OFF = 4e9  # seconds since the epoch, after every run of a test

AGENT = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {{name: {name}}}
spec:
  artifactType: Container
  description: {description}
  cpu: 2
  memory: 2048
  port: 8080
  networkConfiguration: {{networkMode: PRIVATE}}
  containerConfiguration:
    image: "registry.example.com/team/agent:v1"
    registryConfig: {{authConfig: {{userName: bob, password: {{secret: "env:{variable}"}}}}}}
---
"""
CONFIG = """\
defaultTarget: sandbox
targets: {sandbox: {limits: {maxChange: 100%}}}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _declare(count: int = 1, description: str = "old", more: str = "") -> dict[str, str]:
    """Manifests of so many agents, each with a password of its own; the variables that hold them."""
    Path("manifests").mkdir(exist_ok=True)
    Path("manifests/reconcile.yaml").write_text(CONFIG)
    names = [f"agent-{number:02}" for number in range(count)]
    variables = {name: f"PASSWORD_{name[-2:]}" for name in names}
    texts = [
        AGENT.format(name=name, description=description, variable=variables[name]) for name in names
    ]
    body = "".join(texts)
    if more:
        body = body.replace("---\n", f"{more}---\n")
    Path("manifests/agents.yaml").write_text(body)
    return {variable: f"canary-{name}-first" for name, variable in variables.items()}


def _run(verb: str, *arguments: str, environ: Mapping[str, str]) -> Ran:
    ran = run_cli(verb, "manifests", *arguments, environ=environ)
    assert "canary" not in ran.out + ran.err
    return ran


def _apply(environ: Mapping[str, str], *arguments: str, code: int = 0) -> Ran:
    ran = _run("apply", "--yes", "-v", *arguments, environ=environ)
    assert ran.code == code, ran.out + ran.err
    return ran


def _plan(environ: Mapping[str, str], *arguments: str) -> list[dict[str, Any]]:
    ran = _run("plan", *arguments, "-o", "json", environ=environ)
    assert ran.code == 0, ran.err
    agents: list[dict[str, Any]] = json.loads(ran.out)["agents"]
    return agents


def _actions(agents: list[dict[str, Any]]) -> list[str]:
    return [agent["action"] for agent in agents if agent["action"] != "in-sync"]


def _value(pointer: str, name: str = "agent-00") -> Any:
    with Store(Path(".reconcile/sandbox.db")) as store:
        return control.value_of(store, name, pointer, FAR_OFF)


PASSWORD = "/containerConfiguration/registryConfig/authConfig/password"


def test_of_fifty_agents_one_rotated_is_one_change_and_one_put() -> None:
    """None rotated: silence. One: one change, one PUT, one restart. Then silence again."""
    secrets = _declare(50)
    environ = {**KEY, **secrets}
    _apply(environ)
    before = counts(Path())
    agents = _plan(environ)
    assert _actions(agents) == []
    assert all(agent["unobservable"] == [] for agent in agents)
    _apply(environ)
    assert counts(Path()) == before
    rotated = {**environ, "PASSWORD_17": "canary-of-the-day-after"}
    agents = _plan(rotated)
    assert _actions(agents) == ["update"]
    (change,) = agents[17]["changes"]
    assert change["path"] == PASSWORD
    assert change["place"] == "manifests/agents.yaml:251:60"
    _apply(rotated)
    assert counts(Path()) == (before[0] + 1, before[1] + 1)
    assert _value(PASSWORD, "agent-17") == "canary-of-the-day-after"
    assert _actions(_plan(rotated)) == []
    _apply(rotated)
    assert counts(Path()) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("other", [OTHER, {}, {"RECONCILE_FINGERPRINT_KEY": ""}])
def test_another_key_or_none_changes_nothing_and_cannot_compare(other: dict[str, str]) -> None:
    """Fifty agents, another key: no write, and of each is said that it cannot be compared."""
    secrets = _declare(50)
    _apply({**KEY, **secrets})
    before = counts(Path())
    environ = {**other, **secrets, "PASSWORD_03": "canary-that-nobody-notices"}
    agents = _plan(environ)
    assert _actions(agents) == []
    assert [agent["unobservable"][0]["path"] for agent in agents] == [PASSWORD] * 50
    _apply(environ)
    assert counts(Path()) == before
    told = _run("plan", "-v", environ=environ)
    assert "cannot be compared: " + PASSWORD in told.out


def test_the_first_apply_keeps_the_tag_and_the_second_plan_is_silent() -> None:
    """What creates an agent sends its secrets, so the tag is true from the beginning."""
    environ = {**KEY, **_declare()}
    _apply(environ)
    (tag,) = _value("/systemTags")
    assert tag.startswith("reconcile-secret-")
    ran = _run("plan", environ=environ)
    assert "No changes. 1 agent agrees with the manifests" in ran.out
    assert "cannot be compared" not in ran.out
    assert "fingerprint" not in ran.out
    assert f"the same by its fingerprint: {PASSWORD}" in _run("plan", "-v", environ=environ).out


def test_an_agent_without_a_tag_gets_one_when_its_secrets_are_sent() -> None:
    """A key alone causes no write; --resend-secrets, or a change of the object, brings the tag."""
    secrets = _declare()
    _apply(secrets)
    assert _value("/systemTags") is None
    environ = {**KEY, **secrets}
    before = counts(Path())
    _apply(environ)
    assert counts(Path()) == before
    _declare(description="new")
    _apply(environ)
    assert _value("/systemTags") is None
    before = counts(Path())
    _apply(environ, "--resend-secrets")
    assert counts(Path()) == (before[0] + 1, before[1] + 1)
    assert len(_value("/systemTags")) == 1
    assert _plan(environ)[0]["unobservable"] == []


def test_foreign_tags_and_the_users_own_are_kept() -> None:
    """Tags that somebody else set stay through a rotation, in the manifest or not."""
    environ = {**KEY, **_declare()}
    _apply(environ)
    own = _value("/systemTags")
    _set("/systemTags", [*own, "x-agentrun-cli"])
    _apply({**environ, "PASSWORD_00": "canary-second"})
    tags = _value("/systemTags")
    assert tags[0] == "x-agentrun-cli"
    assert len(tags) == 2
    assert tags[1] not in own
    _declare(more="  systemTags: [mine]\n")
    _apply({**environ, "PASSWORD_00": "canary-second"})
    assert _value("/systemTags") == ["mine", tags[1]]
    assert _actions(_plan({**environ, "PASSWORD_00": "canary-second"})) == []


def _set(pointer: str, value: Any, name: str = "agent-00") -> None:
    ran = run_cli("sandbox", "set", name, f"{pointer}={json.dumps(value)}")
    assert ran.code == 0, ran.err


def test_a_tag_edited_in_the_console_is_repaired_or_not_believed() -> None:
    """Another fingerprint differs and is written once more; what is none cannot be compared."""
    environ = {**KEY, **_declare()}
    _apply(environ)
    own = _value("/systemTags")
    _set("/systemTags", ["reconcile-secret-broken"])
    (agent,) = _plan(environ)
    assert (agent["action"], len(agent["unobservable"])) == ("in-sync", 1)
    _set("/systemTags", [own[0][:-4] + "beef"])
    assert _actions(_plan(environ)) == ["update"]
    _apply(environ)
    assert _value("/systemTags") == own
    assert _actions(_plan(environ)) == []


def test_a_reviewed_rotation_whose_tag_went_away_meanwhile_is_not_taken_for_done() -> None:
    """Without the tag no read shows the difference any more; silence would be a lie."""
    environ = {**KEY, **_declare()}
    _apply(environ)
    before = counts(Path())[0]
    rotated = {**environ, "PASSWORD_00": "canary-second"}
    assert _run("plan", "-o", "json=plan.json", environ=rotated).code == 0
    _set("/systemTags", [])
    ran = _run("apply", "--plan", "plan.json", environ=rotated)
    assert (ran.code, counts(Path())[0]) == (7, before)
    assert f"{PASSWORD}: this read does not show it" in ran.err


@pytest.mark.parametrize("effect", ["before", "after", "late"])
@pytest.mark.parametrize("how", ["lost_writes_next", "error_writes_next"])
def test_a_rotation_whose_reply_is_lost_is_resolved_by_its_tag(how: str, effect: str) -> None:
    """No read shows the password, but the tag shows that it arrived: one effect, no doubt left."""
    environ = {**KEY, **_declare()}
    _apply(environ)
    before = counts(Path())
    for switch, value in {how: 1, "write_effect": f'"{effect}"', "late_seconds": 6}.items():
        assert run_cli("sandbox", "quirk", f"{switch}={value}").code == 0
    rotated = {**environ, "PASSWORD_00": "canary-second"}
    _apply(rotated)
    assert _value(PASSWORD) == "canary-second"
    assert counts(Path())[1] == before[1] + 1
    assert _actions(_plan(rotated)) == []


def test_a_cloud_that_does_not_keep_the_tag_is_found_out() -> None:
    """The run says what was not kept and how to switch the tag off; exit 4."""
    environ = {**KEY, **_declare()}
    _apply(environ)
    run_cli("sandbox", "quirk", 'not_kept=["/systemTags"]')
    ran = _apply({**environ, "PASSWORD_00": "canary-second"}, code=4)
    assert "fingerprintTag: false" in ran.out
    again = _apply({**environ, "PASSWORD_00": "canary-third"}, code=4)
    assert "fingerprintTag: false" in again.out


def test_a_cloud_that_replaces_takes_the_tag_and_that_is_told() -> None:
    """A rotation there takes along what was not sent: exit 4, and no claim is left behind."""
    environ = {**KEY, **_declare()}
    _apply(environ)
    text = Path("manifests/agents.yaml").read_text()
    short = text.replace("  networkConfiguration: {networkMode: PRIVATE}\n", "")
    Path("manifests/agents.yaml").write_text(short.replace("description: old", "description: new"))
    run_cli("sandbox", "quirk", 'toplevel_update="replace"')
    ran = _apply({**environ, "PASSWORD_00": "canary-second"}, code=4)
    assert "gone without having been sent: /networkConfiguration" in ran.out
    tags = _value("/systemTags")
    assert tags is not None  # it was sent along, and is true
    assert _value(PASSWORD) == "canary-second"


@pytest.mark.parametrize("key", ["short", "fifteen-letters", " " * 40, "short".center(40)])
@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_a_key_that_could_be_guessed_is_refused(verb: str, key: str) -> None:
    """Exit 1, the variable by name, the value nowhere; nothing was read or written."""
    secrets = _declare()
    ran = run_cli(verb, "manifests", environ={**secrets, "RECONCILE_FINGERPRINT_KEY": key})
    assert ran.code == 1
    assert "RECONCILE_FINGERPRINT_KEY is shorter than 16 characters" in ran.err
    assert "short-" not in ran.err
    assert "fifteen" not in ran.out + ran.err
    assert not Path(".reconcile").exists()


def test_a_line_break_at_the_end_of_a_key_makes_no_other_key() -> None:
    """Where one machine reads it from a file and the next from a variable, both compare."""
    environ = {**KEY, **_declare()}
    _apply(environ)
    pasted = {"RECONCILE_FINGERPRINT_KEY": KEY["RECONCILE_FINGERPRINT_KEY"] + "\n"}
    assert _plan({**environ, **pasted})[0]["unobservable"] == []


def test_a_sentence_of_the_cloud_that_repeats_the_key_is_sealed() -> None:
    """It never gets there; but a user can have pasted it anywhere."""
    environ = {**KEY, **_declare()}
    _apply(environ)
    _set("/status", "FAILED")
    _set("/statusReason", f"failed with {KEY['RECONCILE_FINGERPRINT_KEY']}")
    ran = _run("plan", "-v", environ=environ)
    assert "unhealthy: FAILED: failed with (sealed)" in ran.out


def test_neither_key_nor_fingerprint_nor_secret_is_left_anywhere() -> None:
    """In no output, no record and no log: the tag is whole only at the cloud."""
    environ = {**KEY, **_declare()}
    rotated = {**environ, "PASSWORD_00": "canary-second"}
    texts = []
    for values in (environ, rotated):
        options = ("-o", "json=out.json", "-o", "text=out.txt")
        texts += [_apply(values, "--show-live-values", *options)]
        texts += [_run("plan", "-v", "--show-live-values", *options, environ=values)]
    (tag,) = _value("/systemTags")
    shown = "".join(ran.out + ran.err for ran in texts)
    files = "".join(p.read_text() for p in Path().rglob("*.json*")) + Path("out.txt").read_text()
    assert "write-intended" in files
    for hidden in (tag, tag[-24:], "canary"):
        assert hidden not in shown
        assert hidden not in files
