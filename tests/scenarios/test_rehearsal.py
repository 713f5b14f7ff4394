"""`plan --rehearse`: what it foretells is what apply then does, and nobody is asked for anything."""

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator

from reconciler.cli.emulator import EmulatedTransport
from reconciler.cli.schema import schemas
from reconciler.cli.setup import Catalogue
from reconciler.ports import Context, Provider, Session
from reconciler.providers import discover
from reconciler.sandbox import control, seeds
from reconciler.sandbox.store import Store
from tests.scenarios.test_fleet import fleet, requests
from tests.scenarios.test_rollout import declare, quirk
from tests.scenarios.test_served import KEYS, start, target
from tests.support.cli import CANARY, MANIFESTS, SECRETS, LaterClock, Ran, run_cli, write_manifests
from tests.support.sandbox import served

PLAN = Draft202012Validator(schemas(Catalogue(discover()))["plan"]())
NEW = "{description: new}"
ROLLBACK = "{onFailure: rollback}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Ran:
    return run_cli(*arguments, environ=SECRETS)


def console(name: str, edit: str) -> None:
    """Somebody at the console changes one value."""
    assert run("sandbox", "set", name, edit).code == 0


def rehearsal(*arguments: str, code: int = 0) -> dict[str, Any]:
    """The rehearsal of the manifests as JSON, held against the published schema."""
    ran = run("plan", "manifests", "--rehearse", "-o", "json", *arguments)
    assert ran.code == code, ran.err
    document = json.loads(ran.out)
    PLAN.validate(document)
    return cast(dict[str, Any], document["rehearsal"])


def applied(*arguments: str) -> tuple[int, dict[str, Any]]:
    ran = run("apply", "manifests", "-o", "json", *arguments)
    return ran.code, json.loads(ran.out)


def gist(agents: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["name"], one["result"], one["writes"], one["restarts"]) for one in agents]


def spans(found: dict[str, Any], name: str) -> list[tuple[str, float, float]]:
    (agent,) = [one for one in found["agents"] if one["name"] == name]
    return [(one["doing"], one["begin"], one["end"]) for one in agent["spans"]]


def foretold(folder: Path, *arguments: str) -> dict[str, Any]:
    """A rehearsal that was held against the apply that followed it."""
    found = rehearsal()
    code, real = applied(*arguments)
    assert gist(found["agents"]) == gist(real["outcomes"])
    assert found["exitCode"] == code
    assert found["notes"] == []
    return found


def test_both_clouds_end_as_was_foretold(folder: Path) -> None:
    """An agent of each cloud: the same results, writes, restarts and exit code, nothing noted."""
    write_manifests(folder, config="defaultTarget: sandbox\n")
    found = foretold(folder)
    assert gist(found["agents"]) == [
        ("customer-service", "changed", 1, 1),
        ("reviewer", "changed", 1, 0),
    ]
    assert found["agents"][0]["restart"] == {"seconds": 60.0, "from": "assumed", "writes": 0}
    assert found["agents"][1]["restart"] is None


def test_waves_canaries_and_pauses_are_played_in_their_order(folder: Path) -> None:
    """A canary is back before its wave goes on, and a wave and its pause are over before the next."""
    names = fleet(folder, 6)
    agents = [(name, NEW, f"{{wave: {number // 3}}}") for number, name in enumerate(names)]
    declare(folder, agents, ", canary: 1, wavePause: 30s, maxUnavailable: 2")
    found = foretold(folder)
    (_, begin, end), *_ = spans(found, names[0])
    assert (begin, round(end)) == (0, 61)
    assert min(spans(found, name)[0][1] for name in names[1:3]) >= end
    first_wave = max(spans(found, name)[-1][2] for name in names[:3])
    assert spans(found, names[3])[0][1] == pytest.approx(first_wave + 30, abs=1)
    assert [one["canary"] for one in found["agents"]] == [True, False, False] * 2


def test_no_more_restart_at_a_time_than_slots(folder: Path) -> None:
    """With two slots no three updates are under way at any moment."""
    names = fleet(folder, 5)
    declare(folder, [(name, NEW, "{}") for name in names], ", maxUnavailable: 2")
    found = foretold(folder)
    edges = [(begin, end) for name in names for _, begin, end in spans(found, name)]
    assert len(edges) == 5
    assert max(sum(b <= at < e for b, e in edges) for at, _ in edges) == 2


