"""What each form of a report says of a plan and of a run."""

import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

from reconciler.differ.decide import decide
from reconciler.model.ledger import Refusal
from reconciler.model.manifest import Address
from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import InSync, Plan, Update
from reconciler.model.policy import Finding, Judgement, Level
from reconciler.report.github import MAX_SHOWN
from reconciler.report.gitlab import gitlab_document
from reconciler.report.html import render_plan_html, render_run_html
from reconciler.report.inert import fence
from reconciler.report.junit import render_plan_junit, render_run_junit
from reconciler.report.markdown import (
    MAX_CHARACTERS,
    render_plan_markdown,
    render_run_markdown,
)
from reconciler.report.patchdoc import patch_document
from reconciler.report.planissues import RULES
from reconciler.report.storytext import story_markdown, story_text
from tests.support.cli import about, change, every_entry, every_outcome, place, plan_of, update
from tests.support.formats import FORMATS, Told, long_plan, plan_sarif
from tests.support.shapes import RUNTIME, desired, live

SCHEMA: Final = Path(__file__).parents[1] / "support" / "schemas" / "sarif-2.1.0.json"
PLAN: Final = plan_of(*every_entry())
POLICY: Final = Judgement(
    (
        Finding("pin", Level.WARN, "not pinned", place(3)),
        Finding("freeze", Level.DENY, "it is Friday", place(4)),
        Finding("caps", Level.DENY, "too large", place(5), allowed="an emergency"),
    ),
    ("break-glass has expired",),
)


def many(number: int, *, restarts: bool = True) -> Plan:
    """A plan of so many updates of one field each."""
    return plan_of(
        *(
            update(change("/cpu", 1, 2, line=at + 1), of=about(f"a{at:04}"), restarts=restarts)
            for at in range(number)
        )
    )


# gitlab


def test_gitlab_gets_three_numbers_and_nothing_else() -> None:
    """The report artifact holds how many agents are created, updated and deleted."""
    assert gitlab_document(PLAN) == {"create": 1, "update": 1, "delete": 1}
    assert gitlab_document(plan_of()) == {"create": 0, "update": 0, "delete": 0}


# patch


def test_a_patch_stands_beside_its_agent() -> None:
    """Agents that would be created or updated, with their operations; no others."""
    document = patch_document(PLAN)
    assert [one["agent"]["name"] for one in document] == ["new", "support"]
    assert document[0] == {
        "agent": {
            "apiVersion": "cloud.example.com/v1",
            "kind": "Agent",
            "name": "new",
            "id": None,
        },
        "patch": [{"op": "add", "path": "/cpu", "value": 2}],
    }
    assert patch_document(plan_of(InSync(about()))) == []


_SPECS = st.fixed_dictionaries(
    {"cpu": st.integers(1, 4)},
    optional={
        "description": st.sampled_from(["", "a", "b/c~d"]),
        "environmentVariables": st.dictionaries(
            st.sampled_from(["A", "B/C", "~D"]), st.sampled_from(["1", "2"]), max_size=3
        ),
        "container": st.fixed_dictionaries(
            {"image": st.sampled_from(["i", "j"])},
            optional={"command": st.lists(st.sampled_from(["x", "y"]), max_size=3)},
        ),
        "systemTags": st.lists(st.sampled_from(["s", "t"]), unique=True, max_size=2),
    },
)


@given(_SPECS, _SPECS)
def test_the_patched_live_tree_is_in_sync(spec: dict[str, Any], tree: dict[str, Any]) -> None:
    """The operations, applied by a library to what is live, leave nothing to change."""
    tree = {"memory": 512, "port": 80, **tree}
    planned = decide(desired(spec), live(tree), RUNTIME).plan
    (*documents,) = patch_document(plan_of(planned))
    assert bool(documents) == isinstance(planned, Update)
    for document in documents:
        patched = jsonpatch.apply_patch(tree, json.dumps(document["patch"]))
        assert isinstance(decide(desired(spec), live(patched), RUNTIME).plan, InSync)


# sarif


