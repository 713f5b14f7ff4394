"""Live values that may be secrets: no message of a cloud repeats them."""

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.cli.livesecrets import live_secrets, sealed_again
from reconciler.model.live import Absent, Ambiguous, Health, Live, Unread
from reconciler.model.outcome import Cause
from reconciler.model.rules import Field, Shape, Trait
from reconciler.model.sealed import Sealed
from tests.support.cli import SECRETS, run_cli, write_manifests

TEXT = Field(Shape.STRING)
RULE = Field(
    Shape.OBJECT,
    members={
        "note": TEXT,
        "env": Field(Shape.MAP, Trait.HIDDEN, item=TEXT),
        "inner": Field(Shape.OBJECT, members={"env": Field(Shape.MAP, Trait.HIDDEN, item=TEXT)}),
        "document": Field(Shape.DOCUMENT, members={"hidden": Field(Shape.STRING, Trait.HIDDEN)}),
        "items": Field(Shape.LIST, item=TEXT),
    },
)
KEY = Sealed("new-key", "env:KEY")


@pytest.mark.parametrize(
    ("want", "live", "secrets"),
    [
        ({}, {"env": {"A": "hidden-1"}, "note": "plain words"}, ["hidden-1"]),
        ({"env": {"A": "declared"}}, {"env": {"A": "live-A", "B": "hidden-B"}}, ["hidden-B"]),
        ({"env": {"A": KEY}}, {"env": {"A": "old"}}, ["old"]),
        ({}, {"env": {"A": "info", "B": "8080", "C": "12345"}}, []),
        ({"inner": {}}, {"inner": {"env": {"A": "hidden-1"}}}, ["hidden-1"]),
        ({}, {"document": '{"hidden": "hidden-1", "open": "words here"}'}, ["hidden-1"]),
        ({"document": {"hidden": "shown"}}, {"document": '{"hidden": "hidden-1"}'}, []),
        ({"note": KEY}, {"note": "old"}, ["old"]),
        ({"note": KEY}, {"note": Sealed("sealed live")}, ["sealed live"]),
        ({"note": KEY}, {"note": {"deep": ["old", 1, None]}}, ["old"]),
        ({"items": ["declared", KEY]}, {"items": ["declared", "old-secret"]}, ["old-secret"]),
        ({"items": ["declared"]}, {"items": ["what is live"]}, []),
        ({"unknown": {"a": KEY}}, {"unknown": {"a": "old", "b": "words here"}}, ["old"]),
        ({"env": None}, {"env": None, "inner": "odd"}, []),
    ],
)
def test_what_may_be_secret_is_told_from_what_is_declared(
    want: Any, live: Any, secrets: list[str]
) -> None:
    """Hidden values that nobody declared in plain text, and what a declared secret replaces."""
    assert list(live_secrets(RULE, want, live)) == secrets


def test_every_sentence_of_a_cloud_is_sealed_again() -> None:
    """Reasons and hints of what was found are sealed; what holds no sentence stays as it is."""

    def seal(text: str) -> str:
        return text.replace("s3cret", "(sealed)")

    live = Live("id", {"a": "s3cret"}, Health.FAILED, "FAILED", "s3cret", hints=("x s3cret",))
    again = sealed_again(live, seal)
    assert isinstance(again, Live)
    assert (again.status_reason, again.hints) == ("(sealed)", ("x (sealed)",))
    assert again.tree == {"a": "s3cret"}
    assert sealed_again(Unread("no: s3cret", Cause.CLOUD), seal) == Unread(
        "no: (sealed)", Cause.CLOUD
    )
    for found in (Absent(), Ambiguous(("a", "b"))):
        assert sealed_again(found, seal) == found


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_a_status_reason_that_repeats_a_live_variable_is_sealed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    """A container that dies of its environment is quoted by the cloud: not by us."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path)
    sandbox = ("--target", "sandbox")
    assert run_cli("apply", "manifests", *sandbox, environ=SECRETS).code == 0
    drop = '  environmentVariables: {LOG_LEVEL: info, API_KEY: {secret: "env:SUPPORT_API_KEY"}}\n'
    path = tmp_path / "manifests" / "agents.yaml"
    text = path.read_text(encoding="utf-8")
    assert drop in text
    path.write_text(text.replace(drop, ""), encoding="utf-8")
    canary = "console-canary"
    for assignment in (
        f"/environmentVariables/DB_URL={canary}",
        f"/statusReason=cannot connect to {canary}",
        "/status=FAILED",
    ):
        assert run_cli("sandbox", "set", "customer-service", assignment).code == 0
    ran = run_cli(verb, "manifests", *sandbox, "-v", "-o", "json", environ=SECRETS)
    assert canary not in ran.out + ran.err
    (agent,) = [one for one in json.loads(ran.out)["agents"] if one["name"] == "customer-service"]
    assert agent["reason"] == "FAILED: cannot connect to (sealed)"