def test_agents_that_nothing_is_sent_to_are_told_as_they_would_be(folder: Path) -> None:
    """In sync, failed and blocked ones end as in the apply, and so does its exit code."""
    names = fleet(folder, 3)
    blocked = "{description: new, artifactType: Code}"
    specs = [NEW, "{description: old}", "{description: old}", blocked]
    all_names = [*names, seeds.RUNTIME_NAME]
    declare(folder, [(n, s, "{}") for n, s in zip(all_names, specs, strict=True)])
    console(names[2], "/status=UPDATE_FAILED")
    found = foretold(folder)
    results = [one["result"] for one in found["agents"]]
    assert results == ["changed", "unchanged", "failed", "blocked"]
    assert found["exitCode"] == 5


def test_ignore_rules_overlays_and_selections_are_those_of_the_plan(folder: Path) -> None:
    """Who is not selected is not played; what an overlay sets is; what is ignored causes nothing."""
    names = fleet(folder, 3)
    declare(folder, [(name, "{description: old}", "{}") for name in names])
    (folder / "manifests" / "overlay").mkdir()
    (folder / "manifests" / "overlay" / "o.yaml").write_text(
        "apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntime\n"
        f"metadata: {{name: {names[0]}}}\nspec: {{cpu: 4}}\n---\n"
        "apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntime\n"
        f"metadata: {{name: {names[1]}}}\nspec: {{memory: 4096}}\n"
    )
    (folder / "manifests" / "reconcile.yaml").write_text(
        "defaultTarget: sandbox\ntargets:\n  sandbox:\n    overlays: [overlay]\n"
        "    limits: {maxChange: 100%}\nignore:\n- {path: /memory, reason: scaled by hand}\n"
    )
    assert gist(rehearsal("--name", names[1])["agents"]) == [(names[1], "unchanged", 0, 0)]
    found = foretold(folder)
    assert [one["result"] for one in found["agents"]] == ["changed", "unchanged", "unchanged"]


def test_a_restart_that_is_not_ours_is_waited_for(folder: Path) -> None:
    """A busy agent waits until its restart would be over, and is written to then."""
    names = fleet(folder, 1)
    declare(folder, [(names[0], NEW, "{}")])
    quirk(folder, "restart_stuck", [names[0]])
    console(names[0], "/cpu=4")
    (waits, update) = spans(rehearsal(), names[0])
    assert (waits[0], update[0]) == ("waiting", "update")
    assert 1 <= waits[2] <= 62
    assert update[1] >= waits[2]


def test_the_time_is_that_of_earlier_restarts(folder: Path) -> None:
    """After a run is on record its restarts are played as long, and the apply takes about that."""
    names = fleet(folder, 4)
    declare(folder, [(name, NEW, "{}") for name in names], ", maxUnavailable: 2")
    assert applied()[0] == 0
    declare(folder, [(name, "{description: newer}", "{}") for name in names], ", maxUnavailable: 2")
    found = rehearsal()
    assert {one["restart"]["from"] for one in found["agents"]} == {"recorded"}
    code, real = applied()
    assert code == 0
    assert found["seconds"] == pytest.approx(real["seconds"], rel=0.1)


def test_a_canary_that_fails_stops_everything_and_goes_back(folder: Path) -> None:
    """One failure in each wave: what is rolled back field by field, who is not written to, the code."""
    names = fleet(folder, 4)
    agents = [
        (name, NEW, f"{{wave: {i // 2}, onFailure: rollback}}") for i, name in enumerate(names)
    ]
    declare(folder, agents, ", canary: 1")
    first, second = rehearsal()["failures"]
    assert (first["wave"], first["agent"]["name"], first["canary"]) == (0, names[0], True)
    assert "the canary" in first["halted"]
    assert [one["name"] for one in first["stopped"]] == names[1:]
    assert [one["name"] for one in second["stopped"]] == names[3:]
    failed = first["agents"][0]
    assert failed["result"] == "failed"
    assert failed["rollback"]["complete"] is True
    assert failed["rollback"]["fields"] == [
        {"path": "/description", "restored": True, "reason": ""}
    ]
    assert [one["doing"] for one in failed["spans"]] == ["update", "rollback"]
    assert (first["restarts"], first["exitCode"]) == (2, 5)
    assert second["begin"] == pytest.approx(122, abs=2)