def test_a_plan_is_a_valid_log_with_a_result_at_each_line() -> None:
    """Each field of an update is a result at its own line; other states are one of the agent."""
    document = plan_sarif(replace(PLAN, policy=POLICY))
    Draft4Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    (run,) = document["runs"]
    told = [
        (
            one["ruleId"],
            one["level"],
            one["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for one in run["results"]
    ]
    assert told == [
        ("plan-create", "note", 10),
        ("plan-update", "warning", 5),
        ("plan-update", "warning", 6),
        ("plan-delete", "warning", 30),
        ("plan-unhealthy", "error", 40),
        ("plan-blocked", "error", 51),
        ("plan-unreadable", "error", 60),
        ("policy-warning", "warning", 3),
        ("policy-denied", "error", 4),
        ("policy-allowed", "note", 5),
    ]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[one["ruleIndex"]] for one in run["results"]] == [one[0] for one in told]
    assert all("shortDescription" in rule for rule in run["tool"]["driver"]["rules"])
    assert plan_sarif(plan_of(InSync(about())))["runs"][0]["results"] == []


def test_a_result_keeps_its_identity_when_values_and_lines_move() -> None:
    """The same field of the same agent is the same result; another field is another."""

    def prints(*changes: Any) -> list[str]:
        results = plan_sarif(plan_of(update(*changes)))["runs"][0]["results"]
        return [one["partialFingerprints"]["reconcileProblem/v1"] for one in results]

    first = prints(change("/cpu", 1, 2), change("/memory", 1, 2))
    assert prints(change("/cpu", 3, 4, line=90), change("/memory", 1, 9)) == first
    assert len(set(first)) == 2


def test_every_rule_is_told_like_a_problem() -> None:
    """Each code of a plan has a summary, a meaning and a reason, and no example."""
    for code, story in RULES.items():
        assert code == story.code
        assert len(story.summary) <= 70
        assert not story.summary.endswith(".")
        assert story_text(story).startswith(f"{code}: {story.summary}\n\n")
        assert "```" not in story_markdown(story)


# github


def test_a_long_value_is_told_by_its_size() -> None:
    """An annotation is a sentence: a prompt, a list and a mapping in it are so many parts."""
    plan = plan_of(
        update(
            change("/a", "short", "x" * 900),
            change("/b", ["y" * 50] * 3, {f"k{n}": "z" * 20 for n in range(9)}),
        )
    )
    texts = [one["message"]["text"] for one in plan_sarif(plan)["runs"][0]["results"]]
    assert '/a: "short" -> a text of 900 characters' in texts[0]
    assert "/b: a list of 3 elements -> a mapping of 9 members" in texts[1]


def test_annotations_stand_on_the_lines_that_differ() -> None:
    """Errors first, then one field of each agent before the second of any, and new agents last."""
    lines = FORMATS["github"](Told(PLAN)).splitlines()
    assert [re.sub(r".*?,line=(\d+),.*title=([a-z-]+)::.*", r"\1 \2", line) for line in lines] == [
        "51 plan-blocked",
        "60 plan-unreadable",
        "40 plan-unhealthy",
        "5 plan-update",
        "30 plan-delete",
        "6 plan-update",
        "10 plan-create",
    ]
    assert lines[3] == (
        "::warning file=manifests/agents.yaml,line=5,col=12,endColumn=13,title=plan-update"
        '::Agent/support: /containerConfiguration/image: "registry/agent:v2" -> "registry/agent:v3"'
        "; sending it restarts the runtime"
    )
    assert lines[-1].startswith("::notice file=")


def test_no_more_annotations_than_github_shows() -> None:
    """Ten of a kind; a notice tells of the rest, which GitHub would drop without a word."""
    calm, busy = many(25, restarts=False).agents, many(3).agents
    lines = FORMATS["github"](Told(plan_of(*calm, *busy))).splitlines()
    assert len(lines) == MAX_SHOWN + 1
    assert [line for line in lines[:3] if "restarts" not in line] == []
    assert lines[-1] == (
        "::notice title=reconcile::18 more warnings not shown: GitHub shows 10 of each a step"
    )
    assert len(FORMATS["github"](Told(many(MAX_SHOWN))).splitlines()) == MAX_SHOWN


def test_notices_leave_room_for_the_one_about_the_rest() -> None:
    """Of eleven new agents nine are notices of their own."""
    (_, new, *_) = every_entry()
    lines = FORMATS["github"](Told(plan_of(*[new] * 11))).splitlines()
    assert len(lines) == MAX_SHOWN
    assert lines[-1].startswith("::notice title=reconcile::2 more notices not shown")


def test_a_refused_plan_is_an_error_of_no_file() -> None:
    """What a limit refuses stands in no line of a manifest."""
    plan = replace(plan_of(), refusals=(Refusal("maxChange", "too much", "--max-change 100%"),))
    assert FORMATS["github"](Told(plan)) == (
        "::error title=plan-refused::limits: too much; --max-change 100%25 allows it\n"
    )


# junit


def test_an_agent_is_a_test_case() -> None:
    """In sync has passed, what differs has failed, blocked and unreadable are errors."""
    root = ET.fromstring(render_plan_junit(PLAN))
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("7", "4", "2")
    cases = {case.get("name"): [child.tag for child in case] for case in suite}
    assert cases == {
        "calm": [],
        "new": ["failure"],
        "support": ["failure"],
        "left-over": ["failure"],
        "ill": ["failure"],
        "stuck": ["error"],
        "unseen": ["error"],
    }
    fault = suite.find("testcase[@name='stuck']/error")
    assert fault is not None
    assert fault.get("message") == "blocked: it is published"
    assert "/mode" in (fault.text or "")
    assert {case.get("classname") for case in suite} == {"staging.Agent"}


def test_what_a_run_brought_about_has_passed() -> None:
    """Changed, created and unchanged pass; failed ones say why; what was not begun is skipped."""
    (suite,) = ET.fromstring(render_run_junit(PLAN, every_outcome(), seconds=12.5))
    tags = {case.get("name"): [child.tag for child in case] for case in suite}
    assert {name for name, kids in tags.items() if kids in ([], ["system-out"])} == {
        *("changed", "unchanged", "created", "written")
    }
    assert {name for name, kids in tags.items() if kids == ["failure"]} == {
        *("failed", "timed-out", "not-kept")
    }
    assert tags["skipped"] == ["skipped"]
    assert {name for name, kids in tags.items() if kids == ["error"]} == {
        *("blocked", "unknown", "interrupted")
    }
    assert suite.get("time") == "12.500"


def test_a_broken_policy_is_a_failed_case() -> None:
    """Denials fail in a suite of their own; warnings and what break-glass allows pass."""
    _, suite = ET.fromstring(render_plan_junit(replace(PLAN, policy=POLICY)))
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("policy", "3", "1")


# markdown


def test_markdown_is_a_table_and_a_fold_for_each_agent_that_differs() -> None:
    """Restarts stand first, agents in sync are counted only, details are folded."""
    text = render_plan_markdown(replace(PLAN, policy=POLICY))
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    rows = re.findall(r"<tr>\n<td><code>.</code></td>\n<td><code>Agent/([a-z-]+)</code>", html)
    assert rows == ["support", "stuck", "unseen", "ill", "left-over", "new"]
    folds = re.findall(r"<summary><code>Agent/([a-z-]+)</code>", text)
    assert folds == rows
    assert text.startswith("## Plan for `staging`\n\n**Plan: 1 to create, 1 to update, 1 to delete")
    assert "**2 fields, restarts the runtime**" in text
    assert text.index("**denied**") < text.index("- warning") < text.index("| Agent |")
    assert re.search(r"^!     /containerConfiguration/image:", text, re.MULTILINE)


def test_a_fence_is_longer_than_any_in_the_text() -> None:
    """Details are a block of the language `diff`; a prompt's own fences cannot close it."""
    prompt = change("/prompt", "old", "new\n`````\n```\n")
    assert "\n\n``````diff\n" in render_plan_markdown(plan_of(update(prompt)))
    assert "\n\n```diff\n" in render_plan_markdown(PLAN)
    assert fence("````") == "`````\n````\n`````"


def test_markdown_without_changes_is_two_lines() -> None:
    """Nothing to do is said, and there is no table."""
    text = render_plan_markdown(plan_of(InSync(about())))
    assert text.startswith("## Plan for `staging`\n\n**No changes. ")
    assert "|" not in text


def test_what_is_told_of_agents_in_sync_is_in_every_report_for_people() -> None:
    """A note names its agent, what holds for several is told once, and neither fails a test."""
    noted = InSync(about("busy")._replace(notes=("UPDATING `now`",)))
    quiet = [InSync(about(f"q{n}")._replace(asides=(f"aside {n // 2}",))) for n in range(8)]
    plan = plan_of(noted, *quiet)
    text = render_plan_markdown(plan)
    assert "- `Agent/busy`: `` UPDATING `now` ``\n- 2 agents in sync: `aside 0`\n" in text
    assert "\n- 1 more note on agents in sync (-v lists them)\n" in text
    assert "<td>UPDATING `now`</td>" in render_plan_html(plan)
    suite = ET.fromstring(render_plan_junit(plan))
    assert [case.findtext("system-out") for case in suite.iter("testcase")][:2] == [
        "note: UPDATING `now`",
        "note: aside 0",
    ]
    assert not [*suite.iter("failure")]


def test_markdown_of_a_run_says_what_became_of_each_agent() -> None:
    """Agents that stay as they were are not listed; a rule is proposed for what was not kept."""
    agent = Address("cloud.example.com/v1", "Agent", "bot")
    kept = Outcome(agent, "id", Result.NOT_KEPT, reason="it came back", not_kept=("/cpu",))
    text = render_run_markdown(PLAN, (*every_outcome(), kept), seconds=3)
    assert text.startswith("## Apply to `staging`\n\n**Apply: ")
    assert "| **not-kept** | `Agent/bot` | 0 | 0.0 | `it came back` |" in text
    assert "| `Agent/unchanged` |" not in text
    assert "```yaml\nignore:\n  - path: /cpu\n" in text


@pytest.mark.parametrize(("agents", "characters"), [(40, 4000), (1000, 4000), (5000, 10)])
def test_a_comment_is_never_longer_than_one_may_be(agents: int, characters: int) -> None:
    """Details go before lines, restarts stay, and what is left out is counted."""
    text = render_plan_markdown(long_plan(agents, characters))
    assert len(text) <= MAX_CHARACTERS
    rows = re.findall(r"^\| `~` \| `Agent/agent-(\d+)`", text, re.MULTILINE)
    folds = text.count("<details>")
    assert text.count("</details>") == folds
    assert rows == sorted(rows, key=lambda name: (int(name) % 2, name))
    left = agents - len(rows)
    if left:
        assert f"{left} lines of the tables above" in text
    if folds < agents:
        assert f"the details of {agents - folds} agents" in text
    else:
        assert "Left out" not in text
    assert folds >= min(agents, 20)


def test_characters_are_counted_as_github_counts_them() -> None:
    """One beyond the basic plane is two, and a limit is kept with nothing but such."""
    plan = plan_of(*(update(change("/a", "", "𝄞" * 90), of=about(f"{n}")) for n in range(900)))
    text = render_plan_markdown(plan)
    assert len(text.encode("utf-16-le")) // 2 <= MAX_CHARACTERS


@given(st.integers(600, 9000))
def test_any_limit_is_kept(limit: int) -> None:
    """However little room there is, the title and the numbers stand, and no fence stays open."""
    text = render_plan_markdown(long_plan(12, 400), limit=limit)
    assert len(text) <= limit
    assert "12 to update" in text
    assert text.count("```") % 2 == 0


def test_denials_survive_where_there_is_no_room_for_agents() -> None:
    """What refuses the plan is told before what the plan would do."""
    text = render_plan_markdown(replace(many(900), policy=POLICY))
    assert "**denied** the whole plan by `freeze`: `it is Friday`" in text


# html


def test_html_asks_nobody_for_anything() -> None:
    """One file: no script, no address but its own anchors, a policy that forbids the rest."""
    text = render_plan_html(replace(PLAN, policy=POLICY))
    assert re.findall(r"<script|\bon\w+=|src=|url\(|@import", text) == []
    assert {href[0] for href in re.findall(r'href="([^"]*)"', text)} <= {"#", "d"}
    assert re.findall(r'href="(d[^"]*)"', text) == ["data:,"]
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "style=" not in text
    assert "prefers-color-scheme: dark" in style


def test_html_lists_all_agents_and_unfolds_those_that_differ() -> None:
    """A row for each agent, restarts first and in sync last; each row leads to its details."""
    text = render_plan_html(PLAN)
    names = re.findall(r"<tr><td>(?:<a [^>]*>)?<code>Agent/([a-z-]+)</code>", text)
    assert names == ["support", "stuck", "unseen", "ill", "left-over", "new", "calm"]
    anchors = re.findall(r'href="#([^"]+)"', text)
    assert anchors == re.findall(r'<details id="([^"]+)">', text)
    assert len(anchors) == len(names) - 1


def test_html_of_a_run_says_what_became_of_each_agent() -> None:
    """Every outcome is a row."""
    text = render_run_html(PLAN, every_outcome(), seconds=3)
    for outcome in every_outcome():
        assert f"<code>{outcome.address}</code></td><td>{outcome.result.value}</td>" in text
