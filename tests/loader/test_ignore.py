"""`ignore` in `reconcile.yaml`: every mistake with its place, and who each rule is for."""

from datetime import date
from pathlib import Path

import pytest

from reconciler.loader.config import Config, read_config
from reconciler.loader.ignore import with_rules
from reconciler.model.errors import Problem
from reconciler.model.manifest import Address, Desired, Place

KINDS = ("Agent", "AgentRuntime")
TODAY = date(2026, 11, 20)


def read(folder: Path, rules: str, today: date | None = TODAY) -> tuple[Config, list[Problem]]:
    """The configuration with these lines below `ignore:`, and the errors."""
    path = folder / "reconcile.yaml"
    path.write_text("defaultTarget: sandbox\nignore:\n" + rules, "utf-8")
    config, problems = read_config(path, settings={}, kinds=KINDS, today=today)
    assert config is not None
    return config, list(problems)


def told(problem: Problem) -> str:
    """Line, column, code and text."""
    place = problem.place
    return f"{place.line}:{place.column} {problem.code} {problem.text} | {problem.help}"


MISTAKES = [
    (
        "  - cpu\n",
        '3:5 wrong-type a rule is a mapping with path and reason, found the string "cpu"',
    ),
    ("  - {reason: x}\n", "3:5 missing path is missing in this ignore rule"),
    ("  - {path: /cpu}\n", "3:5 missing reason is missing in this ignore rule | say why"),
    (
        "  - {path: /cpu, reason: ' '}\n",
        "3:26 wrong-type reason: expected a text, found nothing in it",
    ),
    ("  - {path: 3, reason: x}\n", "3:12 wrong-type path: expected a text, found the number 3"),
    ("  - {path: cpu, reason: x}\n", '3:12 ignore-path a path begins with "/"'),
    ("  - {path: cpu, reason: x}\n", "| write /cpu"),
    ("  - {path: /spec/cpu, reason: x}\n", "3:12 ignore-path a path begins below spec"),
    ("  - {path: /spec/cpu, reason: x}\n", "| write /cpu"),
    ("  - {path: /**, reason: x}\n", "3:12 ignore-path this path is every field"),
    ("  - {path: /*, reason: x}\n", "3:12 ignore-path this path is every field"),
    ("  - {path: /a**, reason: x}\n", '3:12 ignore-path "**" stands for any depth'),
    ("  - {path: /a, reason: x, paht: y}\n", '3:27 unknown-field "paht" is not a member'),
    ("  - {path: /a, reason: x, paht: y}\n", '| did you mean "path"?'),
    ("  - {path: /a, reason: x, kind: Agnet}\n", '3:33 unknown-kind there is no kind "Agnet"'),
    ("  - {path: /a, reason: x, kind: Agnet}\n", '| did you mean "Agent"?'),
    ("  - {path: /a, reason: x, selector: 'a=='b}\n", "syntax"),
    ("  - {path: /a, reason: x, selector: 'a in'}\n", "3:37 selector not a label selector"),
    ("  - {path: /a, reason: x, names: bot}\n", "3:34 wrong-type names: expected a list of names"),
    ("  - {path: /a, reason: x, names: []}\n", "found an empty one"),
    ("  - {path: /a, reason: x, names: [1]}\n", "found one with something else in it"),
    (
        "  - {path: /a, reason: x, expires: soon}\n",
        "3:36 wrong-value expires: a date is written like",
    ),
    ("  - {path: /a, reason: x, expires: 2027-02-30}\n", "3:36 wrong-value expires"),
    ("  - {path: /a, reason: x, expires: 20270201}\n", "3:36 wrong-value expires"),
    ("  - {path: /a, reason: x, expires: 2027-W05-1}\n", "3:36 wrong-value expires"),
    (
        "  path: /a\n  reason: x\n",
        "3:3 wrong-type ignore: expected a list of rules, found a mapping",
    ),
]


@pytest.mark.parametrize(("rules", "message"), MISTAKES)
def test_each_mistake_has_its_place(tmp_path: Path, rules: str, message: str) -> None:
    """Line and column, what is wrong, and where there is one the way out."""
    _, problems = read(tmp_path, rules)
    assert any(message in told(problem) for problem in problems), [told(p) for p in problems]


def test_all_mistakes_of_all_rules_are_told_together(tmp_path: Path) -> None:
    """Three wrong rules are three complaints, and the right one between them works."""
    rules = "  - {path: x}\n  - {path: /a, reason: r}\n  - {path: /b, reason: r, kind: C}\n"
    config, problems = read(tmp_path, rules)
    assert sorted(problem.code for problem in problems) == [
        "ignore-path",
        "missing",
        "unknown-kind",
    ]
    assert [one.rule.path for one in config.ignore] == ["/a", "/b"]


def test_a_rule_knows_where_it_stands(tmp_path: Path) -> None:
    """The place is that of its path, and is told wherever the rule is at work."""
    config, problems = read(tmp_path, "  - path: /a\n    reason: they set it\n")
    assert problems == []
    (one,) = config.ignore
    assert one.rule.place.endswith("reconcile.yaml:3:11")
    assert one.rule.reason == "they set it"


@pytest.mark.parametrize(
    ("today", "works"),
    [(date(2026, 12, 30), True), (date(2026, 12, 31), False), (date(2027, 1, 1), False)],
)
def test_a_rule_works_until_its_day(tmp_path: Path, today: date, works: bool) -> None:
    """From the day on it is warned about with its place, and no longer works."""
    rules = "  - {path: /a, reason: x, expires: 2026-12-31}\n"
    config, problems = read(tmp_path, rules, today)
    assert problems == []
    assert [one.rule.path for one in config.ignore] == (["/a"] if works else [])
    warnings = [told(warning) for warning in config.warnings]
    if works:
        assert warnings == []
    else:
        (warning,) = warnings
        assert warning.startswith(
            "3:36 ignore-expired this ignore rule expired on 2026-12-31: /a is compared again"
        )


def agent(kind: str, name: str, **labels: str) -> Desired:
    """A desired state of this kind, name and labels."""
    return Desired(Address("v1", kind, name), Place("a.yaml", 1, 1), {}, {}, labels)


AGENTS = [
    agent("Agent", "a", team="x"),
    agent("AgentRuntime", "a", team="y"),
    agent("AgentRuntime", "b"),
]
CONDITIONS = [
    ("", [0, 1, 2]),
    (", kind: Agent", [0]),
    (", names: [a]", [0, 1]),
    (", names: [a, b], kind: AgentRuntime", [1, 2]),
    (", names: ['b*']", [2]),
    (", names: ['*']", [0, 1, 2]),
    (", selector: team", [0, 1]),
    (", selector: 'team=x'", [0]),
    (", selector: 'team!=x'", [1, 2]),
    (", selector: 'team', kind: AgentRuntime", [1]),
]


@pytest.mark.parametrize(("conditions", "expected"), CONDITIONS)
def test_a_rule_is_for_whom_its_conditions_say(
    tmp_path: Path, conditions: str, expected: list[int]
) -> None:
    """Kind, names and labels: each condition that is there must hold."""
    config, problems = read(tmp_path, f"  - {{path: /a, reason: x{conditions}}}\n")
    assert problems == []
    found = with_rules(AGENTS, config.ignore)
    assert [number for number, one in enumerate(found) if one.ignore] == expected


def test_no_rules_leave_the_agents_as_they_are() -> None:
    """Without rules nothing is copied."""
    assert all(one is other for one, other in zip(with_rules(AGENTS, ()), AGENTS, strict=True))
