"""The documents for programs: their shape is a promise that later versions keep."""

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from reconciler.model.errors import Problem
from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import NOTHING, Blocked
from reconciler.model.rules import Field, Shape, Trait
from reconciler.report.json import apply_document, dumps, plan_document, problems_document
from reconciler.report.schema import PLAN_SCHEMA, manifest_schema
from tests.support.cli import (
    about,
    address,
    change,
    every_entry,
    every_outcome,
    place,
    plan_of,
    update,
)


def test_the_plan_document_has_the_agreed_shape() -> None:
    """One agent's entry holds exactly what the published format says, and the sums agree."""
    entry = update(change("/image", "v2", "v3"), change("/new", NOTHING, 1))
    document = plan_document(plan_of(entry))
    assert document["formatVersion"] == "1"
    assert document["target"] == "staging"
    assert document["summary"] == {
        "inSync": 0,
        "create": 0,
        "update": 1,
        "delete": 0,
        "unhealthy": 0,
        "blocked": 0,
        "unreadable": 0,
        "restarts": 1,
        "requests": 1,
    }
    (agent,) = document["agents"]
    assert agent["action"] == "update"
    assert agent["restarts"] is True
    assert agent["patch"] == list(entry.patch)
    assert agent["body"] == {"image": "v3", "new": 1}
    where = "manifests/agents.yaml:5:12"
    assert agent["changes"] == [
        {"path": "/image", "from": "v2", "to": "v3", "place": where, "note": ""},
        {"path": "/new", "to": 1, "place": where, "note": ""},
    ]


def test_what_the_text_tells_of_an_agent_stands_in_the_document_too() -> None:
    """The limit of a long text, how much is equal, and what its fingerprint proves."""
    whole = about()._replace(unchanged=7, proved=("/auth/password",))
    long = replace(change("/prompt", "a", "b"), limit=4000)
    document = plan_document(plan_of(update(long, change("/cpu", 1, 2), of=whole)))
    assert list(Draft202012Validator(PLAN_SCHEMA).iter_errors(document)) == []
    (agent,) = document["agents"]
    assert (agent["unchanged"], agent["proved"]) == (7, ["/auth/password"])
    assert [one.get("limit") for one in agent["changes"]] == [4000, None]
    assert "limit" not in agent["changes"][1]


def test_an_absent_side_of_a_change_has_no_key_and_null_has_one() -> None:
    """Absent and null are different things: only null is written as null."""
    entry = update(change("/a", 1, NOTHING), change("/b", None, 1), change("/c", 1, None))
    changes = plan_document(plan_of(entry))["agents"][0]["changes"]
    assert [sorted(c.keys() & {"from", "to"}) for c in changes] == [
        ["from"],
        ["from", "to"],
        ["from", "to"],
    ]


def test_every_entry_has_its_own_action() -> None:
    """The seven kinds of entry are told apart by `action`, and carry their reason."""
    agents = plan_document(plan_of(*every_entry()))["agents"]
    assert [agent["action"] for agent in agents] == [
        "in-sync",
        "create",
        "update",
        "delete",
        "unhealthy",
        "blocked",
        "unreadable",
    ]
    assert [agent["reason"] for agent in agents] == [
        "",
        "",
        "",
        "",
        "FAILED: image could not be pulled",
        "it is published",
        "no permission",
    ]


def test_the_published_schema_holds_for_real_documents() -> None:
    """Plan and apply documents with every entry and result satisfy the published schema."""
    Draft202012Validator.check_schema(PLAN_SCHEMA)
    validator = Draft202012Validator(PLAN_SCHEMA)
    plan = plan_of(*every_entry())
    for document in (
        plan_document(plan),
        plan_document(plan_of()),
        apply_document(plan, every_outcome(), seconds=1.5),
    ):
        assert list(validator.iter_errors(json.loads(dumps(document)))) == []


@pytest.mark.parametrize("key", ["formatVersion", "target", "summary", "agents"])
def test_the_published_schema_refuses_what_is_no_plan(key: str) -> None:
    """A document without one of its parts does not satisfy the schema."""
    document = plan_document(plan_of(*every_entry()))
    del document[key]
    assert list(Draft202012Validator(PLAN_SCHEMA).iter_errors(document))


def test_the_schema_names_every_key_that_is_written() -> None:
    """No key of a document is missing from the schema, so that readers can rely on it."""
    agent_keys = PLAN_SCHEMA["properties"]["agents"]["items"]["properties"].keys()
    document = apply_document(plan_of(*every_entry()), every_outcome(), seconds=1.0)
    assert document.keys() <= PLAN_SCHEMA["properties"].keys()
    leaders = {"canary"}  # a canary alone has it
    assert all(agent.keys() | leaders == agent_keys for agent in document["agents"])
    outcome_keys = PLAN_SCHEMA["properties"]["outcomes"]["items"]["properties"].keys()
    assert all(outcome.keys() == outcome_keys for outcome in document["outcomes"])


