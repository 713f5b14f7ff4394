"""The built-in rules: what they are asked of, what they say, and whom they leave alone."""

from fnmatch import fnmatchcase
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.differ.pattern import matches_any
from reconciler.differ.policy import BuiltIn, allowed_by, judge
from reconciler.loader.selector import parse_selector
from reconciler.model.manifest import Address, Place
from reconciler.model.policy import (
    AllowedModels,
    BreakGlass,
    Facts,
    Finding,
    Freeze,
    Head,
    ImagePinned,
    Level,
    MaxCpu,
    MaxMemory,
    NoPublicNetwork,
    Protected,
    Scope,
    Subject,
)
from reconciler.model.sealed import Sealed
from reconciler.model.tree import PUBLIC_SEALED

EVERYBODY = Scope()
PLACE = Place("reconcile.yaml", 3, 5)
FACTS = Facts(
    image="/container/image",
    network="/network/mode",
    private=("PRIVATE",),
    memory_mb="/memory",
    cpu="/cpu",
    models=("/model", "/other"),
)
DIGEST = "sha256:" + "0123456789abcdef" * 4


def head(message: str = "", scope: Scope = EVERYBODY) -> Head:
    """What every rule has."""
    return Head("rule", Level.DENY, PLACE, message, scope)


def subject(wanted: dict[str, Any], live: dict[str, Any] | None = None, **more: Any) -> Subject:
    """An agent that would be updated."""
    address = Address("cloud/v1", "Agent", more.pop("name", "bot"))
    values = {"action": "update", "facts": FACTS, **more}
    return Subject(address=address, wanted=wanted, live=live or {}, **values)


def said(rule: BuiltIn, *subjects: Subject, now: float | None = 0.0) -> list[str]:
    """The texts of what a rule finds."""
    return [one.text for one in judge(rule, subjects, now)]


def image(reference: Any) -> dict[str, Any]:
    """A spec with this image."""
    return {"container": {"image": reference}}


@pytest.mark.parametrize(
    "reference",
    [
        f"registry.example.com/ns/agent@{DIGEST}",
        f"registry.example.com:5000/agent:latest@{DIGEST}",
        "agent:v3",
        "registry.example.com:5000/ns/agent:2026-11-20",
        "agent:latest-2",
        None,
        "",
    ],
)
def test_a_pinned_image_is_left_alone(reference: Any) -> None:
    """A digest or a tag that is not `latest`; code without a container has no image at all."""
    assert said(ImagePinned(head()), subject(image(reference)), subject({})) == []


@pytest.mark.parametrize(
    "reference",
    [
        "agent",
        "agent:",
        "agent:latest",
        "agent:LATEST",
        "registry.example.com:5000/ns/agent",
        "agent@sha256:",
        "agent@sha256:0123",
        "agent:v1@latest",
        PUBLIC_SEALED,
        Sealed("agent:v1"),
        7,
    ],
)
def test_an_image_that_may_change_under_its_name_is_told(reference: Any) -> None:
    """No tag means latest, a registry's port is no tag, and what nobody can see is not pinned."""
    assert len(said(ImagePinned(head()), subject(image(reference)))) == 1


def test_what_is_not_declared_is_asked_of_the_live_agent() -> None:
    """An update leaves an undeclared field as it is, so the live value is what will hold."""
    rule = ImagePinned(head())
    assert said(rule, subject({"cpu": 2}, image("agent:latest"))) == ["agent:latest is not pinned"]
    assert said(rule, subject(image("agent:v1"), image("agent:latest"))) == []


def test_the_network_has_to_be_said() -> None:
    """Both modes with the public network are told, and so is none at all."""
    rule = NoPublicNetwork(head())
    modes = ("PRIVATE", "PUBLIC", "PUBLIC_AND_PRIVATE")
    found = [said(rule, subject({"network": {"mode": mode}})) for mode in modes]
    assert found == [[], ["mode is PUBLIC"], ["mode is PUBLIC_AND_PRIVATE"]]
    assert said(rule, subject({})) == ["mode is not set, so the cloud chooses it"]
    assert said(rule, subject({}, {"network": {"mode": "PRIVATE"}})) == []


def test_a_kind_without_the_field_is_not_asked() -> None:
    """An agent of a cloud without networks, images or memory breaks none of these rules."""
    bare = subject({}, facts=Facts())
    rules = (
        NoPublicNetwork(head()),
        ImagePinned(head()),
        MaxMemory(head(), 1),
        MaxCpu(head(), 1),
        AllowedModels(head(), ()),
    )
    assert [said(rule, bare) for rule in rules] == [[]] * len(rules)


