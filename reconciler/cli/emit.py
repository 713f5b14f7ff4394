"""Where plans and reports go: text for people as it comes, documents once at the end."""

from collections.abc import Callable, Sequence

from reconciler.cli.options import Request
from reconciler.cli.output import Format, write_file
from reconciler.cli.terminal import DEFAULT_WIDTH
from reconciler.cli.world import World
from reconciler.model.plan import Plan
from reconciler.report.text import render_plan


def tell_plan(world: World, request: Request, plan: Plan, accounts: Sequence[str]) -> None:
    """Write the plan for people, after where it was read from."""
    terminal = request.text(world)
    if not request.quiet:
        for account in accounts:
            terminal.line(account)
        terminal.line()
    terminal.write(
        render_plan(
            plan,
            color=request.color(terminal),
            width=terminal.width,
            verbose=request.verbose,
        )
    )


def plan_text(request: Request, plan: Plan) -> str:
    """The plan for a text file: no colour, and as wide as where there is no terminal."""
    return render_plan(plan, color=False, width=DEFAULT_WIDTH, verbose=request.verbose)


def emit(
    world: World, request: Request, *, document: Callable[[], str], text: Callable[[], str]
) -> None:
    """Write `document` (JSON) and `text` to wherever `-o` asks for them.

    Raises InputError when a file cannot be written.
    """
    if request.outputs.json_to_stdout:
        world.out.write(document())
    for form, path in request.outputs.files:
        write_file(path, document() if form is Format.JSON else text())
