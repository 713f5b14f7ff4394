"""The verbs, end to end on the emulated clouds, in virtual time."""

import json
import re
import sqlite3
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from reconciler.ports import Context, Provider, Session
from reconciler.providers import discover
from reconciler.sandbox.database import unpack
from tests.support.cli import (
    CANARY,
    MANIFESTS,
    SECRETS,
    Ran,
    Tty,
    one_spaced,
    run_cli,
    write_manifests,
)

SANDBOX = ("--target", "sandbox")
BY_FILE = "defaultTarget: sandbox\n"
CREDENTIALS = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s3cr3t"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own with the manifests in it."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path)
    return tmp_path


def apply(*arguments: str, target: tuple[str, ...] = SANDBOX) -> Ran:
    return run_cli("apply", "manifests", *target, *arguments, environ=SECRETS)


def plan(*arguments: str, environ: dict[str, str] = SECRETS) -> Ran:
    return run_cli("plan", "manifests", *SANDBOX, *arguments, environ=environ)


def requests() -> list[str]:
    lines = json.loads(run_cli("sandbox", "log", "-o", "json").out)["requests"]
    return [line["method"] for line in lines]


def test_validate_counts_agents_and_files() -> None:
    """Good manifests are `OK`, and no secret is needed to say so."""
    ran = run_cli("validate", "manifests")
    assert (ran.code, ran.out, ran.err) == (0, "OK: 2 agents in 1 file\n", "")


def test_validate_tells_all_problems_at_once(folder: Path) -> None:
    """Every problem of manifests and configuration stands in one run with its place."""
    bad = MANIFESTS.replace("cpu: 2", "cpus: 2").replace("memory: 4096", 'memory: "4096"')
    write_manifests(folder, bad, config="defaultTarget: prod\ntarget: {}\n")
    ran = run_cli("validate", "manifests", "-o", "json=problems.json")
    assert ran.code == 1
    assert "manifests/agents.yaml:5:3: error[" in ran.out
    assert "manifests/agents.yaml:6:11: error[" in ran.out
    assert "manifests/reconcile.yaml:1:" in ran.out
    assert "manifests/reconcile.yaml:2:1: error[" in ran.out
    assert ran.out.endswith("4 problems in 2 files\n")
    document = json.loads((folder / "problems.json").read_text())
    assert len(document["problems"]) == 4
    assert {"file", "line", "column", "code", "text"} <= document["problems"][0].keys()


def test_the_first_line_of_every_command_is_the_target() -> None:
    """Where a command works stands in its first line."""
    for ran in (run_cli("validate", "manifests", *SANDBOX), plan(), plan("-q"), apply()):
        assert ran.code == 0
        assert ran.out.startswith("Target: sandbox (both clouds emulated, ")


def test_a_plan_shows_each_change_and_writes_nothing() -> None:
    """`plan` shows from what to what and where that is written, and sends no write."""
    ran = plan()
    assert ran.code == 0
    assert "~ /memory: 2048 -> 4096 manifests/agents.yaml:6:11" in one_spaced(ran.out)
    assert "+ /environmentVariables/API_KEY: (sealed)" in ran.out
    assert "this restarts the runtime" in ran.out
    assert "Plan: 2 to update; 1 restart, 2 requests, expected seconds unknown\n" in ran.out
    assert "PUT" not in requests()


class Watched:
    """A provider that notes whether its sessions may write."""

    def __init__(self, provider: Provider, seen: set[bool]) -> None:
        self._provider = provider
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    def connect(self, settings: Any, context: Context) -> AbstractAsyncContextManager[Session]:
        self._seen.add(context.writable)
        return self._provider.connect(settings, context)


@pytest.mark.parametrize(("verb", "writable"), [("plan", False), ("apply", True)])
def test_a_plan_reads_through_sessions_that_refuse_to_write(verb: str, writable: bool) -> None:
    """Only `apply` opens a connection on which a write can leave at all."""
    seen: set[bool] = set()
    ran = run_cli(
        *(verb, "manifests", *SANDBOX),
        environ=SECRETS,
        providers=lambda: tuple(cast(Provider, Watched(one, seen)) for one in discover()),
    )
    assert ran.code == 0
    assert seen == {writable}


def test_differences_have_their_own_exit_code_when_asked_for() -> None:
    """`--detailed-exitcode` ends with 2 while something differs and with 0 after an apply."""
    assert plan("--detailed-exitcode").code == 2
    assert apply().code == 0
    assert plan("--detailed-exitcode").code == 0


