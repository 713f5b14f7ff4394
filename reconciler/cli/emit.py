"""Where plans and reports go: text for people as it comes, documents once at the end."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from reconciler.cli.options import Request
from reconciler.cli.output import Format, write_file
from reconciler.cli.setup import target_line
from reconciler.cli.terminal import DEFAULT_WIDTH
from reconciler.cli.world import World
from reconciler.model.plan import Plan, Unreadable
from reconciler.model.rehearsal import Rehearsal
from reconciler.model.target import Target
from reconciler.report.ledger import render_limits
from reconciler.report.policy import render_policy
from reconciler.report.rehearsal import render_rehearsal, totals
from reconciler.report.summary import render_agents
from reconciler.report.text import render_entries, render_plan, render_summary_line


def tell_plan(
    world: World,
    request: Request,
    plan: Plan,
    accounts: Sequence[str],
    *,
    summary: bool = False,
) -> None:
    """Write the plan for people, after where it was read from; with `summary` a line an agent."""
    terminal = request.text(world)
    for account in () if request.quiet else accounts:
        terminal.say(account)
    terminal.line()
    color = request.color(terminal)
    if summary:
        terminal.write(
            render_agents(plan, color=color, width=terminal.width if terminal.wraps else None)
        )
        return
    terminal.write(
        render_plan(
            plan,
            color=color,
            width=terminal.width,
            verbose=request.verbose,
            wraps=terminal.wraps,
        )
    )


def tell_result(world: World, request: Request, plan: Plan) -> None:
    """Write what a plan comes to: what could not be read, and the summary line."""
    terminal = request.text(world)
    unread = tuple(agent for agent in plan.agents if isinstance(agent, Unreadable))
    color = request.color(terminal)
    terminal.write(render_entries(unread, color=color, width=terminal.width))
    room = terminal.width if terminal.wraps else None
    terminal.write(render_policy(plan, color=color, width=room))
    terminal.write(render_limits(plan, color=color, width=room))
    terminal.write(render_summary_line(plan, color=color, width=room))


def plan_text(request: Request, plan: Plan, *, summary: bool = False) -> str:
    """The plan for a text file: no colour, and as wide as where there is no terminal."""
    if summary:
        return render_agents(plan, color=False, width=None)
    return render_plan(plan, color=False, width=DEFAULT_WIDTH, verbose=request.verbose)


def tell_rehearsal(world: World, request: Request, rehearsal: Rehearsal) -> None:
    """Write what came of a rehearsal: with `-q` the one sentence that sums it up."""
    terminal = request.text(world)
    if request.quiet:
        terminal.line(f"Rehearsal: {totals(rehearsal)}")
        return
    color, wraps = request.color(terminal), terminal.is_terminal
    text = render_rehearsal(rehearsal, color=color, width=terminal.width, wraps=wraps)
    terminal.write(f"\n{text}")


def rehearsal_text(rehearsal: Rehearsal | None) -> Iterator[str]:
    """The rehearsal for a text file, where there was one."""
    if rehearsal is not None:
        yield render_rehearsal(rehearsal, color=False, width=DEFAULT_WIDTH)


def text_report(target: Target, *parts: str) -> str:
    """A report for a text file: it begins with the target, as on the screen."""
    return "\n".join([f"{target_line(target)}\n", *parts])


def emit(
    world: World,
    request: Request,
    *,
    document: Callable[[], str],
    text: Callable[[], str],
    others: Mapping[Format, Callable[[], str]] | None = None,
) -> None:
    """Write `document` (JSON), `text` and what `others` make to wherever `-o` asks for them.

    Raises InputError when a file cannot be written.
    """
    makers = {Format.TEXT: text, Format.JSON: document, **(others or {})}
    if not request.outputs.text_to_stdout:
        world.out.write(makers[request.outputs.stdout]())
    for form, path in request.outputs.files:
        write_file(path, makers[form]())
