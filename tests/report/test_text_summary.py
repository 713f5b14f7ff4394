"""`plan --summary`: one line for each agent."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from reconciler.model.manifest import Place
from reconciler.report.summary import render_agents
from tests.support.cli import (
    SECRETS,
    about,
    change,
    every_entry,
    plan_of,
    run_cli,
    update,
    write_manifests,
)


def test_each_agent_is_one_line_in_columns() -> None:
    """Sign, address, state, number of changes, restart and place, and the summary at the end."""
    text = render_agents(plan_of(*every_entry()), color=False, width=None)
    assert text.split("\n\n")[0].splitlines() == [
        "= Agent/calm       in sync                         manifests/agents.yaml:1",
        "+ Agent/new        create      1 change            manifests/agents.yaml:10",
        "~ Agent/support    update      2 changes  restart  manifests/agents.yaml:20",
        "- Agent/left-over  delete                          manifests/agents.yaml:30",
        "! Agent/ill        unhealthy                       manifests/agents.yaml:40",
        "! Agent/stuck      blocked     1 change            manifests/agents.yaml:50",
        "! Agent/unseen     unreadable                      manifests/agents.yaml:60",
    ]
    assert "\n\nPlan: 1 to create" in text


def test_chinese_names_keep_the_columns() -> None:
    """Columns are counted in cells."""
    agents = [update(change("/a", 1, 2), of=about(name)) for name in ("客服", "reviewer")]
    first, second, *_ = render_agents(plan_of(*agents), color=False, width=None).splitlines()
    assert cell_len(first.partition("update")[0]) == cell_len(second.partition("update")[0])


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_line_stays_a_line_on_a_narrow_terminal(width: int) -> None:
    """Columns go first, then the beginning of the place, then the end of the name."""
    name = "customer-service-智能客服-production"
    far = about(name)._replace(place=Place("a/" * 30 + "b.yaml", 3, 1))
    agents = (*every_entry(), update(change("/a", 1, 2), of=far))
    lines = render_agents(plan_of(*agents), color=False, width=width).split("\n\n")[0].splitlines()
    assert len(lines) == len(agents)
    assert max(map(cell_len, lines)) <= width
    assert all(
        line.endswith(f":{entry.about.place.line}")
        for line, entry in zip(lines, agents, strict=True)
    )


def test_a_name_is_told_before_its_kind_where_both_do_not_fit() -> None:
    """At 40 cells agents can be told apart: their kind goes before the end of their name."""
    agents = [update(change("/a", 1, 2), of=about(f"agent-{number:03}")) for number in (1, 112)]
    text = render_agents(plan_of(*agents), color=False, width=40)
    assert re.findall(r"^~ (\S+)  update", text, re.M) == ["agent-001", "agent-112"]
    assert max(map(cell_len, text.split("\n\n")[0].splitlines())) <= 40


def test_nothing_selected_is_a_summary_too() -> None:
    """Without agents there is the summary line alone."""
    expected = "No changes. No agent is selected.\n"
    assert render_agents(plan_of(), color=False, width=None) == expected


def test_colour_is_only_colour() -> None:
    """Signs have the colours of the plan; without colour there is no escape byte."""
    plan = plan_of(*every_entry())
    colored = render_agents(plan, color=True, width=120)
    assert "\x1b[32m+\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]+m", "", colored) == render_agents(plan, color=False, width=120)


def test_plan_summary_writes_one_line_an_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`plan --summary` lists every agent, in files too, and no change of a field."""
    monkeypatch.chdir(tmp_path)
    write_manifests(tmp_path)
    arguments = ("plan", "manifests", "--target", "sandbox", "--summary", "-o", "text=plan.txt")
    ran = run_cli(*arguments, environ=SECRETS)
    assert ran.code == 0, ran.err
    for text in (ran.out, (tmp_path / "plan.txt").read_text(encoding="utf-8")):
        rows = [line.split() for line in text.splitlines() if line.startswith("~ ")]
        assert [row[1] for row in rows] == ["AgentRuntime/customer-service", "Agent/reviewer"]
        assert "restart" in rows[0]
        assert rows[0][-1] == "manifests/agents.yaml:1"
        assert "/memory" not in text
        assert "Plan: 2 to update" in text
    assert "\x1b" not in ran.out


def test_only_an_agent_that_restarts_is_said_to_restart() -> None:
    """A cloud without restarts has updates too: the line of such an agent does not speak of one."""
    plan = plan_of(
        update(change("/a", 1, 2), of=about("stays"), restarts=False),
        update(change("/a", 1, 2), of=about("restarts"), restarts=True),
    )
    stays, restarts, *_ = render_agents(plan, color=False, width=None).splitlines()
    assert "restart" not in stays
    assert "  restart  " in restarts