def test_outcomes_use_the_agreed_words() -> None:
    """`apply -o json` names one result for each agent, with seconds, restarts and reason."""
    outcomes = apply_document(plan_of(), every_outcome(), seconds=2.0)["outcomes"]
    assert [outcome["result"] for outcome in outcomes] == [
        "changed",
        "unchanged",
        "created",
        "blocked",
        "failed",
        "timed-out",
        "not-kept",
        "unknown",
        "skipped",
        "interrupted",
        "written",
    ]
    assert {"kind", "name", "seconds", "restarts", "reason"} <= outcomes[0].keys()


def test_documents_hold_nothing_that_a_terminal_acts_on() -> None:
    """A JSON report may be printed to a terminal: it has no active character but line feeds."""
    entry = update(change("/prompt", "\x1b[2J\u202e", "\x9b\ud800\U000e0041你好"))
    text = dumps(plan_document(plan_of(entry)))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "你好" in text
    decoded = json.loads(text)["agents"][0]["changes"][0]
    assert decoded["from"] == "\x1b[2J\u202e"
    assert decoded["to"] == "\x9b\ud800\U000e0041你好"


def test_problems_are_a_document_too() -> None:
    """`validate -o json` tells each problem with its place, code, text and way out."""
    problem = Problem(place(3, 5), "unknown-field", 'unknown "cpus"', 'did you mean "cpu"?', 4)
    document = problems_document([problem], agents=2, files=1)
    assert document == {
        "formatVersion": "1",
        "agents": 2,
        "files": 1,
        "problems": [
            {
                "file": "manifests/agents.yaml",
                "line": 3,
                "column": 5,
                "length": 4,
                "severity": "error",
                "code": "unknown-field",
                "text": 'unknown "cpus"',
                "help": 'did you mean "cpu"?',
            }
        ],
    }


MANIFEST = manifest_schema(
    api_version="cloud.example.com/v1",
    kind="Agent",
    spec={
        "$defs": {
            "Login": {
                "type": "object",
                "properties": {"user": {"type": "string"}, "password": {"type": "string"}},
                "additionalProperties": False,
            }
        },
        "type": "object",
        "properties": {
            "cpu": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            "login": {"anyOf": [{"$ref": "#/$defs/Login"}, {"type": "null"}]},
            "variables": {"type": "object", "additionalProperties": {"type": "string"}},
            "settings": {"type": "object"},
            "args": {"type": "array", "items": {"type": "string"}},
        },
        "additionalProperties": False,
    },
    root=Field(
        Shape.OBJECT,
        members={
            "login": Field(Shape.OBJECT, members={"password": Field(Shape.STRING, Trait.SECRET)}),
            "settings": Field(Shape.DOCUMENT),
        },
    ),
)
ENVELOPE = {
    "apiVersion": "cloud.example.com/v1",
    "kind": "Agent",
    "metadata": {"name": "bot", "labels": {"team": "support"}},
}
REFERENCE = {"secret": "env:NAME"}


@pytest.mark.parametrize(
    ("spec", "accepted"),
    [
        ({"cpu": 2}, True),
        ({"cpu": None}, True),
        ({"cpu": "2"}, False),
        ({"cpu": REFERENCE}, False),
        ({"cpus": 2}, False),
        ({"login": {"user": "me", "password": REFERENCE}}, True),
        ({"login": {"user": REFERENCE}}, True),
        ({"login": {"password": "in plain text"}}, False),
        ({"login": {"password": {"secret": "plain"}}}, False),
        ({"variables": {"A": "b", "B": REFERENCE}}, True),
        ({"variables": {"A": 1}}, False),
        ({"settings": {"any": 1}}, True),
        ({"settings": '{"any": 1}'}, True),
        ({"args": ["a", REFERENCE]}, True),
    ],
)
def test_the_schema_of_a_manifest_takes_references_where_strings_may_stand(
    spec: dict[str, object], accepted: bool
) -> None:
    """An editor accepts secret references and JSON text where `validate` does, and no typo."""
    Draft202012Validator.check_schema(MANIFEST)
    found = list(Draft202012Validator(MANIFEST).iter_errors({**ENVELOPE, "spec": spec}))
    assert (not found) is accepted


def test_a_number_that_json_does_not_have_is_written_as_its_name() -> None:
    """NaN and infinity would make the whole document unreadable for strict programs."""
    document = {"a": [float("nan"), {"b": float("-inf")}], "c": (float("inf"), 1.5)}

    def refuse(word: str) -> None:
        raise AssertionError(word)

    loaded = json.loads(dumps(document), parse_constant=refuse)
    assert loaded == {"a": ["NaN", {"b": "-Infinity"}], "c": ["Infinity", 1.5]}


def test_documents_keep_long_messages_whole() -> None:
    """What is cut for people is kept for programs."""
    reason = "r" * 5000
    outcome = Outcome(address("bot"), "id", Result.FAILED, reason=reason, notes=(reason,))
    plan = plan_of(Blocked(about("bot"), reason))
    document = apply_document(plan, [outcome], seconds=1)
    assert document["agents"][0]["reason"] == reason
    assert (document["outcomes"][0]["reason"], document["outcomes"][0]["notes"]) == (
        reason,
        [reason],
    )
