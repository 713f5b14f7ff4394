"""What a hostile input is: a named function that makes files in a folder, and what is to come of it.

Nothing big is stored: every file is made when its test runs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

Make: TypeAlias = Callable[[Path], None]
Content: TypeAlias = str | bytes | Callable[[], str | bytes]

RECIPES: Final[dict[str, "Recipe"]] = {}

HEAD: Final = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: a}
"""
"""Three lines; what follows begins on line 4."""

GOOD: Final = HEAD + "spec: {cpu: 2, memory: 4096, port: 8080}\n"

BOT: Final = """\
apiVersion: appstage.myhuaweicloud.com/v1
kind: Agent
metadata: {name: b}
spec:
  agentId: "0123456789abcdef0123456789abcdef"
  region: cn-north-5
  tags: []
  properties:
"""
"""Eight lines; properties follow, four spaces in."""


@dataclass(frozen=True)
class Recipe:
    """One hostile input. It is made in an empty folder, which is also the working folder.

    `codes` are the codes of all errors that are told, sorted: one as a rule, none where the input
    is allowed. `shows` stands in the output, `hides` nowhere in it. A `slow` one runs in CI only.
    """

    name: str
    make: Make
    codes: tuple[str, ...]
    exit: int = 1
    arguments: tuple[str, ...] = ("validate", "m")
    environ: Mapping[str, str] = field(default_factory=dict)
    shows: str = ""
    hides: str = ""
    slow: bool = False


def recipe(
    *codes: str,
    exit: int | None = None,
    arguments: tuple[str, ...] = ("validate", "m"),
    environ: Mapping[str, str] | None = None,
    shows: str = "",
    hides: str = "",
    slow: bool = False,
    name: str = "",
) -> Callable[[Make], Make]:
    """Register the function below under its name, or another, told from its module."""

    def register(make: Make) -> Make:
        family = make.__module__.rpartition(".")[2]
        _add(
            Recipe(
                f"{family}: {name or make.__name__.strip('_').replace('_', ' ')}",
                make,
                tuple(sorted(codes)),
                (1 if codes else 0) if exit is None else exit,
                arguments,
                environ or {},
                shows,
                hides,
                slow,
            )
        )
        return make

    return register


def texts(
    family: str,
    code: str,
    cases: Mapping[str, Content],
    *,
    file: str = "m/a.yaml",
    beside: Mapping[str, Content] | None = None,
    arguments: tuple[str, ...] = ("validate", "m"),
    shows: str = "",
    slow: bool = False,
) -> None:
    """Register one recipe for each text of `file`, all with the same error, `""` for none."""
    for name, content in cases.items():
        files = {**(beside or {}), file: content}
        codes = (code,) if code else ()
        _add(
            Recipe(
                f"{family}: {name}",
                _writer(files),
                codes,
                1 if codes else 0,
                arguments,
                shows=shows,
                slow=slow,
            )
        )


def _add(one: Recipe) -> None:
    if one.name in RECIPES:
        raise ValueError(f"two recipes are called {one.name}")
    RECIPES[one.name] = one


def _writer(files: Mapping[str, Content]) -> Make:
    def make(folder: Path) -> None:
        for name, content in files.items():
            write(folder / name, content)

    return make


def write(path: Path, content: Content = GOOD) -> None:
    """Write a file, its folders with it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content() if callable(content) else content
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass"))
