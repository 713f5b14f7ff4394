"""How a case is decided, and what is told of the decision."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from dataclasses import field as member
from typing import Any, Final

from reconciler.differ.decide import Decision, decide
from reconciler.differ.hold import hold
from reconciler.differ.options import Options
from reconciler.differ.recall import bare, recall
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.live import Found, Health, Live
from reconciler.model.manifest import Address, CreateDefaults, Desired, Place
from reconciler.model.plan import NOTHING, Blocked, Create, Unhealthy, Unreadable, Update
from reconciler.model.rules import BodyStyle, Field, Rules, Shape, Trait
from reconciler.model.run import Write
from reconciler.model.sealed import Sealed
from tests.support.reviewing import bound
from tests.support.shapes import PROMPT, RUNTIME

BASE: Final = {"cpu": 2, "memory": 2048, "port": 8080}
KEY: Final = Fingerprinter(Sealed("k" * 64, "env:KEY"))
ADDRESS: Final = Address("example/v1", "Runtime", "bot")
IMAGE: Final = {"image": "i", "command": ["a"]}
AUTH: Final = {"userName": "u", "password": Sealed("pw", "env:PW")}
UNKNOWN: Final = Sealed(None, "env:PW")
PROPERTIES: Final = {
    "name": "old",
    "instructions": "long",
    "model_setting": '{"temperature":0.30,"top_p":0.3}',
    "tools": [{"type": "web", "api_key": Sealed("abc***")}],
    "id": "19",
    "extra": "e",
}
AGENT: Final = {"region": "r", "tags": ["x", "reconcile-managed"], "properties": PROPERTIES}
WHOLE: Final = {"agentId": "a", "region": "r", "tags": ["x"]}


def desired(spec: dict[str, Any], **more: Any) -> Desired:
    """A desired state whose every top-level field stands on a line of its own."""
    places = {f"/{name}": Place("bot.yaml", 3 + i, 5) for i, name in enumerate(spec)}
    return Desired(ADDRESS, Place("bot.yaml", 1, 1), spec, places, **more)


@dataclass(frozen=True)
class Case:
    """What is wanted and what was read. `later` is a second read, of a plan that was reviewed."""

    spec: dict[str, Any]
    live: dict[str, Any] | Found
    rules: Rules = RUNTIME
    options: Options = member(default_factory=Options)
    more: dict[str, Any] = member(default_factory=dict)
    health: Health = Health.READY
    later: dict[str, Any] | Found | None = None
    later_spec: dict[str, Any] | None = None
    keys: Sequence[Fingerprinter] = ()
    about: dict[str, Any] = member(default_factory=dict)

    def found(self, tree: dict[str, Any] | Found) -> Found:
        """The read."""
        if not isinstance(tree, dict):
            return tree
        return Live("ar-1", tree, self.health, status=self.health.name, **self.about)


def runtime(spec: dict[str, Any], live: dict[str, Any] | Found | None = None, **more: Any) -> Case:
    """One of the first kind, that has the usual fields and these."""
    return Case(
        spec, {**BASE, **(live or {})} if live is None or isinstance(live, dict) else live, **more
    )


def prompt(properties: dict[str, Any], live: dict[str, Any] | None = None, **more: Any) -> Case:
    """One of the second kind."""
    spec = {**WHOLE, "properties": properties, **more.pop("spec", {})}
    return Case(spec, {**AGENT, **(live or {})}, PROMPT, **more)


NESTED: Final = replace(RUNTIME, nested_merge=True)
STRICT: Final = replace(RUNTIME, body=BodyStyle.WHOLE)
_HEADER: Final = Field(
    Shape.OBJECT,
    members={"name": Field(Shape.STRING), "value": Field(Shape.STRING, Trait.HIDDEN)}
    | {"no": Field(Shape.STRING, Trait.HIDDEN), "on": Field(Shape.BOOLEAN, Trait.HIDDEN)},
)
_CONTAINER: Final = RUNTIME.root.members["container"]
HEADERS: Final = replace(
    RUNTIME,
    root=replace(
        RUNTIME.root,
        members={
            **RUNTIME.root.members,
            "container": replace(
                _CONTAINER,
                members={**_CONTAINER.members, "headers": Field(Shape.LIST, item=_HEADER)},
            ),
        },
    ),
)
"""A list whose elements hold what is not shown."""

DEFAULTS: Final = CreateDefaults("the-tool", {"memory": 512, "container": {"image": "x"}})
FAILED: Final[dict[str, Any]] = {"health": Health.FAILED}


def shown(value: Any) -> Any:
    """A value with its secrets named."""
    if isinstance(value, Sealed):
        return f"<{value.reference or 'live'}{'' if value.resolved else ', no value'}>"
    if value is NOTHING:
        return "(absent)"
    if isinstance(value, dict):
        return {name: shown(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [shown(member) for member in value]
    return value


def text(value: Any) -> str:
    """One line of JSON."""
    return json.dumps(shown(value), ensure_ascii=True)


def told(decision: Decision) -> list[str]:
    """Every member of a decision that says something."""
    plan = decision.plan
    about = plan.about
    lines = [f"plan      {type(plan).__name__} {about.address} {about.place}"]
    for name, value in about._asdict().items():
        if value and name not in ("address", "place"):
            lines.append(f"  {name} {value if isinstance(value, str) else text(_listed(value))}")
    if isinstance(plan, Blocked | Unreadable | Unhealthy):
        lines.append(f"  reason {plan.reason}")
    if isinstance(plan, Unreadable):
        lines.append(f"  cause {plan.cause.name}")
    if isinstance(plan, Create | Update | Blocked):
        for change in plan.changes:
            more = f" {change.note}" if change.note else ""
            more += f" at most {change.limit}" if change.limit else ""
            before, after = text(change.before), text(change.after)
            lines.append(f"  change {change.path} {before} -> {after} at {change.place}{more}")
    if isinstance(plan, Create | Update):
        lines += [f"  patch {text(one)}" for one in plan.patch]
        lines.append(f"  body {text(plan.body)}")
    if isinstance(plan, Update):
        lines.append(f"  restarts {plan.restarts}: {plan.restart_reason}")
    if decision.body is not None:
        lines.append(f"sends     {text(decision.body)}")
        lines.append(f"paths     {text(sorted(decision.paths))}")
    lines += [f"touches   {t.path} {text(t.before)} {t.secret}" for t in decision.touched]
    return lines


def _listed(value: Any) -> Any:
    if isinstance(value, tuple) and not hasattr(value, "_asdict"):
        return [_listed(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return [str(getattr(value, one.name)) for one in fields(value)]
    return value


def decided(case: Case) -> list[str]:
    """What is decided, and of a reviewed plan what is left of it later."""
    wanted = desired(case.spec, **case.more)
    decision = decide(wanted, case.found(case.live), case.rules, case.options)
    if case.later is None:
        return told(decision)
    reviewed = bound(wanted, case.rules, decision, case.keys)
    now = wanted if case.later_spec is None else desired(case.later_spec, **case.more)
    held = hold(now, case.found(case.later), case.rules, case.options, reviewed)
    lines = [*told(held.decision), f"wanted    {text(held.desired.spec)}"]
    lines += [f"note      {note}" for note in held.notes]
    lines += [f"moved     {one}" for one in held.moved]
    return lines + [f"left      {one}" for one in held.left]


def way_back(writes: list[Write], live: dict[str, Any], environ: dict[str, str]) -> list[str]:
    """The way back that a record gives."""
    naked = bare(desired({}), writes[-1], environ)
    found = recall(naked, writes, Live("ar-1", live, Health.READY, stamp=5.0), RUNTIME)
    lines = [f"wanted    {text(found.desired.spec)}"]
    lines += [f"stays     {path}: {why}" for path, why in found.stays]
    lines += [f"moved     {one}" for one in found.moved]
    return lines + [f"blocked   {one}" for one in found.blocked]