def test_the_failure_that_is_played_is_the_failure_that_comes(folder: Path) -> None:
    """Where the first agent really fails, apply does what was foretold of it and of the others."""
    names = fleet(folder, 4)
    agents = [
        (name, NEW, f"{{wave: {i // 3}, onFailure: rollback}}") for i, name in enumerate(names)
    ]
    declare(folder, agents, ", canary: 1, maxUnavailable: 1")
    first = rehearsal()["failures"][0]
    quirk(folder, "restart_fails_next", 1)
    code, real = applied()
    assert code == first["exitCode"] == 5
    assert gist(first["agents"]) == gist(real["outcomes"][:3])
    skipped = [one["name"] for one in real["outcomes"] if one["result"] == "skipped"]
    assert [one["name"] for one in first["stopped"]] == skipped == names[1:]
    assert first["agents"][0]["rollback"] == real["outcomes"][0]["rollback"]


@pytest.mark.parametrize(
    ("limits", "rollout", "halted", "stopped"),
    [
        (", maxUnavailable: 1", "{}", False, 0),
        (", maxUnavailable: 1", "{onFailure: continue}", False, 0),
        (", maxUnavailable: 1, canary: 1", "{}", True, 2),
    ],
)
def test_without_a_rollback_the_failure_stays(
    folder: Path, limits: str, rollout: str, halted: bool, stopped: int
) -> None:
    """`stop` and `continue` go nowhere back; one failure is within maxFailures, a canary's is not."""
    names = fleet(folder, 3)
    declare(folder, [(name, NEW, rollout) for name in names], limits)
    (failure,) = rehearsal()["failures"]
    assert bool(failure["halted"]) is halted
    assert len(failure["stopped"]) == stopped
    assert failure["agents"][0]["rollback"] is None
    assert [one["result"] for one in failure["agents"]].count("changed") == 2 - stopped


def test_a_new_agent_that_fails_has_nothing_to_go_back_to(folder: Path) -> None:
    """A creation is played too, and its failure."""
    spec = (
        "{artifactType: Container, cpu: 2, memory: 2048, port: 8080, "
        "networkConfiguration: {networkMode: PUBLIC}, containerConfiguration: {image: 'r/a:1'}}"
    )
    declare(folder, [("brand-new", spec, ROLLBACK)])
    found = foretold(folder)
    (failure,) = found["failures"]
    assert spans(found, "brand-new")[0][0] == "create"
    assert failure["agents"][0]["rollback"]["result"] == "skipped"
    assert "this run created it" in failure["agents"][0]["rollback"]["reason"]


def test_a_wave_without_restarts_has_no_failure_to_play(folder: Path) -> None:
    """AppStage has no restart that could end FAILED, and the rehearsal says so."""
    write_manifests(folder, MANIFESTS.split("---\n")[1], config="defaultTarget: sandbox\n")
    found = rehearsal()
    assert found["failures"] == []
    assert found["withoutFailure"] == [{"wave": 0, "reason": "nothing in it restarts"}]


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_is_sent_and_nothing_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud sees the requests of the same plan without a rehearsal, nobody opens a socket, and
    no file is there afterwards but the sandbox's own."""

    def refuse(*_: Any) -> Any:
        raise AssertionError("a socket was opened")

    write_manifests(folder, config="defaultTarget: sandbox\n")
    assert run("plan", "manifests").code == 0
    plain = requests(folder)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert run("plan", "manifests", "--rehearse").code == 0
    assert requests(folder) == [*plain, *plain]
    below = {path.removeprefix(str(folder)) for path in everything(folder)}
    assert {path for path in below if "sandbox.db" not in path} == {
        "/manifests/agents.yaml",
        "/manifests/reconcile.yaml",
    }


