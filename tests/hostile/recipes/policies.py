"""Rules of a policy that were made to hurt: whoever opens a pull request can write some."""

from pathlib import Path
from typing import Final

from tests.hostile.recipe import GOOD, recipe, texts, write

_DEEP: Final = "(" * 400 + "true" + ")" * 400


def _sum(name: str, width: int) -> str:
    if width == 1:
        return name
    return f"({_sum(name, width // 2)}+{_sum(name, width - width // 2)})"


def _rule(expression: str) -> str:
    return f"policy: {{rules: [{{name: a, message: m, deny: {expression!r}}}]}}\n"


def _builtin(text: str) -> str:
    return f"policy: {{builtin: {text}}}\n"


def _freeze(cron: str, timezone: str = "UTC") -> str:
    return _builtin(f'{{freeze: [{{cron: "{cron}", for: 1h, timezone: "{timezone}"}}]}}')


_FILE: Final = "m/reconcile.yaml"
_BESIDE: Final = {"m/a.yaml": GOOD}

texts(
    "policies",
    "expression",
    {
        "an expression of a megabyte": _rule("true" + " " * (1 << 20)),
        "an expression in four hundred brackets": _rule(_DEEP),
        "a text that doubles at every step": _rule(
            "[agent.name]" + "".join(f".map({x},{_sum(x, 50)})" for x in "abcd") + "==[]"
        ),
        "lists that are added up at every step": _rule("agent.l.all(a, agent.l+agent.l == [])"),
        "five macros": _rule("a.all(b, b.all(c, c.all(d, d.all(e, e.all(f, true)))))"),
        "an expression of a control character": 'policy: {rules: [{name: a, message: m, deny: "\\x1b"}]}',
    },
    file=_FILE,
    beside=_BESIDE,
)
texts(
    "policies",
    "wrong-value",
    {
        "a cron of huge numbers": _freeze("0-99999999999 * * * *"),
        "a cron that steps by nothing": _freeze("*/0 * * * *"),
        "a cron of no day": _freeze("0 0 31 2 *"),
        "a cron of a hundred kilobytes": _freeze("1," * 50_000 + "1 * * * *"),
        "a time zone that is a path": _freeze("* * * * *", "../../../etc/passwd"),
        "a time zone that is a device": _freeze("* * * * *", "/dev/zero"),
        "a time zone with an escape sequence": _freeze("* * * * *", "\\e[31m"),
        "a message with an escape sequence": _builtin('{image-pinned: {message: "\\e[31m"}}'),
        "a message of a megabyte": _builtin(f"{{image-pinned: {{message: {'m' * (1 << 20)}}}}}"),
    },
    file=_FILE,
    beside=_BESIDE,
)


@recipe(shows="1 agent in 1 file")
def _a_name_of_two_hundred_and_fifty_stars(folder: Path) -> None:
    write(folder / "m" / "a.yaml")
    write(folder / _FILE, _builtin(f"{{protected: {{names: ['{'*a' * 250}']}}}}"))
