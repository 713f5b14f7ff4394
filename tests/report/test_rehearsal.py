"""A rehearsal as text, Markdown and JSON: aligned, harmless, within its length."""

import json
import re
from dataclasses import replace
from datetime import datetime
from typing import Final

import pytest
from jsonschema import Draft202012Validator
from rich.cells import cell_len

from reconciler.model.manifest import Address
from reconciler.model.outcome import Cause, Outcome, Restored, Result, Rollback
from reconciler.model.rehearsal import Doing, Expected, Known, Mishap, Part, Rehearsal, Span
from reconciler.report.json import dumps
from reconciler.report.rehearsal import UNKNOWABLE, render_rehearsal
from reconciler.report.rehearsal_document import REHEARSAL_SCHEMA, rehearsal_document
from reconciler.report.rehearsal_markdown import MAX_CHARACTERS, render_rehearsal_markdown

HOSTILE = "section: x; #1 %%{init}%% `a` <b> ```\n客服"
SECONDS = 130.0

HEADER: Final = (
    "gantt",
    "    title Rehearsal of apply",
    "    dateFormat YYYY-MM-DD HH:mm:ss",
)
AXIS: Final = re.compile(r"    axisFormat %[A-Za-z](:%[A-Za-z]| %[A-Za-z])+")
SECTION: Final = re.compile(r"    section wave -?\d+")
MOMENT: Final = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
TASK: Final = re.compile(
    rf"    (?P<name>\w+/[\w./() -]+) :(?:(?:done|crit), )?(?P<id>b\d+), (?P<from>{MOMENT}), (?P<to>{MOMENT})"
)


def charts(markdown: str) -> list[list[str]]:
    """The lines of each chart in a text."""
    found = re.findall(r"^(`{3,})mermaid\n(.*?)\n\1$", markdown, re.DOTALL | re.MULTILINE)
    return [chart.split("\n") for _, chart in found]


def check_chart(lines: list[str]) -> list[tuple[str, float]]:
    """Hold a chart against the part of Mermaid's grammar that is used here: name and length of each
    bar. The names are free of what Mermaid reads: https://mermaid.js.org/syntax/gantt.html."""
    assert tuple(lines[:3]) == HEADER
    assert AXIS.fullmatch(lines[3])
    assert lines[4] == "    todayMarker off"
    assert SECTION.fullmatch(lines[5])
    bars, ids = [], set()
    for line in lines[6:]:
        if SECTION.fullmatch(line):
            continue
        task = TASK.fullmatch(line)
        assert task, line
        begin, end = (datetime.fromisoformat(task[name]) for name in ("from", "to"))
        assert begin < end
        assert task["id"] not in ids
        ids.add(task["id"])
        bars.append((task["name"], (end - begin).total_seconds()))
    return bars


def part(
    name: str,
    *spans: tuple[Doing, float, float],
    wave: int = 0,
    canary: bool = False,
    result: Result = Result.CHANGED,
    reason: str = "",
    rollback: Rollback | None = None,
    known: Known = Known.OWN,
) -> Part:
    address = Address("cloud.example.com/v1", "Agent", name)
    cause = Cause.NONE if result is Result.CHANGED else Cause.AGENT_FAILED
    outcome = Outcome(
        address, "id", result, cause, 60.0, 1, 1, reason, ("a note",), rollback=rollback
    )
    restart = Expected(60.0, known, 3)
    return Part(outcome, wave, canary, True, tuple(Span(*span) for span in spans), restart)


def whole(*parts: Part, mishaps: tuple[Mishap, ...] = ()) -> Rehearsal:
    left_out = ((Address("v", "Agent", "far"), "the sandbox does not emulate its cloud"),)
    return Rehearsal(parts, SECONDS, 0, mishaps, ((3, "nothing in it restarts"),), left_out, ("n",))


def example(name: str = "客服助手") -> Rehearsal:
    back = Rollback(
        Result.CHANGED,
        fields=(Restored("/cpu", True), Restored("/env/KEY", False, "it was unset before")),
    )
    canary = part(name, (Doing.UPDATE, 0.0, 61.0), canary=True)
    failed = part(
        name,
        (Doing.UPDATE, 0.0, 61.0),
        (Doing.ROLLBACK, 61.0, 122.0),
        canary=True,
        result=Result.FAILED,
        reason="UPDATE_FAILED",
        rollback=back,
    )
    others = [
        part("waiting", (Doing.WAITING, 0.0, 30.0), (Doing.UPDATE, 61.0, SECONDS), wave=1),
        part("quick", (Doing.UPDATE, 129.9, 129.9), wave=1, known=Known.ASSUMED),
        part("ill", wave=1, result=Result.FAILED, reason="it is FAILED"),
    ]
    mishap = Mishap(
        0, canary.address, True, 0.0, 122.0, 5, (failed,), "the canary failed", (others[0].address,)
    )
    return whole(canary, *others, mishaps=(mishap,))