def test_apply_changes_what_differs_and_a_second_one_nothing() -> None:
    """After one apply the next says `No changes`, writes nothing and restarts nothing."""
    first = apply()
    assert first.code == 0
    assert re.search(
        r"Apply: 2 changed, 0 unchanged, 0 blocked, 0 failed; 1 restart, \d+\.\d s\n$", first.out
    )
    writes = requests().count("PUT")
    second = apply()
    assert second.code == 0
    assert "No changes. 2 agents agree with the manifests; nothing will restart." in second.out
    assert "Apply: 0 changed, 2 unchanged, 0 blocked, 0 failed; 0 restarts" in second.out
    assert requests().count("PUT") == writes == 2


def test_documents_satisfy_the_schema_that_is_published() -> None:
    """`-o json` prints nothing but a document of `schema plan`, and text goes to stderr."""
    validator = Draft202012Validator(json.loads(run_cli("schema", "plan").out))
    for ran in (plan("-o", "json"), apply("-o", "json")):
        document = json.loads(ran.out)
        assert list(validator.iter_errors(document)) == []
        assert document["summary"]["update"] == 2
        assert ran.err.startswith("Target: sandbox")
        assert "Plan: 2 to update" in ran.err
    assert [outcome["result"] for outcome in document["outcomes"]] == ["changed", "changed"]


def test_reports_go_to_files_as_well(folder: Path) -> None:
    """`-o json=FILE -o text=FILE` writes both, and the text still stands on the screen."""
    ran = apply("-o", "json=a.json", "-o", "text=a.txt")
    assert json.loads((folder / "a.json").read_text(encoding="utf-8"))["outcomes"]
    text = (folder / "a.txt").read_text(encoding="utf-8")
    assert "Plan: 2 to update" in text
    assert "Apply: 2 changed" in text
    assert "Apply: 2 changed" in ran.out


def kept(query: str) -> list[Any]:
    """The documents that the sandbox's file holds, as they are without compression."""
    with closing(sqlite3.connect(".reconcile/sandbox.db")) as database:
        found = [unpack(row[0]) for row in database.execute(query)]
    assert found
    return found


@pytest.mark.parametrize("extra", [(), ("-v",), ("-o", "json"), ("--show-live-values",)])
def test_no_secret_appears_anywhere(folder: Path, extra: tuple[str, ...]) -> None:
    """A secret of the environment, and one that a console set, are in no output and no record.

    The emulated clouds hold it, as clouds do; their log of requests does not.
    """
    console = "canary-console-77"
    run_cli("sandbox", "set", "customer-service", f"/environmentVariables/OTHER={console}")
    run_cli("sandbox", "set", "代码评审助手", f"/properties/api_key={console}")
    extra_here = tuple(word for word in extra if word != "--show-live-values")
    ran = [plan(*extra), apply(*extra_here), plan(*extra), run_cli("sandbox", "log", "-o", "json")]
    texts = [one.out + one.err for one in ran]
    texts += [path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()]
    texts += [str(line) for line in kept("SELECT body FROM log")]
    assert CANARY in str(kept("SELECT document FROM agents"))
    assert all(CANARY not in text for text in texts)
    if "--show-live-values" not in extra:
        assert all(console not in text for text in texts)


def test_without_colour_there_is_no_escape_byte() -> None:
    """On a terminal `--no-color` and NO_COLOR leave no escape byte, also while it waits."""
    for flags, environ in ((("--no-color",), SECRETS), ((), SECRETS | {"NO_COLOR": "1"})):
        ran = run_cli(
            *("apply", "manifests", *SANDBOX, *flags, "--yes"),
            environ=environ,
            stdout=Tty(),
            stderr=Tty(),
        )
        assert ran.code == 0
        assert "\x1b" not in ran.out + ran.err


def test_on_a_terminal_there_is_colour_and_a_live_display() -> None:
    """With a terminal the plan is coloured and agents in flight are shown in place."""
    ran = run_cli(
        "apply", "manifests", *SANDBOX, "--yes", environ=SECRETS, stdout=Tty(), stderr=Tty()
    )
    assert ran.code == 0
    assert "\x1b[33m" in ran.out
    assert "restarting" in ran.err
    assert ran.err.endswith("\x1b[?25h") or "\x1b[?25h" in ran.err


