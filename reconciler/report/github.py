"""Problems as workflow commands, which GitHub Actions shows as annotations on the changed lines.

A command is one line, `::error file=…,line=…::message`. What a manifest says is escaped as the
runner's own toolkit escapes it, so nothing in it begins another command.
"""

from collections.abc import Iterable

from reconciler.report.location import Located
from reconciler.report.plain import plain


def render_github(located: Iterable[Located]) -> str:
    """A line for each problem."""
    return "".join(f"{_command(one)}\n" for one in located)


def _command(one: Located) -> str:
    problem = one.problem
    properties = {"title": problem.code}
    if one.path is not None:
        properties = {
            "file": one.path,
            "line": str(problem.place.line),
            "col": str(problem.place.column),
            "endColumn": str(one.end_column),
            **properties,
        }
    level = "warning" if problem.warning else "error"
    message = "\n".join(part for part in (_where(one) + problem.text, _help(problem.help)) if part)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {listed}::{_data(message)}"


def _where(one: Located) -> str:
    """Where a problem stands that no annotation can point to."""
    return f"{one.problem.place.file}: " if one.path is None else ""


def _help(text: str) -> str:
    return f"help: {text}" if text else ""


def _data(text: str) -> str:
    """`escapeData` of the toolkit, after what is invisible was made visible."""
    text = plain(text, lines=True)
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """`escapeProperty` of the toolkit."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
