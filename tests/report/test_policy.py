"""What the policy says of a plan: the lines, their order, and the document for programs."""

from jsonschema import Draft202012Validator

from reconciler.model.manifest import Place
from reconciler.model.plan import Plan
from reconciler.model.policy import Finding, Judgement, Level
from reconciler.report.json import plan_document
from reconciler.report.policy import denial, policy_document, render_policy, summary
from reconciler.report.schema import PLAN_SCHEMA
from reconciler.report.text import render_plan
from tests.support.cli import address, change, plan_of, update

PLACE = Place("reconcile.yaml", 4, 7)
DENIED = Finding("image-pinned", Level.DENY, "agent is not pinned", PLACE, address("bot"))
WARNED = Finding("many", Level.WARN, "more than one", PLACE)
ALLOWED = Finding("max-cpu", Level.DENY, "8 cores", PLACE, address("bot"), "incident 12")


def judged(*findings: Finding, notices: tuple[str, ...] = ()) -> Plan:
    """A plan of one update with these findings."""
    entry = update(change("/cpu", 1, 2))
    return Plan("staging", (entry,), Judgement(findings, notices))


def test_a_plan_without_findings_says_nothing_of_policy() -> None:
    """No rule, no line."""
    plan = plan_of(update(change("/cpu", 1, 2)))
    assert render_policy(plan, color=False) == ""
    assert "olicy" not in render_plan(plan, color=False, width=100)


def test_denials_come_first_and_each_names_agent_rule_and_place() -> None:
    """A line each; what a break-glass allows stands between denials and warnings."""
    text = render_policy(judged(WARNED, ALLOWED, DENIED, notices=("expired",)), color=False)
    assert text == (
        "Policy: 1 denial, 2 warnings, 1 denial allowed by break-glass\n"
        "    ! denied  Agent/bot  image-pinned: agent is not pinned  (reconcile.yaml:4:7)\n"
        "    = allowed  Agent/bot  max-cpu: 8 cores; break-glass: incident 12  (reconcile.yaml:4:7)\n"
        "    ~ warning  the whole plan  many: more than one  (reconcile.yaml:4:7)\n"
        "    expired\n"
        "\n"
    )


def test_findings_are_wrapped_to_the_width_and_go_on_further_in() -> None:
    """On a terminal no line is longer than it, and no word is lost."""
    plan = judged(WARNED, DENIED, notices=("this break-glass expired some time ago: incident 12",))
    text = render_policy(plan, color=False, width=40)
    assert text.startswith(
        "Policy: 1 denial, 2 warnings\n    ! denied  Agent/bot  image-pinned:\n      agent"
    )
    assert max(map(len, text.splitlines())) <= 40
    assert text.split() == render_policy(plan, color=False).split()


def test_the_plan_shows_them_before_its_summary() -> None:
    """Whoever reads the end of the plan sees them."""
    text = render_plan(judged(DENIED), color=False, width=100)
    assert text.index("    ~ /cpu") < text.index("Policy: 1 denial\n") < text.index("Plan: 1 to")


def test_very_many_are_counted_and_listed_with_verbose() -> None:
    """A rule that a thousand agents break does not bury the plan."""
    many = [
        Finding("rule", Level.DENY, "text", PLACE, address(f"n{number}")) for number in range(1000)
    ]
    short = render_policy(judged(*many), color=False)
    assert "    … 980 more (-v lists them)\n" in short
    assert len(short.splitlines()) == 23
    assert len(render_policy(judged(*many), color=False, verbose=True).splitlines()) == 1002


def test_the_refusal_says_what_where_and_how_to_allow_it() -> None:
    """Rule, agent, place and the break-glass to write; of many the first three."""
    text = denial(Judgement((DENIED, WARNED, ALLOWED)))
    assert text.startswith(
        "policy denies this plan: Agent/bot: image-pinned: agent is not pinned "
        "(reconcile.yaml:4:7). To allow it, "
    )
    assert text.endswith("{reason: …, expires: …, allow: [image-pinned]}")
    assert "; and 7 more. " in denial(Judgement((DENIED,) * 10))
    assert denial(Judgement((WARNED, ALLOWED))) == ""


def test_foreign_text_in_findings_does_nothing() -> None:
    """Names of agents and values come from files and clouds: escape sequences are written out."""
    nasty = "\x1b[31m\u202eevil\n::error::x"
    found = Finding(nasty, Level.DENY, nasty, PLACE, address(nasty), "")
    for text in (render_policy(judged(found), color=False), denial(Judgement((found,)))):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\n::error" not in text


def test_the_document_has_every_finding() -> None:
    """The member `policy` of the plan document, as the published schema has it."""
    plan = judged(DENIED, WARNED, ALLOWED, notices=("expired",))
    document = plan_document(plan)
    Draft202012Validator(PLAN_SCHEMA).validate(document)
    assert document["policy"] == policy_document(plan.policy)
    assert document["policy"]["denied"] == 1
    assert [one["rule"] for one in document["policy"]["findings"]] == [
        "image-pinned",
        "many",
        "max-cpu",
    ]
    assert [one["agent"] and one["agent"]["name"] for one in document["policy"]["findings"]] == [
        "bot",
        None,
        "bot",
    ]
    assert document["policy"]["notices"] == ["expired"]
    assert plan_document(plan_of())["policy"] == {"denied": 0, "findings": [], "notices": []}


def test_the_summary_counts_each_kind() -> None:
    """One, several and none."""
    assert summary(Judgement((DENIED, DENIED, WARNED))) == "2 denials, 1 warning"
    assert summary(Judgement((ALLOWED, ALLOWED))) == "2 denials allowed by break-glass"
