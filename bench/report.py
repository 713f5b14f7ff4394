"""How long each format takes for a plan in which every agent differs, as a ratio to JSON's.

Each agent has a prompt of 4,000 Chinese characters. In the first plan one word of it is another
one; in the second all of it was written anew, as lines; in the third as one line. Every format of
`plan -o` renders the same plan, `text -v` too, in rounds; CPU time, the median of the rounds, and
the median of the ratios to JSON in the same round. Twice as many agents should take twice as long:
`x JSON` stays as it is. Prints tables and never judges.

    python bench/report.py [AGENTS [ROUNDS]]
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping

from reconciler.cli.formats import plan_makers
from reconciler.model.manifest import Address, Place
from reconciler.model.plan import About, Change, Plan, Update
from reconciler.report.json import dumps, plan_document
from reconciler.report.text import render_plan

CHARACTERS = 4000
COMMON = [chr(0x4E00 + 7 * number) for number in range(600)]
"""As many different characters as most of a text consists of."""


def prompt(seed: str) -> str:
    """Sentences of 6 to 24 characters, four on each line."""
    chance = random.Random(seed)
    lines: list[str] = []
    while sum(map(len, lines)) + len(lines) < CHARACTERS:
        sentences = (chance.choices(COMMON, k=chance.randint(6, 24)) for _ in range(4))
        lines.append("".join("".join(one) + chance.choice(",。;:") for one in sentences))
    return "\n".join(lines)[:CHARACTERS]


def one_word(number: int) -> tuple[str, str]:
    """Another word in the middle."""
    before = prompt(f"{number} before")
    return before, f"{before[:2000]}变化{before[2002:]}"


def rewritten(number: int) -> tuple[str, str]:
    """Every line is another one."""
    return prompt(f"{number} before"), prompt(f"{number} after")


def one_line(number: int) -> tuple[str, str]:
    """The same without line feeds."""
    before, after = rewritten(number)
    return before.replace("\n", ""), after.replace("\n", "")


def plan(agents: int, texts: Callable[[int], tuple[str, str]]) -> Plan:
    """So many updates of one field."""
    return Plan("prod", tuple(entry(number, *texts(number)) for number in range(agents)))


def entry(number: int, before: str, after: str) -> Update:
    """One agent of the plan."""
    path = "/properties/instructions"
    where = Place("agents.yaml", 20 * number + 1, 1)
    change = Change(path, before, after, where, limit=CHARACTERS)
    about = About(Address("v1", "Agent", f"agent-{number:04}"), where, f"{number:032x}")
    patch = {"op": "replace", "path": path, "value": after}
    return Update(
        about, (change,), (patch,), {"properties": {"instructions": after}}, number % 2 == 0
    )


def makers(subject: Plan) -> Mapping[str, Callable[[], str]]:
    """Every format, JSON first."""
    return {
        "json": lambda: dumps(plan_document(subject)),
        "text": lambda: render_plan(subject, color=False, width=120),
        "text, 40 cells": lambda: render_plan(subject, color=False, width=40, wraps=True),
        "text -v": lambda: render_plan(subject, color=False, width=120, verbose=True),
        **{str(form): make for form, make in plan_makers(subject).items()},
    }


def table(agents: int, rounds: int, texts: Callable[[int], tuple[str, str]]) -> None:
    """Measure one plan and print."""
    subject = plan(agents, texts)
    seconds: dict[str, list[float]] = {}
    size: dict[str, int] = {}
    for _ in range(rounds):
        for name, make in makers(subject).items():
            start = time.process_time()
            size[name] = len(make())
            seconds.setdefault(name, []).append(time.process_time() - start)
    print(f"\n{agents:,} agents, {texts.__name__.replace('_', ' ')}")
    print(f"{'format':16} {'median s':>9} {'x JSON':>8} {'characters':>12}")
    for name, taken in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(taken, seconds["json"], strict=True))
        print(f"{name:16} {statistics.median(taken):9.3f} {ratio:8.2f} {size[name]:12,}")


def main(sizes: list[int], rounds: int) -> None:
    """Every plan in every size."""
    print(f"Python {sys.version.split()[0]}, {rounds} rounds")
    for texts in (one_word, rewritten, one_line):
        for agents in sizes:
            table(agents, rounds, texts)


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(arguments[:1] or [100, 1000], arguments[1] if len(arguments) > 1 else 3)
