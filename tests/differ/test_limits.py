"""What a change says beside its values: the limit of a text, and how much stays as it is."""

from dataclasses import replace

from reconciler.differ.decide import decide
from reconciler.differ.limits import limit_of
from reconciler.model.live import Health, Live
from reconciler.model.plan import Update
from reconciler.model.rules import Field, Shape
from reconciler.providers.agentrun.rules import RULES as AGENTRUN
from reconciler.providers.agentrun.schema import AgentRuntimeSpec
from reconciler.providers.appstage.rules import RULES as APPSTAGE
from reconciler.providers.appstage.schema import Properties
from tests.support.shapes import desired


def limits(rule: Field) -> dict[str, int]:
    return {name: one.limit for name, one in rule.members.items() if one.limit is not None}


def test_the_limits_of_the_rules_are_those_of_the_schemas() -> None:
    """AgentRun says "at most", AppStage "fewer than", so its schema takes one character less."""
    runtime = AgentRuntimeSpec.model_json_schema()["properties"]
    told = {n: s["anyOf"][0].get("maxLength") for n, s in runtime.items() if "anyOf" in s}
    assert limits(AGENTRUN.root) == {name: size for name, size in told.items() if size}
    agent = Properties.model_json_schema()["properties"]
    below = {n: s["anyOf"][0].get("maxLength") for n, s in agent.items() if "anyOf" in s}
    found = limits(APPSTAGE.root.members["properties"])
    assert found == {name: size + 1 for name, size in below.items() if size}
    assert found["instructions"] == 4000


def test_a_limit_is_found_below_lists_and_objects() -> None:
    """The pointer leads through objects and list positions; where no rule is, no limit is."""
    assert limit_of(APPSTAGE, "/properties/instructions") == 4000
    assert limit_of(APPSTAGE, "/properties/unknown/deeper") is None
    assert limit_of(AGENTRUN, "/containerConfiguration/command/3") is None
    assert AGENTRUN.root.members["containerConfiguration"].shape is Shape.OBJECT


def test_a_limit_is_found_below_elements_and_keys() -> None:
    """Of a list and of a map it is that of their elements, whatever the position or the key."""
    item = Field(Shape.OBJECT, members={"name": Field(Shape.STRING, limit=9)})
    members = {
        "list": Field(Shape.LIST, item=item),
        "map": Field(Shape.MAP, item=Field(Shape.STRING, limit=7)),
        "object": Field(Shape.OBJECT, item=item, members={"own": Field(Shape.STRING, limit=5)}),
    }
    rules = replace(APPSTAGE, root=Field(Shape.OBJECT, members=members))
    paths = ("/list/3/name", "/map/KEY", "/object/own", "/list/3", "/none", "/none/below")
    assert [limit_of(rules, path) for path in paths] == [9, 7, 5, None, None, None]


def test_a_change_knows_the_limit_of_its_field() -> None:
    """An update tells how long the text may be, and how many declared fields are equal."""
    spec = {
        "agentId": "a",
        "region": "cn-north-5",
        "tags": [],
        "properties": {"instructions": "new", "name": "bot", "model_setting": {"top_p": 1}},
    }
    live = {
        "region": "cn-north-5",
        "tags": [],
        "properties": {"instructions": "old", "name": "bot", "model_setting": '{"top_p": 1.0}'},
    }
    plan = decide(desired(spec), Live("a", live, Health.READY), APPSTAGE).plan
    assert isinstance(plan, Update)
    assert [(change.path, change.limit) for change in plan.changes] == [
        ("/properties/instructions", 4000)
    ]
    assert plan.about.unchanged == 4
