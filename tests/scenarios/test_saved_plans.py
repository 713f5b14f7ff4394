"""Saved plans through the whole program on the sandbox: what was reviewed is written, or nothing."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.sandbox import control
from reconciler.sandbox.store import Store
from tests.scenarios.test_fleet import requests
from tests.support.cli import Ran, run_cli

SECRET = {"API_KEY": "canary-first-7d1f", "PASSWORD": "canary-password-5e0b"}
FINGERPRINT = {"RECONCILE_FINGERPRINT_KEY": "canary-key-9b1d0c5e, thirty-two"}
PLAN_KEY = {"RECONCILE_PLAN_KEY": "canary-key-of-plans-1f2e3d4c5b"}
OTHER_KEY = {"RECONCILE_PLAN_KEY": "canary-key-of-nobody-aabbccdd"}
AGENT_ID = "0123456789abcdef0123456789abcdef"
FAR_OFF = 4e9  # seconds since the epoch, after every run of a test

SUPPORT = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: customer-service, labels: {team: support}}
spec:
  cpu: 2
  memory: 4096
  description: wanted
  environmentVariables: {LOG_LEVEL: debug, API_KEY: {secret: "env:API_KEY"}}
---
"""
REVIEWER = """\
apiVersion: appstage.myhuaweicloud.com/v1
kind: Agent
metadata: {name: reviewer, labels: {team: review}}
spec:
  agentId: "0123456789abcdef0123456789abcdef"
  region: cn-north-5
  tags: []
  properties:
    prologue: wanted
    model_setting: {temperature: 0.9}
---
"""
QUIET = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: quiet}
spec: {cpu: 2, memory: 2048, description: old}
---
"""
NEW = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: new-one}
spec:
  artifactType: Container
  cpu: 2
  memory: 2048
  port: 8080
  networkConfiguration: {networkMode: PRIVATE}
  containerConfiguration:
    image: "registry.example.com/team/agent:v1"
    registryConfig: {authConfig: {userName: bob, password: {secret: "env:PASSWORD"}}}
"""
CONFIG = """\
defaultTarget: sandbox
targets:
  sandbox:
    limits: {maxChange: 100%}
    vars: {SIZE: small}
  other:
    agentrun: {workspace: elsewhere}
    appstage: {}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox with a quiet runtime beside the seed, and manifests of four agents."""
    monkeypatch.chdir(tmp_path)
    _declare(SUPPORT, REVIEWER, QUIET, NEW)
    body = {"description": "old", "cpu": 2, "memory": 2048, "port": 8080}
    with Store(Path(".reconcile/sandbox.db")) as store:
        control.add_runtime(store, _body("quiet", body), 1.7e9)


def _body(name: str, more: Mapping[str, Any]) -> dict[str, Any]:
    base = {"agentRuntimeName": name, "artifactType": "Container"}
    return {**base, "workspaceId": "ws-0123456789abcdef", **more}


def _declare(*agents: str, config: str = CONFIG) -> None:
    Path("manifests").mkdir(exist_ok=True)
    Path("manifests/reconcile.yaml").write_text(config)
    Path("manifests/agents.yaml").write_text("".join(agents))


def _edit(old: str, new: str, file: str = "manifests/agents.yaml") -> None:
    text = Path(file).read_text()
    assert old in text
    Path(file).write_text(text.replace(old, new, 1))


def _run(*arguments: str, environ: Mapping[str, str] | None = None) -> Ran:
    ran = run_cli(*arguments, environ={**SECRET, **(environ or {})})
    assert "canary" not in ran.out + ran.err
    return ran


