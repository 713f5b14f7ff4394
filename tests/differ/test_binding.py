"""The facts of a plan that was saved: no digest without a key is made of what may not be shown."""

from dataclasses import replace
from typing import Any

import pytest

from reconciler.differ.binding import bind, secrets_in
from reconciler.model.binding import AgentBinding
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.manifest import CreateDefaults, OnFailure, Rollout
from reconciler.model.sealed import Sealed
from tests.support.shapes import RUNTIME, desired

KEY = Fingerprinter(Sealed("canary-key-9b1d0c5e, thirty-two", "env:KEY"))
RULES = replace(RUNTIME, secret_names=frozenset({"apikey"}))


def binding(spec: dict[str, Any], *keys: Fingerprinter) -> AgentBinding:
    """What a manifest with this spec is bound by."""
    return bind(desired(spec), RULES, (), keys)


SECRET = [
    ("in a field for secrets", lambda value: {"container": {"auth": {"password": value}}}),
    ("at a secret's name", lambda value: {"environmentVariables": {"API_KEY": value}}),
    ("a number at a secret's name", lambda value: {"settings": {"apiKey": len(value)}}),
    ("a mapping at a secret's name", lambda value: {"settings": {"apiKey": {"a": value}}}),
    ("a list at a secret's name", lambda value: {"settings": {"apiKey": [value]}}),
    ("in a list", lambda value: {"settings": [{"apiKey": value}]}),
    ("in JSON inside a text", lambda value: {"description": f'{{"apiKey": "{value}"}}'}),
]


@pytest.mark.parametrize("spec", [make for _, make in SECRET], ids=[name for name, _ in SECRET])
def test_plain_text_that_is_secret_enters_under_a_key_alone(spec: Any) -> None:
    """Who sees two plans learns nothing of it without the key, and that it moved with the key."""
    one, other = spec("canary-one"), spec("canary-another")
    assert binding(one) == binding(other)
    assert {fact.digest for fact in binding(one).secrets} == {""}
    (first,), (second,) = binding(one, KEY).secrets, binding(other, KEY).secrets
    assert first.digest.startswith(f"hmac-sha256:{KEY.key_id}:")
    assert (first.path, first.digest != second.digest) == (second.path, True)


@pytest.mark.parametrize(
    "spec", [{"settings": {"apiKey": None}}, {"environmentVariables": {"API_KEY": ""}}]
)
def test_what_is_cleared_is_no_secret(spec: dict[str, Any]) -> None:
    """So it is bound without a key: that a value goes away may be seen."""
    assert binding(spec).secrets == ()
    assert binding(spec).manifest != binding({}).manifest


def test_everything_that_decides_what_is_done_is_a_part() -> None:
    """Named as the manifest names it; what says nothing is no part."""
    whole = desired(
        {"cpu": 2},
        labels={"team": "a"},
        complete=True,
        rollout=Rollout(60.0, 3, OnFailure.CONTINUE),
        create_defaults=CreateDefaults("tool", {"port": 1}, {"code": {"a": Sealed("x", "env:X")}}),
    )
    assert sorted(bind(whole, RULES, (), ()).fields) == [
        "/metadata/complete",
        "/metadata/labels",
        "/rollout/onFailure",
        "/rollout/timeout",
        "/rollout/wave",
        "/spec/cpu",
        "defaults",
    ]
    assert sorted(binding({"cpu": 2}).fields) == ["/metadata/labels", "/spec/cpu"]


def test_a_digest_is_the_same_in_every_version() -> None:
    """Saved plans and quarantines hold it: what is not changed must not seem to have been."""
    spec = {"cpu": 2, "container": {"auth": {"password": Sealed("x", "env:PW")}, "command": ["é"]}}
    assert binding(spec).manifest == (
        "sha256:f957c71d44c461727b0bf9e546daaf154fdeacd713cc1cc4b8b9bdc779620520"
    )


def test_the_secrets_of_a_manifest_are_told_with_their_places() -> None:
    """References and plain text at a secret's name alike, in mappings and in lists."""
    wanted = desired({"settings": [{"apiKey": "plain"}], "description": Sealed("x", "env:X")})
    found = {path: secret.reference for path, secret in secrets_in(wanted, RULES)}
    assert found == {"/settings/0/apiKey": "plain text", "/description": "env:X"}
