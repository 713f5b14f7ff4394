"""The fields of both small kinds: what is live at first, what is wanted, and where each stands."""

from typing import Any, Final, TypeAlias

from tests.simulation.schedule import Agent

Tree: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str, ...]

PATHS: Final[dict[str, Path]] = {
    "description": ("description",),
    "cpu": ("cpu",),
    "memory": ("memory",),
    "isolated": ("isolated",),
    "env": ("environmentVariables",),
    "image": ("container", "image"),
    "command": ("container", "command"),
    "instructions": ("properties", "instructions"),
    "name": ("properties", "name"),
    "prologue": ("properties", "prologue"),
}

_WANTED: Final[dict[str, Any]] = {
    "description": "new",
    "cpu": 4,
    "env": {"LEVEL": "new"},
    "image": "agent:2",
    "instructions": "new",
    "name": "newname",
}

_ALWAYS: Final = ("description",)
"""Declared by every manifest of a runtime, changed or not."""


def first(agent: Agent) -> Tree:
    """What is live before the run."""
    if agent.kind == "prompt":
        properties = {"instructions": "old", "name": "oldname", "prologue": "hello"}
        return {"region": "r1", "tags": [], "properties": properties}
    return {
        "cpu": 2,
        "memory": 2048,
        "port": 8080,
        "description": "old",
        "environmentVariables": {"LEVEL": "old"},
        "container": {"image": "agent:1", "command": ["serve"]},
    }


def wanted(agent: Agent) -> Tree:
    """The `spec` of the manifest."""
    if not agent.exists:
        return {"cpu": 2, "artifactType": "Code", "description": "new"}
    tree = first(agent)
    base = ("instructions",) if agent.kind == "prompt" else _ALWAYS
    spec: Tree = {"agentId": "id"} if agent.kind == "prompt" else {}
    for field in dict.fromkeys((*base, *agent.changes)):
        value = _WANTED[field] if field in agent.changes else value_at(tree, PATHS[field])
        put(spec, PATHS[field], value)
    return spec


def managed(agent: Agent) -> frozenset[Path]:
    """The leaves that the manifest declares."""
    if not agent.exists:
        return frozenset({("cpu",), ("artifactType",), ("description",)})
    base = ("instructions",) if agent.kind == "prompt" else _ALWAYS
    return frozenset(PATHS[field] for field in (*base, *agent.changes))


def console_value(field: str, number: int) -> Any:
    """What somebody at the console sets; another one each time."""
    match field:
        case "memory" | "cpu":
            return 4096 + number
        case "isolated":
            return number % 2 == 0
        case "env":
            return {"LEVEL": f"console{number}"}
        case "command":
            return [f"console{number}"]
        case _:
            return f"console{number}"


def value_at(tree: Tree, path: Path) -> Any:
    """The value at a path, None where there is none."""
    value: Any = tree
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    return value


def put(tree: Tree, path: Path, value: Any) -> None:
    """Set the value at a path; the mappings on the way there are made anew."""
    for name in path[:-1]:
        tree[name] = dict(tree.get(name) or {})
        tree = tree[name]
    tree[path[-1]] = value


def leaves(tree: Tree) -> dict[Path, Any]:
    """Every leaf by its path; the mapping of environment variables is one leaf."""
    found: dict[Path, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict) and name != "environmentVariables":
            found |= {(name, inner): below for inner, below in value.items()}
        else:
            found[name,] = value
    return found


def holds(agent: Agent, tree: Tree) -> bool:
    """Whether a tree has all that the manifest declares."""
    spec = wanted(agent)
    return all(value_at(tree, path) == value_at(spec, path) for path in managed(agent))
