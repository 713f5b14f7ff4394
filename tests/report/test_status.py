"""How agents are, as text and as a document."""

from jsonschema import Draft202012Validator

from reconciler.model.status import Open, State, Status
from reconciler.report.status import ago_text, render_status, status_document
from reconciler.report.status_schema import STATUS_SCHEMA
from tests.support.cli import address

NOW = 1_790_000_000.0


def every_status() -> list[Status]:
    """An agent in each state."""
    return [
        Status(
            address(state.value),
            state,
            f"id-{number}",
            "WORD",
            version="3",
            since="2026-09-21T13:40:00+00:00",
            age_seconds=400.0,
        )
        for number, state in enumerate(State)
    ]


def text(*statuses: Status) -> str:
    """The text for people, without colour."""
    return render_status(statuses, now=NOW, color=False)


def test_every_state_has_its_line_and_its_number() -> None:
    """One of each, counted at the end."""
    lines = text(*every_status()).splitlines()
    assert lines[0] == (
        "ready       Agent/ready  WORD, version 3, since 2026-09-21T13:40:00+00:00 (7 min ago)"
    )
    assert len(lines) == len(State) + 1
    assert lines[-1] == (
        "Status: 8 agents: 1 ready, 1 restarting, 1 failed, 1 unknown, 1 no-status, 1 absent, "
        "1 ambiguous, 1 unreadable"
    )
    assert "time left unknown" in lines[1]


def test_a_restart_says_how_much_longer_it_takes() -> None:
    """As far as earlier ones tell."""
    status = Status(address(), State.RESTARTING, "id", "UPDATING", left_seconds=200.0)
    assert "UPDATING, about 3 min left\n" in text(status)


def test_an_open_write_is_told_with_its_run() -> None:
    """A run that is still at work waits for it; another one left it to the next."""
    left = Status(address(), State.READY, open=Open("r1", NOW - 30))
    assert "run r1 left a write without an end 30 s ago; the next apply" in text(left)
    still = Status(address(), State.READY, open=Open("r1", NOW - 30, running=True))
    assert "run r1 wrote to it 30 s ago and waits for it" in text(still)


def test_the_document_is_what_its_schema_says() -> None:
    """Every state, with and without a write that is open."""
    statuses = [*every_status(), Status(address(), State.ABSENT, open=Open("r1", NOW))]
    document = status_document("staging", statuses)
    Draft202012Validator(
        STATUS_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
    ).validate(document)
    assert document["summary"]["absent"] == 2
    assert document["agents"][-1]["unfinished"] == {
        "run": "r1",
        "at": "2026-09-21T14:13:20+00:00",
        "running": False,
    }


def test_nothing_that_a_cloud_says_does_anything() -> None:
    """Escape sequences in words, reasons and versions are shown, not obeyed."""
    hostile = "\x1b[31m\r\n::error::x\u202e"
    shown = text(Status(address(), State.FAILED, "id", hostile, hostile, hostile, hostile))
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert "\u202e" not in shown
    assert "\n::error::" not in shown


def test_lengths_of_time_stand_in_their_largest_unit() -> None:
    """Two of a unit at least."""
    assert [ago_text(s) for s in (0, 119, 120, 7199, 7200, 172_799, 172_800)] == [
        "0 s",
        "119 s",
        "2 min",
        "120 min",
        "2 h",
        "48 h",
        "2 d",
    ]