@pytest.mark.parametrize(
    ("answer", "code", "writes"), [("y\n", 0, 2), ("yes\n", 0, 2), ("n\n", 7, 0), ("", 7, 0)]
)
def test_on_a_terminal_apply_asks_first(answer: str, code: int, writes: int) -> None:
    """Only a yes goes ahead; anything else writes nothing and ends with 7."""
    ran = run_cli("apply", "manifests", *SANDBOX, environ=SECRETS, stdin=Tty(answer), stderr=Tty())
    assert "Apply these changes? [y/N] " in ran.err
    assert ran.code == code
    assert requests().count("PUT") == writes


def test_nobody_is_asked_where_nothing_would_change() -> None:
    """A terminal is not asked about an empty plan."""
    apply()
    ran = run_cli("apply", "manifests", *SANDBOX, environ=SECRETS, stdin=Tty("n\n"), stderr=Tty())
    assert ran.code == 0
    assert "Apply these changes?" not in ran.err


def test_apply_has_every_secret_before_its_first_write() -> None:
    """A secret that is not set stops the whole apply, with its place and before any request."""
    ran = run_cli("apply", "manifests", *SANDBOX)
    assert ran.code == 1
    assert "manifests/agents.yaml:9:52: error[secret-unresolved]" in ran.err
    assert requests() == []


def test_too_many_changes_at_once_are_refused(folder: Path) -> None:
    """More than 30 % of ten or more agents: 7, with what to type; nothing is written."""
    one = MANIFESTS.split("---\n")[0] + (
        "  artifactType: Container\n  networkConfiguration: {networkMode: PUBLIC}\n"
    )
    names = [f"bot-{number}" for number in range(10)]
    write_manifests(folder, "---\n".join(one.replace("customer-service", n) for n in names))
    assert apply().code == 0
    changed = (folder / "manifests/agents.yaml").read_text().replace("memory: 4096", "memory: 512")
    write_manifests(folder, changed)
    before = requests().count("PUT")
    refused = apply("-o", "json=a.json")
    assert refused.code == 7
    assert "10 of 10 agents would change (100 %)" in refused.err
    assert "--max-change 100% allows it" in refused.err
    assert requests().count("PUT") == before
    outcomes = json.loads((folder / "a.json").read_text())["outcomes"]
    assert {outcome["result"] for outcome in outcomes} == {"skipped"}
    assert apply("--max-change", "100%").code == 0


def test_one_cloud_that_cannot_be_read_does_not_stop_the_other() -> None:
    """Agents of a cloud that fails are unreadable, the others are changed; the code is 4."""
    run_cli("sandbox", "quirk", "fault_cloud=appstage")
    run_cli("sandbox", "quirk", "error_reads_next=1000")
    planned = plan()
    assert planned.code == 4
    assert "unreadable: " in planned.out
    ran = apply()
    assert ran.code == 4
    assert "changed      AgentRuntime/customer-service" in ran.out
    assert "1 changed, 0 unchanged, 0 blocked, 1 failed" in ran.out


def test_a_failed_agent_that_equals_its_manifest_ends_with_5_again_and_again() -> None:
    """An unhealthy agent is never `No changes`, on the second and third run too."""
    apply()
    run_cli("sandbox", "set", "customer-service", "/status=FAILED")
    for _ in range(2):
        assert "1 unhealthy" in plan("--detailed-exitcode").out
        assert plan("--detailed-exitcode").code == 2
        assert apply().code == 5
    assert apply("--retry-failed").code == 0


def test_missing_credentials_are_named_and_end_with_3(folder: Path) -> None:
    """Without a file and without credentials the variables are named, and the sandbox offered."""
    ran = run_cli("plan", "manifests", environ=SECRETS)
    assert ran.code == 3
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET" in ran.err
    assert "--target sandbox" in ran.err
    config = "defaultTarget: real\ntargets: {real: {agentrun: {}, appstage: {}}}\n"
    write_manifests(folder, config=config)
    ran = run_cli("plan", "manifests", environ=SECRETS)
    assert ran.code == 3
    assert ran.out.startswith("Target: real (manifests/reconcile.yaml:2)\n")
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in ran.out
    assert "2 unreadable" in ran.out


def test_a_cloud_that_the_target_does_not_have_is_named_with_its_place(folder: Path) -> None:
    """Manifests of a cloud without a section in the target: 1, for every verb."""
    write_manifests(folder, config="defaultTarget: real\ntargets: {real: {agentrun: {}}}\n")
    for verb in ("validate", "plan", "apply"):
        ran = run_cli(verb, "manifests", environ=SECRETS | CREDENTIALS)
        assert ran.code == 1
        text = ran.out + ran.err
        assert "manifests/agents.yaml:11:1: error[no-section]" in text
        assert 'target "real" (manifests/reconcile.yaml:2:11) has no section "appstage"' in text


