"""What the vendor's own tool answered, recorded: see `ar_render/README.md`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reconciler.loader.load import Loaded, load
from reconciler.providers.agentrun.provider import RUNTIME

FOLDER = Path(__file__).parent / "ar_render"
HEAD = "apiVersion: agentrun/v1\nkind: AgentRuntime\nmetadata: {name: a}\n"
"""Three lines of the smallest document; `spec` begins on line 4."""

CONTAINER = "  container: {image: registry.example.com/ns/agent:v1}\n"


@dataclass(frozen=True)
class Case:
    """One document and the creation that the tool makes of it, nulls left out."""

    title: str
    text: str
    rendered: dict[str, Any]


def rendered(name: str) -> list[Case]:
    """The documents of `NAME.yaml`, each with its answer."""
    texts = (FOLDER / f"{name}.yaml").read_text("utf-8").split("\n---\n")
    answers = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return [
        Case(f"{name}-{number}", f"{text}\n", answer["renderedCreateInput"])
        for number, (text, answer) in enumerate(zip(texts, answers, strict=True), start=1)
    ]


def refused() -> list[str]:
    """Documents that the tool refuses."""
    answers = json.loads((FOLDER / "refused.json").read_text("utf-8"))
    return [answer["text"] for answer in answers if answer["exit"] != 0]


def load_theirs(folder: Path, text: str, *, name: str = "a.yaml") -> Loaded:
    """Load one file of this text as this cloud's manifests."""
    path = folder / name
    path.write_bytes(text.encode())
    return load([path], kinds=[RUNTIME])
