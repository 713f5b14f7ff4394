"""Expressions in CEL: what they see, what is wrong with them, and how far they may go."""

from typing import Any

import pytest

from reconciler.loader.policy import cel
from reconciler.loader.policy.cel import Fault, Program, compiled
from reconciler.model.errors import InputError

AGENT: dict[str, Any] = {
    "kind": "AgentRuntime",
    "name": "客服",
    "labels": {"team": "support"},
    "changes": [{"path": "/cpu", "from": 1, "to": 2.0}],
    "desired": {"cpu": 2, "text": "a" * 4000, "list": [1, 2], "none": None, "on": True},
}
VALUES: dict[str, Any] = {"plan": {"update": 3}, "target": "prod", "now": 1_795_000_000.0}


def answer(text: str, agent: dict[str, Any] = AGENT) -> bool | Fault:
    """What comes of an expression that compiles."""
    program = compiled(text)
    assert isinstance(program, Program), program
    return program.evaluate({**VALUES, "agent": agent})


def fault(text: str) -> Fault:
    """What is wrong with an expression that does not compile."""
    found = compiled(text)
    assert isinstance(found, Fault)
    return found


@pytest.mark.parametrize(
    "text",
    [
        "agent.kind == 'AgentRuntime' && agent.desired.cpu == 2.0",
        "agent.name == '客服' && agent.name.size() == 2",
        "agent.changes.exists(c, c.path == '/cpu' && c.to > c.from)",
        "!has(agent.labels.tier) && agent.labels['team'].startsWith('sup')",
        "agent.desired.none == null && agent.desired.on",
        "'cpu' in agent.desired && 2 in agent.desired.list",
        "plan.update > 2 && target != 'staging'",
        "now > timestamp('2026-01-01T00:00:00Z') && now.getFullYear('Asia/Shanghai') == 2026",
        "agent.name.matches('^[客服]+$')",
    ],
)
def test_what_an_expression_sees(text: str) -> None:
    """Agents with their labels, changes and spec; the plan's numbers, the target and the time."""
    assert answer(text) is True


def test_what_is_about_the_plan_as_a_whole_is_known() -> None:
    """So it is asked once and not for every agent."""
    whole, each = compiled("plan.update > 2"), compiled("agent.kind == 'x' || plan.update > 2")
    assert isinstance(whole, Program)
    assert isinstance(each, Program)
    assert (whole.about_agent, each.about_agent) == (False, True)


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("agent.kind = 'x'", (1, 12), "token recognition"),
        ("agent.kind ==", (1, 14), "ends too early"),
        ("", (1, 1), "ends too early"),
        ("true &&\n  agnet.kind == 'x'", (2, 8), "undeclared reference to 'agnet.kind'"),
        ("'客服' + 1 == 'a'", (1, 6), "no matching overload"),
        ("foo(1)", (1, 4), "undeclared reference to 'foo'"),
        ("agent.desired.cpu + 1 > 2 ? 1 : 2", None, "int, neither true nor false"),
        ("(" * 200 + "true" + ")" * 200, None, "recursion limit"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_column(
    text: str, at: tuple[int, int] | None, words: str
) -> None:
    """Counted from 1 and in characters, Chinese ones too."""
    found = fault(text)
    assert found.at == at
    assert words in found.text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("agent.labels.tier == 'x'", 'there is no "tier" (has() asks whether there is)'),
        ("agent.desired.cpu / 0 == 1", "divide by zero"),
        ("agent.desired.cpu", "int, neither true nor false"),
        ("agent.name.matches('(')", "invalid regular expression"),
        ("agent.desired.cpu > 'x'", "No matching overloads"),
        ("agent.desired.list[7] == 1", "index=7"),
    ],
)
def test_what_cannot_be_told_is_a_fault_and_no_answer(text: str, words: str) -> None:
    """Neither true nor false: whoever asks decides what that means."""
    found = answer(text)
    assert isinstance(found, Fault)
    assert words in found.text


@pytest.mark.parametrize("value", [2**70, float("nan"), "\ud800", {1: 2}, object()])
def test_a_value_that_cel_does_not_have_ends_in_an_answer(value: object) -> None:
    """Numbers beyond 64 bits, lone surrogates and the like: a fault or an answer, no crash."""
    found = answer("agent.desired.odd == 1", {**AGENT, "desired": {"odd": value}})
    assert found is False or isinstance(found, Fault)


def test_how_long_and_how_wide_an_expression_may_be() -> None:
    """Its length and its macros are bounded before the library sees it."""
    assert "1,001 characters" in fault("x" * 1001).text
    assert isinstance(compiled("agent.l.all(a, agent.l.all(b, a == b))"), Program)
    wide = " && ".join(f"agent.l.all(x{n}, true)" for n in range(5))
    assert "5 of the macros" in fault(wide).text


def test_going_over_lists_ends_soon() -> None:
    """A million steps in one expression are not made: a fault says that its budget is spent."""
    many = {**AGENT, "desired": {"l": list(range(100))}}
    found = answer(
        "agent.desired.l.all(a, agent.desired.l.all(b, agent.desired.l.all(c, true)))", many
    )
    assert isinstance(found, Fault)
    assert "budget" in found.text


def _sum(name: str, width: int) -> str:
    """A sum that is no deeper than it has to be."""
    if width == 1:
        return name
    return f"({_sum(name, width // 2)}+{_sum(name, width - width // 2)})"


@pytest.mark.parametrize(
    "text",
    [
        "[agent.desired.text]" + "".join(f".map({x},{_sum(x, 40)})" for x in "abcd") + " == []",
        "agent.l.exists(a, agent.l.exists(b, agent.l + agent.l == []))",
        "[1].all(a, r'\\' + 'x' == '')",
        "[1].all(a, '\\\\' + 'x' == '')",
        "[1].all(a, \"'\" + \"'\" == '')",
        "[1].all(a, '''\n'\\'''' + '' == '')",
        "// '''\n[1].all(a, a + a == 1)// '''",
        "[1].all(a, // '\n a + a == 1 // '\n)",
    ],
)
def test_nothing_grows_from_step_to_step(text: str) -> None:
    """The library keeps every sum until the end: 10,000 steps of them would fill any memory."""
    assert "nothing is added up (+) beside the macros" in fault(text).text


@pytest.mark.parametrize(
    "text",
    [
        "agent.changes.exists(c, c.path.matches('^/[a-z]+$'))",
        r"agent.changes.exists(c, c.path.matches(r'^/[a-z\d]+$'))",
        "[1].all(a, \"a+b\" != 'a+c') // + comments",
        "[1].all(a, '''a+'b''' != \"\"\"a+'c\"\"\")",
        "agent.desired.cpu + 1 == 3 && 'a' + 'b' == 'ab'",
    ],
)
def test_a_plus_in_a_text_or_without_macros_is_none_of_these(text: str) -> None:
    """A regular expression may have it, and a sum of numbers."""
    assert answer(text) is True


def test_without_the_library_the_way_to_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is part of the message."""

    def missing() -> Any:
        raise ImportError("cel_expr_python")

    monkeypatch.setattr(cel, "_library", missing)
    with pytest.raises(InputError, match=r"pip install 'reconcile-agents\[policy\]'"):
        compiled("true")