def test_a_sandbox_that_the_file_chose_is_announced_when_credentials_are_set(folder: Path) -> None:
    """With cloud credentials set, beginning and end say that nothing goes to a real cloud."""
    write_manifests(folder, config=BY_FILE)
    for verb in ("plan", "apply"):
        ran = run_cli(verb, "manifests", environ=SECRETS | CREDENTIALS)
        assert ran.code == 0
        lines = ran.out.splitlines()
        assert "nothing went or goes to a real cloud" in lines[1]
        assert "nothing went or goes to a real cloud" in lines[-1]
    assert "real cloud. reconcile" not in run_cli("plan", "manifests", environ=SECRETS).out


def test_in_ci_apply_refuses_a_sandbox_that_nobody_typed(folder: Path) -> None:
    """A pipeline with credentials must name the sandbox, or it would report changes made nowhere."""
    write_manifests(folder, config=BY_FILE)
    environ = SECRETS | CREDENTIALS | {"CI": "true"}
    refused = run_cli("apply", "manifests", environ=environ)
    assert refused.code == 7
    assert "--target sandbox" in refused.err
    assert requests() == []
    assert run_cli("plan", "manifests", environ=environ).code == 0
    assert run_cli("apply", "manifests", *SANDBOX, environ=environ).code == 0


def test_selection_by_name_and_label() -> None:
    """`--name` and `-l` choose agents; the others are not even read."""
    assert "Plan: 1 to update" in plan("--name", "reviewer").out
    assert "AgentRuntime/" not in plan("-l", "team=review").out
    unknown = plan("--name", "reviewr")
    assert unknown.code == 1
    assert 'did you mean "reviewer"?' in unknown.err


def test_verbose_shows_each_request_and_quiet_only_results() -> None:
    """`-v` logs requests on stderr and lists what is folded; `-q` leaves progress out."""
    verbose = plan("-v")
    assert re.search(r"^GET /open/user/agent/\w+ -> 200 in \d+ ms", verbose.err, re.MULTILINE)
    assert "not managed: /properties/instructions" in verbose.out
    quiet = apply("-q")
    assert quiet.err == ""
    assert "Alibaba" not in quiet.out
    assert "Apply: 2 changed" in quiet.out


def test_an_empty_folder_is_refused(folder: Path) -> None:
    """A folder without manifests is more likely a mistake than a wish: 7."""
    (folder / "empty").mkdir()
    assert run_cli("plan", "empty", *SANDBOX).code == 7


@pytest.mark.parametrize("kind", ["AgentRuntime", "Agent"])
def test_schemas_are_published_for_every_kind(kind: str) -> None:
    """`schema` lists the kinds, and `schema KIND` prints a valid JSON Schema of the document."""
    assert {"AgentRuntime", "Agent", "plan"} <= set(run_cli("schema").out.splitlines())
    schema = json.loads(run_cli("schema", kind).out)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["kind"]["const"] == kind
    assert "$ref" not in json.dumps(schema).replace("#/$defs/SecretReference", "").replace(
        '"$ref": ""', ""
    )


def test_the_sandbox_can_be_looked_at_changed_and_forgotten() -> None:
    """`sandbox log`, `set`, `quirk`, `quirks` and `reset` do what their names say."""
    apply()
    log = run_cli("sandbox", "log").out
    assert "PUT /2025-09-10/agents/runtimes/" in log
    assert "customer-service: 1 write, 1 restart\n" in log
    assert run_cli("sandbox", "set", "customer-service", "/memory=1024").code == 0
    assert "~ /memory: 1024 -> 4096" in one_spaced(plan().out)
    assert run_cli("sandbox", "quirk", "restart_seconds=7").code == 0
    assert "\nrestart_seconds=7.0\n" in "\n" + run_cli("sandbox", "quirks").out
    assert run_cli("sandbox", "reset").code == 0
    assert requests() == []
    unknown = run_cli("sandbox", "set", "nobody", "/memory=1")
    assert unknown.code == 1
    assert "there are: customer-service" in unknown.err


def test_the_sandbox_log_can_go_to_a_file(folder: Path) -> None:
    """`sandbox log -o json=FILE` writes the requests and the counts for programs."""
    apply()
    assert run_cli("sandbox", "log", "-o", "json=log.json").code == 0
    document = json.loads((folder / "log.json").read_text(encoding="utf-8"))
    assert document["restarts"]["customer-service"] == 1
    assert "(masked)" in (folder / "log.json").read_text(encoding="utf-8")
