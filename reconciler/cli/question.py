"""The one question: whether to carry a plan out. Asked on a terminal only."""

from typing import Final

from reconciler.cli.signals import Interrupts
from reconciler.cli.terminal import Terminal, interactive
from reconciler.cli.world import World
from reconciler.model.plan import Plan
from reconciler.report.count import count_plan

NOT_CONFIRMED: Final = "not confirmed; nothing was written"
_YES: Final = ("y", "yes")


def screen(world: World, plan: Plan, *, yes: bool) -> Terminal | None:
    """Where somebody would be asked about this plan, None where nobody is."""
    if yes or not count_plan(plan).requests:
        return None
    return interactive(world.stdin, world.err, world.out)


def confirmed(world: World, terminal: Terminal, interrupts: Interrupts) -> bool:
    """Ask and wait for the answer. Raises KeyboardInterrupt when a signal is the answer."""
    try:
        with interrupts.asking():
            terminal.write("Apply these changes? [y/N] ")
            answer = world.stdin.readline() if world.stdin is not None else ""
    except KeyboardInterrupt:
        if terminal is not world.err:
            terminal.line()
        raise
    if not answer.endswith("\n"):
        terminal.line()
    return answer.strip().lower() in _YES