def _plan(*arguments: str, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    ran = _run("plan", "manifests", "-o", "json=plan.json", *arguments, environ=environ)
    assert ran.code == 0, ran.out + ran.err
    text = Path("plan.json").read_text(encoding="utf-8")
    assert "canary" not in text
    document: dict[str, Any] = json.loads(text)
    return document


def _apply(*arguments: str, environ: Mapping[str, str] | None = None) -> Ran:
    return _run("apply", "--plan", "plan.json", "manifests", *arguments, environ=environ)


def _set(name: str, pointer: str, value: Any) -> None:
    """What a person at the console does."""
    name = AGENT_ID if name == "reviewer" else name
    ran = run_cli("sandbox", "set", name, f"{pointer}={json.dumps(value)}")
    assert ran.code == 0, ran.err


def _value(name: str, pointer: str) -> Any:
    name = AGENT_ID if name == "reviewer" else name
    with Store(Path(".reconcile/sandbox.db")) as store:
        return control.value_of(store, name, pointer, FAR_OFF)


def _writes() -> int:
    """How many writing requests were sent so far, signing in left out."""
    return sum(not line.startswith("GET ") and "/tokens" not in line for line in requests(Path()))


def _amiss(ran: Ran, *texts: str) -> list[str]:
    """What is wrong with a refusal: it exits 7, tells each of these, and nothing was written."""
    found = [] if ran.code == 7 else [f"exit {ran.code}: {ran.out}{ran.err}"]
    found += [f"not told: {text}; but: {ran.err}" for text in texts if text not in ran.err]
    return found + ([f"{_writes()} writes"] if _writes() else [])


def _results(ran: Ran) -> dict[str, str]:
    return {one["name"]: one["result"] for one in json.loads(ran.out)["outcomes"]}


def test_an_unchanged_world_gets_exactly_what_was_reviewed() -> None:
    """Three writes of four agents, as the plan says; then nothing is left."""
    document = _plan()
    assert [agent["action"] for agent in document["agents"]] == [
        "update",
        "update",
        "in-sync",
        "create",
    ]
    ran = _apply("-o", "json")
    assert ran.code == 0, ran.out + ran.err
    assert _results(ran) == {
        "customer-service": "changed",
        "reviewer": "changed",
        "quiet": "unchanged",
        "new-one": "created",
    }
    assert _writes() == 3
    assert _run("plan", "manifests", "--detailed-exitcode").code == 0


def test_the_same_inputs_make_the_same_file() -> None:
    """A plan holds no time and nothing random: two runs write the same bytes."""
    texts = []
    for _ in range(2):
        _plan(environ={**FINGERPRINT, **PLAN_KEY})
        texts.append(Path("plan.json").read_bytes())
    assert texts[0] == texts[1]


TOUCHED = [
    ("customer-service", "/memory", 3072, "/memory: 2048 when the plan was made, 3072 now"),
    ("customer-service", "/environmentVariables/LOG_LEVEL", "warn", "/environmentVariables/LOG_L"),
    ("reviewer", "/properties/prologue", "typed", '/properties/prologue: "" when the plan was '),
    (
        "reviewer",
        "/properties/model_setting/temperature",
        0.5,
        "/properties/model_setting/temperature: 0.3 when the plan was made, 0.5 now",
    ),
]


@pytest.mark.parametrize(("name", "pointer", "value", "told"), TOUCHED)
def test_a_touched_field_that_moved_refuses_all(
    name: str, pointer: str, value: Any, told: str
) -> None:
    """Somebody clicked what the plan changes: nothing is written, and it is said from what to what."""
    _plan()
    _set(name, pointer, value)
    assert (
        _amiss(_apply(), told, f"/{name} {pointer}", "plan.json is no longer as it was reviewed")
        == []
    )


UNTOUCHED = [
    ("customer-service", "/description", None),
    ("customer-service", "/cpu", 4),
    ("customer-service", "/port", 9090),
    ("customer-service", "/sessionIdleTimeoutSeconds", 77),
    ("customer-service", "/environmentVariables/INJECTED", "by-hand"),
    ("reviewer", "/properties/description", "by hand"),
    ("reviewer", "/properties/model_setting/top_p", 0.5),
    ("quiet", "/description", "by hand"),
    ("quiet", "/cpu", 4),
]


@pytest.mark.parametrize(("name", "pointer", "value"), UNTOUCHED)
def test_other_drift_stops_nothing_and_is_left_as_it_is(
    name: str, pointer: str, value: Any
) -> None:
    """What the plan does not change may move, declared or not: the rest is written beside it."""
    _declare(SUPPORT.replace("  description: wanted\n", ""), REVIEWER, QUIET, NEW)
    _plan()
    if value is None:
        value = "by hand"
    _set(name, pointer, value)
    ran = _apply("-o", "json")
    assert ran.code == 0, ran.out + ran.err
    results = _results(ran)
    assert (results["customer-service"], results["reviewer"]) == ("changed", "changed")
    assert results["quiet"] == "unchanged"
    assert _value("customer-service", "/memory") == 4096
    assert _value(name, pointer) == value


def test_what_differs_and_was_not_reviewed_is_told() -> None:
    """Declared drift outside of the plan is named, and a new plan brings it back."""
    _plan()
    _set("customer-service", "/cpu", 4)
    _set("quiet", "/cpu", 4)
    ran = _apply("--yes")
    assert ran.code == 0
    assert "/cpu differs now, and is not in the reviewed plan: left alone" in ran.out
    assert "not in the reviewed plan: left alone (/cpu)" in ran.out
    again = _apply("--yes")
    assert "2 agents agree with the manifests, 2 differ beyond the reviewed plan" in again.out
    assert re.search(r"AgentRuntime/quiet .*\n +left alone", again.out), again.out
    later = _plan()
    assert [a["action"] for a in later["agents"]] == ["update", "in-sync", "update", "in-sync"]


def test_a_declared_neighbour_in_the_same_object_is_carried_as_it_is() -> None:
    """An object goes whole: its members that were not reviewed go as they are live."""
    health = "  healthCheckConfiguration: {periodSeconds: 10, httpGetUrl: /health}\n"
    _declare(SUPPORT + "", REVIEWER)
    _edit("  description: wanted\n", health)
    seed = _value("customer-service", "/healthCheckConfiguration")
    _set("customer-service", "/healthCheckConfiguration", {**seed, "httpGetUrl": "/health"})
    _plan()
    _set("customer-service", "/healthCheckConfiguration/httpGetUrl", "/clicked")
    ran = _apply()
    assert ran.code == 0, ran.out + ran.err
    live = _value("customer-service", "/healthCheckConfiguration")
    assert (live["periodSeconds"], live["httpGetUrl"]) == (10, "/clicked")


def _tampered(change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(Path("plan.json").read_text())
    change(document)
    Path("plan.json").write_text(json.dumps(document))


EDITS: list[Callable[[dict[str, Any]], None]] = [
    lambda d: d["agents"][0]["body"].update(memory=8192),
    lambda d: d["agents"][0]["changes"][0].update(to=1),
    lambda d: d["agents"][0].update(action="in-sync"),
    lambda d: d["agents"].pop(),
    lambda d: d["summary"].update(restarts=0),
    lambda d: d["binding"].update(digest="sha256:" + "0" * 64),
    lambda d: d["binding"].pop("digest"),
    lambda d: d["binding"].pop("agents"),
    lambda d: d.pop("binding"),
    lambda d: d.update(formatVersion="2"),
    lambda d: d["binding"].update(version=99),
    lambda d: d.update(added=True),
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_file_is_refused(edit: Callable[[dict[str, Any]], None]) -> None:
    """Whatever was edited in it, the file is no longer what was reviewed: exit 7, no write."""
    _plan()
    _tampered(edit)
    assert _amiss(_apply(), "plan.json") == []


CLEVER: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (lambda d: d["agents"][0]["changes"][0].update(to=8192), "in the reviewed plan"),
    (lambda d: d["agents"][0]["changes"].append({"path": "/cpu", "from": 1, "to": 9}), ""),
    (lambda d: d["agents"][0]["changes"].pop(0), ""),
    (lambda d: d["agents"][3]["changes"][0].update(to=8192), "in the reviewed plan"),
    (lambda d: d["binding"]["agents"][0].update(manifest="sha256:00"), "its manifest"),
    (lambda d: d["binding"]["agents"][0]["live"][0].update(digest="sha256:0"), ""),
]


@pytest.mark.parametrize(("edit", "told"), CLEVER)
def test_an_edited_file_with_a_matching_digest_gains_nothing(
    edit: Callable[[dict[str, Any]], None], told: str
) -> None:
    """Who edits the plan and makes its digest anew: what is sent is the manifests' all the same."""
    from reconciler.differ.binding import content_digest

    _plan()

    def clever(document: dict[str, Any]) -> None:
        edit(document)
        document["binding"]["digest"] = content_digest(document)

    _tampered(clever)
    ran = _apply()
    if told:
        assert _amiss(ran, told) == []
        return
    assert _value("customer-service", "/cpu") == 2
    assert _value("customer-service", "/memory") in (2048, 4096)


@pytest.mark.parametrize("layout", [{"indent": None}, {"indent": 8, "sort_keys": True}])
def test_reformatting_is_no_edit(layout: dict[str, Any]) -> None:
    """The digest is of what the file says, not of its spaces and the order of its members."""
    _plan(environ=PLAN_KEY)
    Path("plan.json").write_text(json.dumps(json.loads(Path("plan.json").read_text()), **layout))
    assert _apply(environ=PLAN_KEY).code == 0


MANIFEST_EDITS = [
    ("memory: 4096", "memory: 8192", "its manifest said 4096, and says 8192 now (manifests/ag"),
    ("description: wanted", "description: else", 'said "wanted", and says "else" now'),
    ("cpu: 2\n", "cpu: 4\n", "AgentRuntime/customer-service /spec/cpu: its manifest was changed"),
    ("  cpu: 2\n", "", "/spec/cpu: its manifest was changed"),
    ("temperature: 0.9", "temperature: 0.8", "said 0.9, and says 0.8 now"),
    ("env:API_KEY", "env:PASSWORD", "/spec/environmentVariables: its manifest was changed"),
    ("{team: support}", "{team: review}", "/metadata/labels: its manifest was changed"),
    ("description: old", "description: older", "AgentRuntime/quiet /spec/description"),
    ("name: quiet", "name: loud", "AgentRuntime/quiet: in the reviewed plan, and no longer"),
    ("name: quiet", "name: loud", "AgentRuntime/loud: not in the reviewed plan (manifests/agents"),
]


@pytest.mark.parametrize(("old", "new", "told"), MANIFEST_EDITS)
def test_an_edited_manifest_refuses(old: str, new: str, told: str) -> None:
    """What was reviewed was planned from other manifests: the field that moved is named."""
    _plan()
    _edit(old, new)
    assert _amiss(_apply(), told) == []


def test_comments_order_and_files_of_manifests_do_not_matter() -> None:
    """The same effective manifests in another file, in another order, with comments: no refusal."""
    _plan()
    Path("manifests/agents.yaml").unlink()
    text = SUPPORT.replace("  cpu: 2\n  memory: 4096\n", "  memory: 4096 # more\n\n  cpu: 2.0\n")
    Path("manifests/b.yaml").write_text(NEW + "---\n" + QUIET + REVIEWER + text)
    ran = _apply()
    assert ran.code == 0, ran.out + ran.err
    assert _value("customer-service", "/memory") == 4096


def test_an_overlay_or_a_variable_that_changed_refuses() -> None:
    """What is bound is what comes of all layers, wherever it is written."""
    _edit("description: wanted", 'description: "size ${var.SIZE}"')
    _edit("vars: {SIZE: small}", "vars: {SIZE: small}\n    overlays: [more]", CONFIG_FILE)
    Path("manifests/more").mkdir()
    overlay = "manifests/more/a.yaml"
    Path(overlay).write_text(SUPPORT.partition("spec:")[0] + "spec: {memory: 6144}\n")
    _plan()
    _edit("SIZE: small", "SIZE: large", CONFIG_FILE)
    assert (
        _amiss(
            _apply(), 'said "size small", and says "size large" now (manifests/agents.yaml:7:16)'
        )
        == []
    )
    _edit("SIZE: large", "SIZE: small", CONFIG_FILE)
    _edit("6144", "7168", overlay)
    assert _amiss(_apply(), f"said 6144, and says 7168 now ({overlay}:4:16)") == []
    _edit("7168", "6144", overlay)
    assert _apply().code == 0
    assert _value("customer-service", "/description") == "size small"


CONFIG_FILE = "manifests/reconcile.yaml"
RULE = "ignore: [{path: /port, reason: by hand}]\n"
POLICY = "policy: {builtin: {max-memory: {limit: 8192}}}\n"


def test_another_target_refuses_and_names_the_option() -> None:
    """A plan for one target is not carried out on another one."""
    _plan()
    environ = {"HW_USER_NAME": "a", "HW_USER_PASSWORD": "b", "HW_DOMAIN_NAME": "c"}
    keys = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "a", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "b"}
    ran = _apply("--target", "other", environ={**environ, **keys})
    assert _amiss(ran, "it is a plan for sandbox, this is other (--target sandbox)") == []


@pytest.mark.parametrize(("word", "section"), [("ignore", RULE), ("policy", POLICY)])
def test_ignore_rules_and_policies_that_changed_refuse(word: str, section: str) -> None:
    """The rules of reconcile.yaml decide what a plan says, so they are part of it."""
    _plan()
    _declare(SUPPORT, REVIEWER, QUIET, NEW, config=CONFIG + section)
    told = f"{word}: the rules of reconcile.yaml are others than when the plan was made"
    assert _amiss(_apply(), told) == []
    _plan()
    _edit(section, f"# a comment\n{section}", CONFIG_FILE)
    assert _apply().code == 0


OPTIONS = ["--resend-secrets", "--retry-failed", "--write-unverifiable"]


@pytest.mark.parametrize("option", OPTIONS)
def test_switches_that_decide_are_the_same_or_it_is_refused(option: str) -> None:
    """Given then and not now, or the other way round: said, and nothing written."""
    _plan(option)
    assert _amiss(_apply(), f"{option}: given when the plan was made, not given now") == []
    _plan()
    assert _amiss(_apply(option), f"{option}: not given when the plan was made, given now") == []
    _plan(option)
    assert _apply(option).code == 0


def test_a_selection_is_part_of_the_plan() -> None:
    """Other agents than were selected for the plan are not taken in."""
    _plan("-l", "team=support")
    assert _amiss(_apply(), "--selector: team=support when the plan was made, not given now") == []
    both = ("-l", "team=support", "--name", "customer-service")
    assert (
        _amiss(_apply(*both), "--name: not given when the plan was made, customer-service now")
        == []
    )
    assert _apply("-l", "team=support").code == 0
    assert _writes() == 1


def test_a_rotated_secret_refuses_where_a_key_bound_it() -> None:
    """The value never enters the file; under a key its change shows, and never what it is."""
    _plan(environ=PLAN_KEY)
    rotated = {**PLAN_KEY, "API_KEY": "canary-second-9a8b"}
    ran = _apply(environ=rotated)
    assert (
        _amiss(ran, "AgentRuntime/customer-service /environmentVariables/API_KEY: (sealed) changed")
        == []
    )
    assert _apply(environ=PLAN_KEY).code == 0


def test_a_password_that_somebody_else_rotated_meanwhile_refuses() -> None:
    """No read shows it, but its fingerprint moved: what the plan replaces is not what it was."""
    _declare(NEW)
    assert _run("apply", "manifests", "--yes", environ=FINGERPRINT).code == 0
    rotated = {**FINGERPRINT, "PASSWORD": "canary-second-77aa"}
    assert _plan(environ=rotated)["agents"][0]["action"] == "update"
    (tag,) = _value("new-one", "/systemTags")
    _set("new-one", "/systemTags", [tag[:-4] + "beef"])
    ran = _apply(environ=rotated)
    assert ran.code == 7, ran.out + ran.err
    assert "/containerConfiguration/registryConfig/authConfig/password: (sealed) changed" in ran.err
    _set("new-one", "/systemTags", [tag])
    assert _apply(environ=rotated).code == 0


def test_without_a_key_secrets_are_not_bound_and_that_is_said() -> None:
    """No key, no fingerprint: a rotation goes through, and file and run both say so."""
    document = _plan()
    (fact,) = document["binding"]["agents"][0]["secrets"]
    assert (fact["digest"], bool(fact["notBound"])) == ("", True)
    ran = _apply(environ={"API_KEY": "canary-second-9a8b"})
    assert ran.code == 0
    assert re.search(r"Note: 2 secret or hidden values in plan.json are not bound", ran.out)
    assert _value("customer-service", "/environmentVariables/API_KEY") == "canary-second-9a8b"


def test_a_hidden_live_value_that_moved_refuses_under_a_key() -> None:
    """The console changed a live secret that the plan replaces: bound by its fingerprint only."""
    _set("customer-service", "/environmentVariables/API_KEY", "canary-live-one")
    environ = {**PLAN_KEY, "API_KEY": "canary-wanted"}
    _plan(environ=environ)
    _set("customer-service", "/environmentVariables/API_KEY", "canary-live-two")
    ran = _apply(environ=environ)
    assert _amiss(ran, "customer-service /environmentVariables/API_KEY: (sealed) changed") == []


def test_a_secret_that_had_no_value_in_the_plan_is_not_written_unseen() -> None:
    """A pull request without secrets plans; what only the apply can compare was not reviewed."""
    _plan(environ={"API_KEY": ""})
    _set("customer-service", "/environmentVariables/API_KEY", "canary-live")
    ran = _apply()
    assert ran.code == 0, ran.out + ran.err
    assert "API_KEY differs now, and is not in the reviewed plan: left alone" in ran.out
    assert _value("customer-service", "/environmentVariables/API_KEY") == "canary-live"


def test_an_agent_that_was_created_meanwhile_refuses() -> None:
    """That it was not there is a fact of the plan like any other."""
    _plan()
    with Store(Path(".reconcile/sandbox.db")) as store:
        body = {"cpu": 4, "memory": 4096, "port": 8080, "description": "by hand"}
        control.add_runtime(store, _body("new-one", body), 1.7e9)
    assert (
        _amiss(
            _apply(), "AgentRuntime/new-one it did not exist when the plan was made; it was crea"
        )
        == []
    )


def test_an_agent_that_went_away_refuses() -> None:
    """An update of what is no longer there is no creation."""
    _plan()
    _set("customer-service", "/agentRuntimeName", "renamed")
    assert (
        _amiss(_apply(), "customer-service it existed when the plan was made, and exists no more")
        == []
    )


@pytest.mark.parametrize(
    ("made", "applied", "code", "told"),
    [
        ({}, {}, 0, ""),
        (PLAN_KEY, PLAN_KEY, 0, ""),
        (PLAN_KEY, {}, 0, "plan.json is signed, and RECONCILE_PLAN_KEY is not set here"),
        ({}, PLAN_KEY, 7, "plan.json is not signed, and RECONCILE_PLAN_KEY is set"),
        (PLAN_KEY, OTHER_KEY, 7, "plan.json was signed with another key"),
    ],
)
def test_signatures(
    made: Mapping[str, str], applied: Mapping[str, str], code: int, told: str
) -> None:
    """With the key set on both sides the signature has to be right; without, it is said."""
    document = _plan(environ=made)
    assert ("signature" in document["binding"]) == bool(made)
    ran = _apply(environ=applied)
    assert ran.code == code, ran.out + ran.err
    assert told in ran.out + ran.err
    assert (_writes() == 0) == (code == 7)


@pytest.mark.parametrize(
    "verb", [("plan", "-o", "json=plan.json"), ("apply", "--plan", "plan.json")]
)
def test_a_plan_key_that_could_be_guessed_is_refused(verb: tuple[str, ...]) -> None:
    """Exit 1, the variable by name, its value nowhere, before anything is read."""
    _plan()
    before = len(requests(Path()))
    ran = _run(*verb, "manifests", environ={"RECONCILE_PLAN_KEY": "short-key"})
    assert ran.code == 1
    assert "RECONCILE_PLAN_KEY is shorter than 16 characters" in ran.err
    assert "short-key" not in ran.out + ran.err
    assert len(requests(Path())) == before


def test_a_signed_file_that_was_edited_cleverly_is_refused() -> None:
    """The digest can be made anew by anybody, the signature by who has the key."""
    from reconciler.differ.binding import content_digest

    _plan(environ=PLAN_KEY)

    def clever(document: dict[str, Any]) -> None:
        document["agents"][0]["reason"] = "looks fine"
        document["binding"]["digest"] = content_digest(document)

    _tampered(clever)
    assert (
        _amiss(_apply(environ=PLAN_KEY), "plan.json is not as it was signed: it was edited") == []
    )


def test_secrets_are_compared_with_the_same_key_or_it_is_refused() -> None:
    """A plan that compared secrets by fingerprint cannot be held against one that did not."""
    _plan(environ=FINGERPRINT)
    assert (
        _amiss(_apply(), "RECONCILE_FINGERPRINT_KEY: secrets were compared with the key", "not set")
        == []
    )
    other = {"RECONCILE_FINGERPRINT_KEY": "canary-key-of-somebody-else-4ac"}
    assert _amiss(_apply(environ=other), "it is another one here") == []
    assert _apply(environ=FINGERPRINT).code == 0


def test_an_interrupted_apply_can_be_taken_up_with_the_same_plan() -> None:
    """What is done already is skipped with a note; what is left is written. Then nothing is."""
    _plan()
    assert _apply("--name", "customer-service").code == 7  # a plan is carried out as a whole
    ran = _run("apply", "manifests", "--name", "customer-service", "--yes")
    assert ran.code == 0
    before = _writes()
    ran = _apply("-o", "json")
    assert ran.code == 0, ran.out + ran.err
    assert _results(ran) == {
        "customer-service": "unchanged",
        "reviewer": "changed",
        "quiet": "unchanged",
        "new-one": "created",
    }
    assert _writes() == before + 2
    ran = _apply()
    assert (ran.code, _writes()) == (0, before + 2)
    assert "as the reviewed plan wants it already" in ran.out


def test_half_of_an_agent_that_is_done_already_does_not_refuse_the_rest() -> None:
    """One of its fields has its value by now, the other is as it was: it is written."""
    _plan()
    _set("customer-service", "/memory", 4096)
    ran = _apply()
    assert ran.code == 0, ran.out + ran.err
    assert _value("customer-service", "/description") == "wanted"


def test_agents_that_the_plan_blocked_stay_so() -> None:
    """What was blocked when it was reviewed is not written because it no longer is."""
    _set("customer-service", "/status", "READY")
    run_cli("sandbox", "quirk", 'appstage_read="absent"')
    document = _plan()
    assert document["agents"][1]["action"] == "blocked"
    run_cli("sandbox", "quirk", 'appstage_read="top-level"')
    ran = _apply("-o", "json")
    assert ran.code == 7
    results = _results(ran)
    assert (results["reviewer"], results["customer-service"]) == ("blocked", "changed")
    assert _value("reviewer", "/properties/prologue") != "wanted"


def test_the_record_names_the_plan() -> None:
    """Which plan a run carried out can be looked up: its digest stands in the record."""
    document = _plan()
    assert _apply().code == 0
    (record,) = Path(".reconcile/runs").glob("*.jsonl")
    events = [json.loads(line) for line in record.read_text().splitlines()]
    (planned,) = [event for event in events if event["event"] == "run-planned"]
    assert planned["reviewed"] == document["binding"]["digest"]


def test_the_document_matches_its_published_schema() -> None:
    """`reconcile schema plan` describes what binds a plan."""
    from jsonschema import Draft202012Validator

    document = _plan(environ={**FINGERPRINT, **PLAN_KEY})
    schema = json.loads(run_cli("schema", "plan").out)
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    assert "binding" in schema["properties"]
    del document["binding"]["agents"][0]["manifest"]
    assert list(Draft202012Validator(schema).iter_errors(document))


BAD = {
    "empty": (b"", "is no JSON"),
    "text": (b"Plan: 2 to update\n", "is no JSON"),
    "list": (b"[]", "is JSON, but no plan"),
    "other": (b'{"cpu": 2}', "is JSON, but no plan"),
    "utf-16": ("\ufeff{}".encode("utf-16"), "is not UTF-8"),
    "nan": (b'{"formatVersion": NaN}', "is no JSON"),
    "twice": (b'{"formatVersion": "1", "formatVersion": "2"}', "is no JSON"),
    "deep": (b"[" * 200_000, "is nested too deeply"),
    "huge number": (b'{"formatVersion": ' + b"9" * 10_000 + b"}", "is no JSON"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_plan_is_one_clear_error(name: str) -> None:
    """Exit 1, one line, before anything is asked of a cloud."""
    data, told = BAD[name]
    Path("plan.json").write_bytes(data)
    ran = _apply()
    assert ran.code == 1
    assert told in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_truncated_plan_is_no_json() -> None:
    """An artifact that was cut off is told by the line where it ends."""
    _plan()
    text = Path("plan.json").read_text()
    Path("plan.json").write_text(text[: len(text) // 2])
    ran = _apply()
    assert ran.code == 1
    assert "plan.json is no JSON (line" in ran.err


def test_what_is_no_regular_file_or_too_large_is_not_read() -> None:
    """A missing file, a folder, a pipe, a loop of links, a hundred megabytes: told, not waited for."""
    import os

    os.mkfifo("pipe")
    Path("folder").mkdir()
    Path("loop").symlink_to("loop")
    with Path("large").open("wb") as file:
        file.truncate(100_000_000)
    told = {
        "missing": "cannot be read: No such file or directory",
        "pipe": "is not a regular file",
        "folder": "is not a regular file",
        "loop": "cannot be read: Too many levels of symbolic links",
        "large": "has 100,000,000 bytes; at most 50,331,648 are read",
    }
    for name, text in told.items():
        ran = _run("apply", "--plan", name, "manifests")
        assert (ran.code, text in ran.err) == (1, True), ran.err


def test_the_other_documents_are_no_plans() -> None:
    """What `apply -o json` and `validate -o json` write binds nothing, and is refused as such."""
    assert _run("apply", "manifests", "--yes", "-o", "json=plan.json").code == 0
    ran = _apply()
    assert ran.code == 7
    assert "holds nothing that binds it" in ran.err