def test_limits_hold_up_to_and_including_the_limit() -> None:
    """As much as is allowed is allowed."""
    assert said(MaxMemory(head(), 2048), subject({"memory": 2048})) == []
    assert said(MaxMemory(head(), 2048), subject({"memory": 2049})) == [
        "2049 MB of memory, more than 2048"
    ]
    assert said(MaxCpu(head(), 2), subject({"cpu": 2.5})) == ["2.5 cores, more than 2"]
    assert said(MaxCpu(head(), 2), subject({"cpu": PUBLIC_SEALED})) == [
        "(sealed) is no number of cores"
    ]


def test_every_model_is_asked_for() -> None:
    """A star stands for anything, all the rest for itself."""
    rule = AllowedModels(head(), ("zhipu:*", "qwen:max"))
    assert said(rule, subject({"model": "zhipu:glm-4", "other": "qwen:max"})) == []
    assert said(rule, subject({"model": "qwen:maxi", "other": "zhipu"})) == [
        "not allowed: qwen:maxi, zhipu"
    ]
    assert said(rule, subject({"model": "", "other": None})) == []


def test_patterns_are_no_regular_expressions() -> None:
    """Only the star is special, also where the text has line feeds."""
    assert matches_any("a.b\nc", ("a.b*",))
    assert not matches_any("aXb", ("a.b",))
    assert not matches_any("ab", ("a", "b"))
    assert not matches_any("x" * 5000, ("*x" * 200 + "y",))


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_a_star_is_what_it_is_to_fnmatch(pattern: str, text: str) -> None:
    """The same answer as the standard library gives, for patterns without its other signs."""
    assert matches_any(text, (pattern,)) == fnmatchcase(text, pattern)


def test_a_protected_agent_is_neither_updated_nor_deleted() -> None:
    """Creating it is allowed: there is nothing to protect."""
    rule = Protected(head(scope=Scope(names=("prod-*",))))
    found = [
        said(rule, subject({}, name="prod-1", action=action))
        for action in ("create", "update", "delete")
    ]
    words = ["protected, and would be updated"], ["protected, and would be deleted"]
    assert found == [[], *words]
    assert said(rule, subject({}, name="test-1")) == []


def test_a_deleted_agent_has_no_image() -> None:
    """Rules about what an agent will be are not asked of one that goes away."""
    assert said(ImagePinned(head()), subject(image("agent:latest"), action="delete")) == []


def test_names_and_labels_narrow_a_rule_together() -> None:
    """Both have to hold."""
    rule = MaxCpu(head(scope=Scope(("a*",), parse_selector("tier=prod"))), 1)
    prod, other = {"tier": "prod"}, {"tier": "test"}
    assert len(said(rule, subject({"cpu": 2}, name="ab", labels=prod))) == 1
    assert said(rule, subject({"cpu": 2}, name="ab", labels=other)) == []
    assert said(rule, subject({"cpu": 2}, name="b", labels=prod)) == []


def test_a_freeze_is_told_once_and_only_where_it_is_for_somebody() -> None:
    """It is about the run; without anybody in its scope, or without a time, it is not asked."""
    always = Freeze(head("the weekend", Scope(("bot",))), "* * * * *", 3600, ZoneInfo("UTC"))
    found = list(judge(always, [subject({}), subject({}, action="delete")], 0.0))
    assert [one.address for one in found] == [None]
    assert found[0].text.startswith("the weekend (frozen: nothing is written before 1970-01-01 ")
    assert said(always, subject({}, name="x")) == []
    assert said(always, subject({}), now=None) == []


def test_a_message_comes_first() -> None:
    """The author's words, and then what was found."""
    rule = MaxCpu(head("be modest"), 1)
    assert said(rule, subject({"cpu": 2})) == ["be modest (2 cores, more than 1)"]


def test_break_glass_allows_its_rules_until_it_expires() -> None:
    """One second before, and not from that second on; other rules not at all."""
    glass = BreakGlass("incident 12", 100.0, "1970-01-01", ("rule",), PLACE)
    found = Finding("rule", Level.DENY, "text", PLACE)
    assert allowed_by([glass], found, 99.0) == (
        "incident 12 (until 1970-01-01, reconcile.yaml:3:5)"
    )
    assert allowed_by([glass], found, 100.0) == ""
    assert allowed_by([glass], Finding("other", Level.DENY, "text", PLACE), 0.0) == ""
