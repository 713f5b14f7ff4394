"""When rules are asked, about what, and for how long."""

from pathlib import Path
from typing import Any

import pytest

from reconciler.cli import policies
from reconciler.cli.policies import NUMBERS, Case, Question, judgement, subject_of
from reconciler.model.live import Absent, Health, Live
from reconciler.model.manifest import Address, CreateDefaults, Desired, Place
from reconciler.model.plan import About, Blocked, Create, Delete, InSync, Update
from reconciler.model.policy import (
    BreakGlass,
    Custom,
    Expression,
    Facts,
    Finding,
    Head,
    ImagePinned,
    Judgement,
    Level,
    Policy,
    Subject,
)
from reconciler.model.sealed import Sealed
from tests.support.cli import SECRETS, Ran, Tty, run_cli, write_manifests
from tests.support.shapes import RUNTIME

PLACE = Place("reconcile.yaml", 1, 1)
ADDRESS = Address("example/v1", "Runtime", "bot")
ABOUT = About(ADDRESS, PLACE, "id-1", "READY")
CONFIG = "defaultTarget: sandbox\npolicy: {builtin: {image-pinned: deny}}\n"
DENIAL = Judgement((Finding("freeze", Level.DENY, "frozen", PLACE),))


def desired(**more: Any) -> Desired:
    """An agent with a secret."""
    spec = {"cpu": 2, "key": Sealed("canary", "env:KEY")}
    return Desired(ADDRESS, PLACE, spec, {}, labels={"team": "a"}, **more)


def case(agent: Any, wanted: Desired | None = None) -> Subject | None:
    """The agent as rules see it."""
    live = Live("id-1", {"cpu": 1}, Health.READY)
    found = Absent() if isinstance(agent, Create) else live
    return subject_of(Case(agent, wanted or desired(), found, RUNTIME), Facts())


def test_rules_are_asked_of_what_would_be_written_and_of_nothing_else() -> None:
    """Created, updated and deleted agents; not those in sync, nor those that are blocked."""
    update = Update(ABOUT, (), (), {}, restarts=True)
    seen = [case(one) for one in (Create(ABOUT, (), (), {}), update, Delete(ABOUT))]
    assert [one and one.action for one in seen] == ["create", "update", "delete"]
    assert [one and one.restarts for one in seen] == [False, True, False]
    assert [case(one) for one in (InSync(ABOUT), Blocked(ABOUT, "why"))] == [None, None]


def test_what_rules_see_is_public() -> None:
    """A secret is sealed in it."""
    subject = case(Update(ABOUT, (), (), {}, restarts=True))
    assert subject is not None
    assert subject.wanted == {"cpu": 2, "key": "(sealed)"}
    assert subject.labels == {"team": "a"}


def test_an_agent_that_is_created_is_judged_with_its_defaults() -> None:
    """What a vendor's tool would set is sent on creating, so rules see it there and only there."""
    wanted = desired(create_defaults=CreateDefaults("tool", {"network": "PUBLIC"}))
    created = case(Create(ABOUT, (), (), {}), wanted)
    updated = case(Update(ABOUT, (), (), {}, restarts=True), wanted)
    assert created is not None
    assert updated is not None
    assert created.wanted["network"] == "PUBLIC"
    assert "network" not in updated.wanted


def test_rules_that_take_too_long_together_deny() -> None:
    """What was not evaluated in time counts as broken, and says so."""
    now = iter(range(0, 1000, 20))
    rule = Custom(Head("r", Level.DENY, PLACE, "m"), Expression("agent.name == 'x'", PLACE))
    subjects = [Subject(ADDRESS, "update")] * 3
    question = Question(
        subjects, dict.fromkeys(NUMBERS, 0), "t", 0.0, 0.0, lambda: float(next(now))
    )
    (finding,) = judgement(Policy((rule,)), question).findings
    assert finding.denies
    assert not finding.evaluated
    assert finding.text == "m (not evaluated: all rules together took longer than 30 s)"


def test_nothing_to_write_means_nothing_to_judge() -> None:
    """But a break-glass that expired is still told."""
    glass = BreakGlass("why", 1.0, "1970-01-01", ("image-pinned",), PLACE)
    policy = Policy((ImagePinned(Head("image-pinned", Level.DENY, PLACE)),), (glass,))
    judged = judgement(policy, Question([], {}, "t", 2.0, 2.0, lambda: 0.0))
    assert judged.findings == ()
    assert len(judged.notices) == 1


def denying_from(call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that denies from this time of asking on, as a freeze window does."""
    asked: list[Question] = []

    def later(_: Policy, question: Question) -> Judgement:
        asked.append(question)
        return DENIAL if len(asked) >= call else Judgement()

    monkeypatch.setattr(policies, "judgement", later)


@pytest.fixture
def manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of manifests with a policy."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path, config=CONFIG)


def apply(*, terminal: bool) -> Ran:
    """One apply, answered with yes on a terminal."""
    if not terminal:
        return run_cli("apply", "manifests", environ=SECRETS)
    stdin = Tty("yes\n")
    return run_cli("apply", "manifests", environ=SECRETS, stdin=stdin, stdout=Tty(), stderr=Tty())


@pytest.mark.usefixtures("manifests")
def test_policy_is_asked_again_when_a_question_was_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer may have taken hours: the run is refused as a whole, before any write."""
    denying_from(2, monkeypatch)
    ran = apply(terminal=True)
    assert ran.code == 7
    assert "error: policy denies this plan: freeze: frozen" in ran.err


@pytest.mark.usefixtures("manifests")
def test_policy_is_asked_again_before_each_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is denied then is skipped with the reason, and nothing is sent."""
    denying_from(2, monkeypatch)
    ran = apply(terminal=False)
    assert ran.code == 7
    assert "error: policy denies" not in ran.err
    assert "not started: policy denies this plan: freeze: frozen" in ran.out
    assert "PUT" not in run_cli("sandbox", "log").out
