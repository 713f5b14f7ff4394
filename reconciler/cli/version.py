"""`reconcile version`."""

import click

from reconciler import __version__
from reconciler.cli.world import World


@click.command()
@click.pass_obj
def command(world: World) -> int:
    """Print the version."""
    world.out.line(f"reconcile {__version__}")
    return 0
