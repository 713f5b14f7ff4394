"""Whatever happens in whatever order: a fingerprint vouches only for what the cloud truly holds."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.model.fingerprint import Fingerprinter
from reconciler.model.plan import InSync, Update
from reconciler.model.sealed import Sealed
from tests.support.differ import BASE
from tests.support.memory import revealed
from tests.support.shapes import RUNTIME, desired, live

KEYS = [Fingerprinter(Sealed(f"one of two keys, number {number}")) for number in range(2)]
VALUES = ("old", "new")

RUN = st.fixed_dictionaries(
    {
        "key": st.sampled_from([*KEYS, None]),
        "tagged": st.booleans(),
        "password": st.sampled_from(VALUES),
        "license": st.sampled_from([*VALUES, None]),
        "description": st.sampled_from(["a", "b"]),
        "image": st.sampled_from(["v1", "v2"]),
        "tags": st.sampled_from([None, [], ["mine"]]),
        "resend": st.booleans(),
    }
)
CONSOLE = st.sampled_from([[], ["foreign"], ["reconcile-secret-broken"]])


def _spec(run: dict[str, Any]) -> dict[str, Any]:
    auth = {"password": Sealed(run["password"])}
    spec: dict[str, Any] = {
        "description": run["description"],
        "container": {"image": run["image"], "auth": auth},
    }
    if run["license"] is not None:
        spec["arms"] = {"key": Sealed(run["license"])}
    if run["tags"] is not None:
        spec["systemTags"] = run["tags"]
    return spec


class _Cloud:
    """What it truly holds, and what a read shows of it."""

    def __init__(self) -> None:
        auth = {"userName": "bob", "password": "first"}
        self.held: dict[str, Any] = {
            **BASE,
            "description": "a",
            "container": {"image": "v1", "auth": auth},
            "systemTags": ["foreign"],
        }

    def shown(self) -> dict[str, Any]:
        container = self.held["container"]
        masked = {**container, "auth": {**container["auth"], "password": "fir***"}}
        visible = {name: value for name, value in self.held.items() if name != "arms"}
        return {**visible, "container": masked}

    def holds(self, run: dict[str, Any]) -> bool:
        license_key = self.held.get("arms", {}).get("key")
        password = self.held["container"]["auth"]["password"]
        return password == run["password"] and run["license"] in (None, license_key)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(RUN, CONSOLE | st.none()), min_size=1, max_size=6))
def test_no_fingerprint_ever_vouches_for_what_the_cloud_does_not_hold(
    history: list[tuple[dict[str, Any], list[str] | None]],
) -> None:
    """Runs with two keys or none, tags on or off, rotations back and forth, and a console user."""
    cloud = _Cloud()
    for run, console in history:
        if console is not None:
            cloud.held["systemTags"] = console
        foreign = [t for t in cloud.held["systemTags"] if not t.startswith("reconcile-")]
        rules = replace(RUNTIME, secret_tag=run["tagged"])
        options = Options(resend_secrets=run["resend"], fingerprinter=run["key"])
        decision = decide(desired(_spec(run)), live(cloud.shown()), rules, options)
        if decision.body is not None:
            cloud.held |= revealed(decision.body)
        left = [t for t in cloud.held["systemTags"] if not t.startswith("reconcile-")]
        assert left == (foreign if run["tags"] is None else run["tags"])
        after = decide(
            desired(_spec(run)), live(cloud.shown()), rules, replace(options, resend_secrets=False)
        )
        assert isinstance(after.plan, InSync)
        for key in KEYS:
            for password in VALUES:
                for license_key in (*VALUES, None):
                    claim = {**run, "password": password, "license": license_key}
                    seen = decide(
                        desired(_spec(claim)),
                        live(cloud.shown()),
                        replace(RUNTIME, secret_tag=True),
                        Options(fingerprinter=key),
                    ).plan
                    if isinstance(seen, InSync) and not seen.about.unobservable:
                        assert cloud.holds(claim)


@settings(deadline=None)
@given(RUN, st.sampled_from(KEYS))
def test_secrets_that_are_the_same_never_cause_a_write(
    run: dict[str, Any], key: Fingerprinter
) -> None:
    """Once they were sent under this key, they are silent until one of them moves."""
    cloud = _Cloud()
    rules = replace(RUNTIME, secret_tag=True)
    sent = decide(
        desired(_spec(run)),
        live(cloud.shown()),
        rules,
        Options(fingerprinter=key, resend_secrets=True),
    )
    assert sent.body is not None
    cloud.held |= revealed(sent.body)
    plan = decide(desired(_spec(run)), live(cloud.shown()), rules, Options(fingerprinter=key)).plan
    assert isinstance(plan, InSync)
    assert plan.about.unobservable == ()
    other = "old" if run["password"] == "new" else "new"
    moved = desired(_spec({**run, "password": other}))
    again = decide(moved, live(cloud.shown()), rules, Options(fingerprinter=key)).plan
    assert isinstance(again, Update)
    assert len(again.changes) == 1