def test_the_document_is_as_its_schema_says() -> None:
    """What programs read holds to the published schema, and no member of it is undeclared."""
    Draft202012Validator.check_schema(REHEARSAL_SCHEMA)
    for one in (example(), example(HOSTILE), whole()):
        document = json.loads(dumps(rehearsal_document(one)))
        Draft202012Validator(REHEARSAL_SCHEMA).validate(document)
        assert document.keys() == REHEARSAL_SCHEMA["properties"].keys()
    agent = REHEARSAL_SCHEMA["properties"]["agents"]["items"]["properties"]
    assert rehearsal_document(example())["agents"][0].keys() == agent.keys()
    del document["seconds"]
    assert not Draft202012Validator(REHEARSAL_SCHEMA).is_valid(document)


def test_the_bars_of_a_table_stand_below_each_other() -> None:
    """Names are padded by the cells that they take: Chinese ones take two for each character."""
    text = render_rehearsal(example(), color=False, width=100)
    rows = [line for line in text.split("\n") if line.count("|") == 2]
    assert len(rows) == 4
    assert len({cell_len(row[: row.index("|")]) for row in rows}) == 1
    assert len({len(row.split("|")[1]) for row in rows}) == 1
    bar = rows[0].split("|")[1]
    assert bar.strip() == bar[: len(bar.rstrip())]
    assert abs(bar.count("=") / len(bar) - 61 / SECONDS) < 0.05
    assert "." in rows[1].split("|")[1]
    assert rows[2].split("|")[1].endswith("=")
    assert not rows[3].split("|")[1].strip()


@pytest.mark.parametrize("width", [20, 40, 80, 120, 300])
def test_no_width_and_no_name_breaks_the_text(width: int) -> None:
    """From a narrow terminal to a wide one: no row is wider than the terminal, bars are left out
    where there is no room, and nothing that a terminal acts on is left of a hostile name."""
    text = render_rehearsal(example(HOSTILE), color=False, width=width, wraps=True)
    lines = text.split("\n")
    rows = [line for line in lines if line.count("|") == 2]
    assert bool(rows) is (width > 40)
    assert all(cell_len(line) <= max(width, 30) for line in lines)
    assert all(line.isprintable() for line in lines)
    assert "```\n客服" not in text


def test_the_text_says_what_goes_back_who_is_stopped_and_what_it_cannot_know() -> None:
    """A failure is told whole; so is what rests on nothing."""
    text = render_rehearsal(example(), color=False, width=120)
    for said in (
        "3 changed, 1 failed; 4 restarts, about 2 min 10 s",
        "(restart times: 3 recorded, 1 assumed to be 1 min); exit code 0",
        "  wave 0\n",
        "Agent/客服助手 (canary)",
        "If Agent/客服助手, its canary, ends FAILED in wave 0:",
        "rolled back in part: 1 of 2 fields could not be",
        "not restored: /env/KEY (it was unset before)",
        "nothing more is started: the canary failed",
        "1 agent not written to: Agent/waiting",
        "wave 0 is over after 2 min 2 s, with 1 restart in it; exit code 5",
        "Wave 3: no failure was played, nothing in it restarts",
        "note: Agent/far was left out: the sandbox does not emulate its cloud",
        "      it is FAILED",
        ". waits for a restart that is not ours, = update",
        *UNKNOWABLE,
    ):
        assert said in text, said


def test_the_chart_is_mermaid_whatever_the_names_are() -> None:
    """A bar for each thing that happens, in its wave, as long as it takes; at least a second."""
    (lines,) = charts(render_rehearsal_markdown(example()))
    assert check_chart(lines) == [
        ("Agent/客服助手 (canary)", 61),
        ("Agent/waiting waits", 30),
        ("Agent/waiting", 69),
        ("Agent/quick", 1),
    ]
    assert [line for line in lines if "section" in line] == [
        "    section wave 0",
        "    section wave 1",
    ]
    (hostile,) = charts(render_rehearsal_markdown(example(HOSTILE)))
    assert check_chart(hostile)[0][0].startswith("Agent/section_ x_ _1 ___init___ _a_ _b_")


def test_a_great_rehearsal_stays_within_its_length() -> None:
    """Of hundreds of agents the first are drawn, and what is left out is counted."""
    parts = [part("a" * 60 + str(n), (Doing.UPDATE, n, n + 9.0), wave=n // 10) for n in range(400)]
    mishaps = [
        Mishap(n, parts[n * 10].address, False, 0.0, 9.0, 5, (parts[n * 10],), "h" * 900)
        for n in range(40)
    ]
    great = replace(whole(*parts, mishaps=tuple(mishaps)), remarks=("r" * 900,) * 40)
    text = render_rehearsal_markdown(great)
    assert len(text) <= MAX_CHARACTERS
    (lines,) = charts(text)
    assert len(check_chart(lines)) == 60
    assert "The chart has the first 60 of 400 agents." in text
    assert re.search(r"\d+ more findings in the text\.", text)
