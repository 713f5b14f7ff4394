"""The YAML of agentrun-cli against what that tool itself makes of it."""

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from reconciler.differ.decide import decide
from reconciler.loader.secrets import resolve
from reconciler.model.errors import InputError
from reconciler.model.live import Absent, Health, Live
from reconciler.model.manifest import Desired
from reconciler.model.plan import Create, InSync, Update
from reconciler.model.rules import Field, Shape
from reconciler.model.sealed import Sealed
from reconciler.providers.agentrun.dialect import DIALECT
from reconciler.providers.agentrun.dialect.names import NAMES
from reconciler.providers.agentrun.rules import RULES
from reconciler.providers.agentrun.schema import AgentRuntimeSpec
from tests.support.ar import CONTAINER, HEAD, Case, load_theirs, refused, rendered

CASES = [*rendered("documented"), *rendered("variants")]

EXCEPTIONS = {
    "agentRuntimeName": "the session adds it: it stands in metadata.name",
    "systemTags": "the tool's own mark; ours are added when something is written",
    "workspaceName": "no field of the API; the target names the workspace",
    "a2a_agent_card": "no field of the API: the tool's client misspells a2aAgentCard",
    "a2a_agent_card_url": "no field of the API: the client misspells a2aAgentCardUrl",
}
"""What the tool renders and we don't send, each with its reason."""

NOT_RENDERED = {
    "networkConfiguration": "the client adds it after rendering: PUBLIC is the documented default",
    "a2aAgentCard": "rendered under the misspelt name",
    "a2aAgentCardUrl": "rendered under the misspelt name",
}
"""What we send and the tool doesn't render."""


def desired_of(folder: Path, text: str) -> Desired:
    return resolve(load_theirs(folder, text).manifests, environ={}, strict=True)[0]


def created(folder: Path, text: str) -> dict[str, Any]:
    """The body that would be posted, its secrets in clear."""
    decision = decide(desired_of(folder, text), Absent(), RULES)
    assert isinstance(decision.plan, Create)
    assert decision.body is not None
    return {name: revealed(value) for name, value in decision.body.items()}


