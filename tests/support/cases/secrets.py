"""Cases of secrets, and of maps that may hold some."""

from typing import Final

from reconciler.differ.options import Options
from reconciler.model.sealed import Sealed
from tests.support.deciding import AUTH, IMAGE, KEY, NESTED, UNKNOWN, Case, runtime

CASES: Final[dict[str, Case]] = {
    # secrets
    "a password that no read shows": runtime({"container": {**IMAGE, "auth": AUTH}}, {"container": {**IMAGE, "auth": {"userName": "u"}}}),
    "a change beside a password": runtime(
        {"container": {"image": "j", "auth": AUTH}}, {"container": {**IMAGE, "auth": {"userName": "u"}}}
    ),
    "a change beside a password of nobody": runtime(
        {"container": {"image": "j"}}, {"container": {**IMAGE, "auth": {"userName": "u"}}}
    ),
    "the same where members merge": runtime(
        {"container": {"image": "j"}},
        {"container": {**IMAGE, "auth": {"userName": "u"}}},
        rules=NESTED,
    ),
    "a change beside a masked password": runtime(
        {"container": {"image": "j"}}, {"container": {**IMAGE, "auth": {"password": "abc***"}}}
    ),
    "a masked text of no secret name": runtime(
        {"container": {"image": "j"}}, {"container": {"image": "i", "note": "abc***"}}
    ),
    "a password without a value": runtime(
        {"container": {"image": "j", "auth": {"userName": "u", "password": UNKNOWN}}},
        {"container": {**IMAGE, "auth": {"userName": "u"}}},
    ),
    "secrets that are sent again": runtime(
        {"container": {**IMAGE, "auth": AUTH}, "cpu": 2},
        {"container": {**IMAGE, "auth": {"userName": "u"}}},
        options=Options(resend_secrets=True),
    ),
    "secrets with a fingerprint": runtime(
        {"container": {**IMAGE, "auth": AUTH}},
        {"container": {**IMAGE, "auth": {"userName": "u"}}},
        options=Options(fingerprinter=KEY),
    ),
    "a write-only object": runtime({"arms": {"key": Sealed("k", "env:K")}, "cpu": 4}),
    "a write-only member": runtime(
        {"code": {"bucket": "b", "archive": "a"}}, {"code": {"bucket": "c", "command": "x"}}
    ),
    "an object that lacks what no read shows": runtime(
        {"code": {"command": "y"}}, {"code": {"command": "x"}}
    ),
    "an object that has what it would lack": runtime(
        {"code": {"command": "y"}}, {"code": {"command": "x", "bucket": "b"}}
    ),
    # maps
    "variables": runtime(
        {"environmentVariables": {"A": "1", "B": "2"}},
        {"environmentVariables": {"A": "0", "C": "3"}},
    ),
    "variables in clear": runtime(
        {"environmentVariables": {"A": "1"}},
        {"environmentVariables": {"A": "0", "C": "3"}},
        options=Options(show_live_values=True),
    ),
    "a secret variable": runtime(
        {"environmentVariables": {"A": Sealed("1", "env:A")}}, {"environmentVariables": {"A": "0"}}
    ),
    "an equal secret variable": runtime(
        {"environmentVariables": {"A": Sealed("1", "env:A")}}, {"environmentVariables": {"A": "1"}}
    ),
    "a secret variable without a value": runtime(
        {"environmentVariables": {"A": UNKNOWN, "B": "2"}}, {"environmentVariables": {"A": "0"}}
    ),
    "no more variables": runtime(
        {"environmentVariables": {}}, {"environmentVariables": {"A": "0"}}
    ),
    "variables that are emptied": runtime(
        {"environmentVariables": None}, {"environmentVariables": {"A": "0"}}
    ),
    "a null variable is none": runtime(
        {"environmentVariables": {"A": None, "B": "2"}}, {"environmentVariables": {"B": "2"}}
    ),
    "variables that are no map": runtime({"environmentVariables": "x"}, {"environmentVariables": {"A": "0"}}),
}  # fmt: skip