def test_over_a_socket_the_cloud_sees_only_the_reads_of_the_plan(tmp_path: Path) -> None:
    """A process of its own, real credentials and a real clock: the served cloud's log is that of a
    plan, and nothing is written below the working folder."""
    seen: list[list[tuple[str, str]]] = []
    for arguments in (["plan", "manifests"], ["plan", "manifests", "--rehearse"]):
        folder = tmp_path / str(len(seen))
        folder.mkdir()
        with Store(tmp_path / f"cloud-{len(seen)}.db") as store, served(store) as port:
            target(folder, port)
            before = everything(folder)
            out, err = start(folder, *arguments).communicate(timeout=60)
            assert "Plan: 2 to update" in out, err
            assert everything(folder) == before
            seen.append(sorted((o.operation, o.method) for o in control.log_lines(store)))
    assert "Rehearsal:" in out
    assert "2 changed; 1 restart, about 1 min 1 s" in out
    assert seen[0] == seen[1]
    assert {method for _, method in seen[1]} == {"GET", "POST"}
    assert [name for name, method in seen[1] if method == "POST"] == ["CreateToken"]
    assert "a-throwaway-value" not in out + err


class Watched:
    """A provider that notes with what it is connected."""

    def __init__(self, inner: Provider, seen: list[Context]) -> None:
        self._inner = inner
        self._seen = seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def connect(self, settings: Any, context: Context) -> AbstractAsyncContextManager[Session]:
        self._seen.append(context)
        return self._inner.connect(settings, context)