def revealed(value: Any) -> Any:
    if isinstance(value, Sealed):
        return value.reveal()
    if isinstance(value, dict):
        return {name: revealed(member) for name, member in value.items()}
    return [revealed(member) for member in value] if isinstance(value, list) else value


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Where two bodies differ, the exceptions left out."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for name in {**ours, **theirs}:
            if (name in EXCEPTIONS and name not in ours) or (
                name in NOT_RENDERED and name not in theirs
            ):
                continue
            found += differences(ours.get(name), theirs.get(name), f"{path}/{name}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [one for n, (a, b) in pairs for one in differences(a, b, f"{path}/{n}")]
    return [] if (type(ours) is type(theirs) and ours == theirs) or _same(ours, theirs) else [path]


def _same(ours: Any, theirs: Any) -> bool:
    numbers = all(isinstance(n, int | float) and not isinstance(n, bool) for n in (ours, theirs))
    return bool(numbers and ours == theirs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_an_agent_is_created_as_the_tool_would_create_it(tmp_path: Path, case: Case) -> None:
    """For each documented example, and for sixty more, the create body is what the tool renders."""
    assert differences(created(tmp_path, case.text), case.rendered) == []


def test_there_are_enough_cases() -> None:
    """Every documented example, and at least forty of our own."""
    assert len(rendered("documented")) == 8
    assert len(rendered("variants")) >= 40


@pytest.mark.parametrize("text", refused())
def test_what_the_tool_refuses_is_refused_with_a_place(tmp_path: Path, text: str) -> None:
    """Each document that the tool refuses is an error here too, in a line of that file."""
    with pytest.raises(InputError) as caught:
        load_theirs(tmp_path, text)
    errors = [problem for problem in caught.value.problems if not problem.warning]
    assert errors
    assert all(problem.place.file.endswith("a.yaml") for problem in errors)


def live(**tree: Any) -> Live:
    return Live("ar-1", {"artifactType": "Container", **tree}, Health.READY, "READY")


@given(
    cpu=st.sampled_from([0.5, 1, 2, 4, 16]),
    memory=st.integers(128, 32768),
    port=st.integers(1, 65535),
    mode=st.sampled_from(["PUBLIC", "PRIVATE", "PUBLIC_AND_PRIVATE"]),
)
def test_a_default_never_touches_what_is_live(
    tmp_path_factory: pytest.TempPathFactory, cpu: float, memory: int, port: int, mode: str
) -> None:
    """Whatever cpu, memory, port and network a live agent has: a document without them is in sync."""
    there = live(
        cpu=cpu,
        memory=memory,
        port=port,
        networkConfiguration={"networkMode": mode},
        containerConfiguration={"image": "registry.example.com/ns/agent:v1"},
    )
    wanted = desired_of(tmp_path_factory.mktemp("d"), f"{HEAD}spec:\n{CONTAINER}")
    plan = decide(wanted, there, RULES).plan
    assert isinstance(plan, InSync)
    assert plan.about.asides == (
        "cpu, memory and port are not in the manifest and keep their live values "
        "(agentrun-cli would set 2, 4096 and 9000)",
    )


def test_an_update_carries_live_sizes_and_says_that_they_are_kept(tmp_path: Path) -> None:
    """An update for another reason sends the live cpu, not the tool's default."""
    there = live(cpu=8, memory=16384, port=7000, containerConfiguration={"image": "old"})
    decision = decide(desired_of(tmp_path, f"{HEAD}spec:\n{CONTAINER}"), there, RULES)
    assert isinstance(decision.plan, Update)
    assert decision.body is not None
    assert (decision.body["cpu"], decision.body["memory"], decision.body["port"]) == (
        8,
        16384,
        7000,
    )
    assert [change.path for change in decision.plan.changes] == ["/containerConfiguration/image"]
    assert "keep their live values" in decision.plan.about.asides[0]


def test_a_creation_says_which_values_are_defaults(tmp_path: Path) -> None:
    """Each default is a change with a note; a network without a mode gets the documented one."""
    text = f"{HEAD}spec:\n  cpu: 4\n  network: {{vpcId: vpc-1}}\n{CONTAINER}"
    plan = decide(desired_of(tmp_path, text), Absent(), RULES).plan
    assert isinstance(plan, Create)
    notes = {change.path: change.note for change in plan.changes}
    default = "default of agentrun-cli, used for creating only"
    assert notes["/memory"] == notes["/port"] == default
    assert notes["/networkConfiguration"] == f"networkMode: {default}"
    assert notes["/cpu"] == notes["/artifactType"] == notes["/containerConfiguration"] == ""


def test_a_value_that_is_set_is_no_default(tmp_path: Path) -> None:
    """Only what the document leaves out is spoken of."""
    text = f"{HEAD}spec:\n  cpu: 1\n  memory: 512\n  port: 80\n{CONTAINER}"
    there = live(cpu=1, memory=512, port=80)
    assert decide(desired_of(tmp_path, text), there, RULES).plan.about.asides == ()


def test_every_name_of_the_table_leads_to_a_field() -> None:
    """The table names members that the derived models have, and fields that ours have."""
    ours = set(AgentRuntimeSpec.model_fields)
    for theirs, name in NAMES.items():
        if theirs.count("/") == 2:
            assert theirs.split("/")[2] in DIALECT.model.model_fields
            assert name in ours


def members_of(annotation: Any) -> dict[str, Any] | None:
    """The members of the model in an annotation, through lists, None where there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {name: info.annotation for name, info in annotation.model_fields.items()}
    found = (members_of(part) for part in get_args(annotation))
    return next((members for members in found if members is not None), None)


def test_rules_and_models_name_the_same_members() -> None:
    """Everywhere below spec: what the schema takes has a rule, and nothing else has."""
    pairs: list[tuple[str, Any, Field]] = [("spec", DIALECT.model, DIALECT.root)]
    for path, annotation, rule in pairs:
        members = members_of(annotation)
        rule = rule.item if rule.shape is Shape.LIST and rule.item is not None else rule
        if members is not None:
            assert set(members) == set(rule.members), path
            pairs += [(f"{path}.{name}", members[name], rule.members[name]) for name in members]
    assert len(pairs) > 60


def test_limits_are_those_of_our_own_spelling(tmp_path: Path) -> None:
    """A value out of range is refused in the tool's words, with the limit of our schema."""
    text = f"{HEAD}spec:\n  cpu: 99\n  sessionConcurrencyLimitPerInstance: 201\n{CONTAINER}"
    with pytest.raises(InputError) as caught:
        load_theirs(tmp_path, text)
    assert [(p.code, p.text, p.place.line, p.place.column) for p in caught.value.problems] == [
        ("out-of-range", "cpu must be at most 16, found the number 99", 5, 8),
        (
            "out-of-range",
            "sessionConcurrencyLimitPerInstance must be at most 200, found the number 201",
            6,
            39,
        ),
    ]
