"""What a run tells, records, sends and ends in, word for word, on the small cloud with a memory.

Run as a module it writes `tests/applier/golden/transcripts.txt` anew: look at the difference
before it is committed. How long something took is left out: when to look is tested elsewhere.
"""

from pathlib import Path
from typing import Final

from tests.support.scenes import doubts, limits, returns, updates
from tests.support.staging import SCENES
from tests.support.virtual import run

FILE: Final = Path(__file__).parents[1] / "applier" / "golden" / "transcripts.txt"
MODULES: Final = (updates, doubts, limits, returns)
"""Whose scenes are on the list, once they are imported."""


def played(name: str) -> str:
    """The transcript of a scene."""
    return "\n".join(run(SCENES[name]))


def recorded() -> dict[str, str]:
    """The transcripts that are expected, by name."""
    parts = FILE.read_text("utf-8").split(">>> ")[1:]
    pairs = (part.partition("\n") for part in parts)
    return {name: text.strip("\n") for name, _, text in pairs}


if __name__ == "__main__":
    texts = [f">>> {name}\n{played(name)}\n" for name in SCENES]
    FILE.write_text("\n".join(texts), "utf-8")