def test_who_may_write_has_no_network_and_no_credentials(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every session of the twin goes through the emulator's transport with throw-away credentials."""
    contexts: list[Context] = []
    providers = cast(
        "tuple[Provider, ...]", tuple(Watched(provider, contexts) for provider in discover())
    )
    write_manifests(folder, config="defaultTarget: sandbox\n")
    secret = {**SECRETS, **{name: f"real-{name}" for name in KEYS}}
    ran = run_cli("plan", "manifests", "--rehearse", environ=secret, providers=lambda: providers)
    assert ran.code == 0, ran.err
    writing = [context for context in contexts if context.writable]
    assert len(writing) == 6, "two clouds, each three times: as read, the run, and its wave"
    for context in writing:
        assert isinstance(context.transport, EmulatedTransport)
        assert set(context.environ.values()) == {"sandbox"}
    assert len(contexts) == 8


def secrets_in(folder: Path, ran: Ran) -> Iterator[str]:
    texts = {"out": ran.out, "err": ran.err}
    texts |= {name: (folder / name).read_text() for name in ("p.json", "p.md", "p.txt")}
    yield from (name for name, text in texts.items() if CANARY in text or "former" in text)


def test_no_secret_is_in_any_form_of_it(folder: Path) -> None:
    """Neither the declared secret nor the live one that it replaces and that is brought back."""
    write_manifests(folder, config="defaultTarget: sandbox\n")
    text = (folder / "manifests" / "agents.yaml").read_text()
    (folder / "manifests" / "agents.yaml").write_text(
        text.replace("---", "rollout: {onFailure: rollback}\n---", 1)
    )
    console(seeds.RUNTIME_NAME, "/environmentVariables/API_KEY=former-77a0c3")
    forms = [
        word for name in ("json=p.json", "markdown=p.md", "text=p.txt") for word in ("-o", name)
    ]
    ran = run("plan", "manifests", "--rehearse", "-v", *forms)
    assert ran.code == 0, ran.err
    assert list(secrets_in(folder, ran)) == []
    document = json.loads((folder / "p.json").read_text())
    back = document["rehearsal"]["failures"][0]["agents"][0]["rollback"]
    assert "/environmentVariables/API_KEY" in [one["path"] for one in back["fields"]]
    assert "```mermaid" in (folder / "p.md").read_text()
    assert "Rehearsal:" in (folder / "p.txt").read_text()


def test_who_is_known_to_take_longer_than_its_timeout_is_foretold_to_run_out_of_time(
    folder: Path,
) -> None:
    """By the records of an earlier run; that failure counts when a later wave has one as well."""
    names = fleet(folder, 3)
    rollouts = ["{wave: 0, timeout: 10s}", "{wave: 1}", "{wave: 1}"]
    old = [
        (name, NEW, rollout.replace(", timeout: 10s", ""))
        for name, rollout in zip(names, rollouts, strict=True)
    ]
    declare(folder, old, ", maxUnavailable: 1")
    assert applied()[0] == 0
    new = "{description: newer}"
    new_agents = [(name, new, rollout) for name, rollout in zip(names, rollouts, strict=True)]
    declare(folder, new_agents, ", maxUnavailable: 2")
    found = rehearsal()
    assert [one["result"] for one in found["agents"]] == ["timed-out", "changed", "changed"]
    assert found["exitCode"] == 6
    second = found["failures"][1]
    assert (second["wave"], second["exitCode"]) == (1, 5)
    assert "2 agents failed, more than limits.maxFailures (1)" in second["halted"]


def test_a_secret_that_is_not_here_is_stood_in_for(folder: Path) -> None:
    """A pull request has no secrets: the run is played all the same, and the lack of them told."""
    write_manifests(folder, config="defaultTarget: sandbox\n")
    ran = run_cli("plan", "manifests", "--rehearse", "-o", "json", environ={})
    found = json.loads(ran.out)["rehearsal"]
    assert [one["result"] for one in found["agents"]] == ["changed", "changed"]
    (note,) = found["notes"]
    assert "1 secret that has no value here (env:SUPPORT_API_KEY)" in note
    assert "stands-in" not in ran.out + ran.err


def test_a_plan_that_apply_refuses_is_rehearsed_as_if_it_were_allowed(folder: Path) -> None:
    """What has to be allowed is told; the run is played, past the limit on restarts too."""
    names = fleet(folder, 12)
    declare(folder, [(name, NEW, "{}") for name in names], ", maxRestarts: 2")
    text = (folder / "manifests" / "reconcile.yaml").read_text()
    (folder / "manifests" / "reconcile.yaml").write_text(text.replace("100%", "10%"))
    found = rehearsal()
    assert found["writes"] == found["restarts"] == 12
    assert re.search(r"apply refuses this plan \(.*--max-change", found["notes"][0])


def test_a_plan_that_was_rehearsed_can_be_applied(folder: Path) -> None:
    """The saved plan carries its rehearsal, bound by the same digest."""
    names = fleet(folder, 2)
    declare(folder, [(name, NEW, "{}") for name in names])
    assert run("plan", "manifests", "--rehearse", "-o", "json=plan.json").code == 0
    edited = json.loads((folder / "plan.json").read_text())
    assert edited["rehearsal"]["restarts"] == 2
    edited["rehearsal"]["restarts"] = 0
    (folder / "edited.json").write_text(json.dumps(edited))
    assert run("apply", "manifests", "--plan", "edited.json").code == 7
    assert run("apply", "manifests", "--plan", "plan.json").code == 0


class Elsewhere(Watched):
    """A cloud that no emulator knows."""

    name = "elsewhere"


def test_a_cloud_that_the_sandbox_does_not_know_is_left_out(folder: Path) -> None:
    """The others are played; what is left out has its reason and no result."""
    write_manifests(folder, config="targets: {}\n")
    first, second = discover()
    strange = (first, cast(Provider, Elsewhere(second, [])))
    ran = run_cli(
        *("plan", "manifests", "--rehearse", "-o", "json", "--target", "sandbox"),
        environ=SECRETS,
        providers=lambda: strange,
    )
    found = json.loads(ran.out)["rehearsal"]
    assert len(found["agents"]) == 1
    assert [one["reason"] for one in found["leftOut"]] == ["the sandbox does not emulate its cloud"]


def test_nothing_to_do_is_nothing_to_play(folder: Path) -> None:
    """In sync: no bar, no failure, no second."""
    names = fleet(folder, 2)
    declare(folder, [(name, "{description: old}", "{}") for name in names])
    found = rehearsal()
    assert (found["seconds"], found["writes"], found["failures"]) == (0, 0, [])
    assert (
        "2 unchanged; 0 restarts, about 0 s; exit code 0"
        in run("plan", "manifests", "--rehearse").out
    )


def next_start() -> float:
    """When the next command line begins; each call puts that off."""
    return LaterClock().wall() + 1000.0


def test_a_wave_that_is_played_alone_begins_when_it_would(folder: Path) -> None:
    """In the take with its failure a restart of somebody else's is over by then, and an agent that
    was updated just before the plan is not waited for again; a share of slots is one of all agents."""
    names = fleet(folder, 8)
    agents = [(name, NEW, f"{{wave: {i // 4}}}") for i, name in enumerate(names)]
    declare(folder, agents, ", maxUnavailable: 50%")
    at = next_start() - 3
    with Store(folder / ".reconcile" / "sandbox.db") as store:
        control.set_quirk(store, "restart_stuck", [names[6]])
        control.set_quirk(store, "restart_seconds", 0)
        for name in names[6:]:
            control.set_value(store, name, "/cpu", 4, at)
    found = rehearsal()
    assert [spans(found, name)[0][0] for name in names[6:]] == ["waiting", "waiting"]
    second = found["failures"][1]
    assert second["begin"] >= 57
    played = {one["name"]: one["spans"] for one in second["agents"]}
    for name in names[6:]:
        assert spans(found, name)[0][2] >= 12
        writes = [one for one in played[name] if one["doing"] == "update"]
        assert writes[0]["begin"] - second["begin"] < 1
    assert second["seconds"] - second["begin"] < 90, "four at a time, not two"


def test_a_window_that_begins_meanwhile_holds_back_who_comes_later(folder: Path) -> None:
    """The policy is asked before each write, at the moment at which it would go out."""
    names = fleet(folder, 2)
    declare(folder, [(n, NEW, f"{{wave: {i}}}") for i, n in enumerate(names)], ", wavePause: 40s")
    at = datetime.fromtimestamp(next_start() + 80, UTC)
    config = folder / "manifests" / "reconcile.yaml"
    window = f"{{cron: '{at.minute} {at.hour} {at.day} {at.month} *', for: 1h, timezone: UTC}}"
    config.write_text(f"{config.read_text()}policy:\n  builtin:\n    freeze: [{window}]\n")
    found = rehearsal()
    assert [one["result"] for one in found["agents"]] == ["changed", "skipped"]
    assert "frozen" in found["agents"][1]["reason"]
    assert found["exitCode"] == 7


def test_what_was_taken_back_before_is_still_held_back(folder: Path) -> None:
    """The records of earlier runs count, as they do in an apply."""
    names = fleet(folder, 2)
    declare(folder, [(name, NEW, ROLLBACK) for name in names], ", maxUnavailable: 1")
    quirk(folder, "restart_fails_next", 1)
    assert applied()[0] == 5
    found = foretold(folder)
    assert [one["result"] for one in found["agents"]] == ["blocked", "unchanged"]


def test_a_cloud_that_cannot_be_read_is_told_and_the_other_one_played(folder: Path) -> None:
    """What is not known is not made up: no creation of what may well be there."""
    write_manifests(folder, config="defaultTarget: sandbox\n")
    quirk(folder, "fault_cloud", "agentrun")
    quirk(folder, "error_reads_next", 1000)
    found = rehearsal(code=4)
    assert gist(found["agents"]) == [
        ("customer-service", "failed", 0, 0),
        ("reviewer", "changed", 1, 0),
    ]
    assert found["exitCode"] == 4


def test_plan_and_rehearsal_fit_into_one_comment(folder: Path) -> None:
    """Of many agents both are cut, each within its share."""
    names = fleet(folder, 60)
    spec = "{description: new, environmentVariables: {" + ", ".join(
        f"A_VARIABLE_WITH_A_LONG_NAME_{n}: some text that is rather long {n}" for n in range(40)
    )
    declare(folder, [(name, spec + "}}", f"{{wave: {i // 10}}}") for i, name in enumerate(names)])
    ran = run("plan", "manifests", "--rehearse", "-o", "markdown")
    assert ran.code == 0
    assert 55_000 < len(ran.out) <= 65_000
    assert ran.out.count("```mermaid") == 1
    assert "Left out to stay within" in ran.out


@pytest.mark.slow
def test_two_hundred_agents_take_less_than_ten_seconds(folder: Path) -> None:
    """Four waves of fifty, a failure in each: processor time, so that neighbours do not count."""
    names = fleet(folder, 200)
    agents = [
        (name, NEW, f"{{wave: {i // 50}, onFailure: rollback}}") for i, name in enumerate(names)
    ]
    declare(folder, agents)
    began = time.process_time()
    found = rehearsal()
    assert time.process_time() - began < 10
    assert found["writes"] == 200
    assert len(found["failures"]) == 4
