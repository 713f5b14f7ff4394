"""What is decided of an agent by one read, word for word: the plan, the body and what it touches.

Run as a module it writes `tests/differ/golden/decisions.txt` anew: look at the difference before
it is committed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from tests.support.cases import agents, fields, held, recalled, secrets, whole
from tests.support.deciding import decided, way_back

FILE: Final = Path(__file__).parents[1] / "differ" / "golden" / "decisions.txt"
CASES: Final = {
    **fields.CASES,
    **secrets.CASES,
    **agents.CASES,
    **whole.CASES,
    **held.CASES,
}


def _recalling(name: str) -> Callable[[], list[str]]:
    return lambda: way_back(*recalled.WRITES[name])


def _deciding(name: str) -> Callable[[], list[str]]:
    return lambda: decided(CASES[name])


SCENES: Final[dict[str, Callable[[], list[str]]]] = {
    **{name: _deciding(name) for name in CASES},
    **{f"recalled: {name}": _recalling(name) for name in recalled.WRITES},
}


def played(name: str) -> str:
    """What is decided of a case."""
    return "\n".join(SCENES[name]())


def recorded() -> dict[str, str]:
    """What is expected, by name."""
    parts = FILE.read_text("utf-8").split(">>> ")[1:]
    pairs = (part.partition("\n") for part in parts)
    return {name: text.strip("\n") for name, _, text in pairs}


if __name__ == "__main__":
    texts = [f">>> {name}\n{played(name)}\n" for name in SCENES]
    FILE.write_text("\n".join(texts), "utf-8")
