"""Cases of what a record says of an earlier run."""

from typing import Any, Final

from reconciler.model.run import Write
from tests.support.deciding import BASE

WRITES: Final[dict[str, tuple[list[Write], dict[str, Any], dict[str, str]]]] = {
    "as that run left it": (
        [Write(2, 1.0, "update", before={"/cpu": 2}, after={"/cpu": 4}, left_stamp=5.0)],
        {**BASE, "cpu": 4},
        {},
    ),
    "changed since": (
        [Write(2, 1.0, "update", before={"/cpu": 2, "/port": 1}, after={"/cpu": 4, "/port": 2})],
        {**BASE, "cpu": 9, "port": 2},
        {},
    ),
    "with a secret that is in no record": (
        [
            Write(
                2, 1.0, "update",
                before={"/cpu": 2},
                hidden=("/environmentVariables/A",),
                after={"/cpu": 4},
                sealed=("/environmentVariables/A",),
                secrets=("/environmentVariables/A",),
                left_stamp=5.0,
            )
        ],
        {**BASE, "cpu": 4, "environmentVariables": {"A": "s"}},
        {},
    ),
    "with a secret and a write since": (
        [
            Write(
                2, 1.0, "update",
                unset=("/environmentVariables/A",),
                sealed=("/environmentVariables/A",),
                secrets=("/environmentVariables/A",),
                left_stamp=0.5,
            )
        ],
        {**BASE, "environmentVariables": {"A": "s"}},
        {},
    ),
    "of an object that needs a secret": (
        [
            Write(
                2, 1.0, "update",
                before={"/container/image": "i"},
                after={"/container/image": "j"},
                references={"/container/auth/password": "env:PW"},
                secrets=("/container/auth/password",),
                left_stamp=5.0,
            )
        ],
        {**BASE, "container": {"image": "j", "auth": {"userName": "u"}}},
        {},
    ),
    "of an object whose secret is there": (
        [
            Write(
                2, 1.0, "update",
                before={"/container/image": "i"},
                after={"/container/image": "j"},
                references={"/container/auth/password": "env:PW"},
                secrets=("/container/auth/password",),
                left_stamp=5.0,
            )
        ],
        {**BASE, "container": {"image": "j", "auth": {"userName": "u"}}},
        {"PW": "pw"},
    ),
    "of two writes": (
        [
            Write(2, 1.0, "update", before={"/cpu": 2}, unset=("/affinity",), hidden=("/h",),
                  after={"/cpu": 4, "/affinity": "A"}, sealed=("/x",), supplied={"a": 1}),
            Write(5, 2.0, "update", before={"/cpu": 4, "/port": 1}, unset=("/affinity", "/y"),
                  hidden=("/h", "/x"), after={"/cpu": 8, "/port": 2}, sealed=("/affinity",),
                  supplied={"b": 2}, left_stamp=5.0),
        ],
        {**BASE, "cpu": 8, "port": 2, "affinity": "A"},
        {},
    ),
    "of a value that was unset": (
        [
            Write(2, 1.0, "update", unset=("/affinity", "/diskSize"),
                  after={"/affinity": "A", "/diskSize": 5}, left_stamp=5.0)
        ],
        {**BASE, "affinity": "A", "diskSize": 5},
        {},
    ),
}  # fmt: skip
