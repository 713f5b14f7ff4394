"""Every problem code that the source can emit, read from its syntax trees.

A code enters through a parameter or a dataclass field called `code`. Whoever is called with a text
there emits that code; whoever passes its own `code` on is judged at its own callers.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2] / "reconciler"
ROOMS = ("loader", "cli", "model/errors.py")
_FOREIGN = {"exits.py"}
"""Where `code` is an exit code."""


@dataclass
class _Module:
    tree: ast.Module
    file: Path
    constants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Texts, and tuples that begin with texts, by the name of the module's constant."""


def emitted_codes() -> dict[str, set[str]]:
    """Each code, and the files that emit it. Fails where a code is no text that can be read."""
    modules = [_read(file) for file in _files()]
    everywhere = _takers(modules)
    shared = {name: value for module in modules for name, value in module.constants.items()}
    found: dict[str, set[str]] = {}
    for module in modules:
        constants = {**shared, **module.constants}
        own = _takers([module])
        others = _defined(module.tree) - set(own)
        imported = _modules(module.tree)
        takers = {**everywhere, **own}
        takers = {name: at for name, at in takers.items() if name not in others}
        for node in ast.walk(module.tree):
            codes = _assigned(node)
            if isinstance(node, ast.Call) and not _is_of(node, imported):
                codes = _codes(node, takers, constants, module.file)
            for code in codes:
                found.setdefault(code, set()).add(module.file.name)
    return found


def _defined(tree: ast.Module) -> set[str]:
    return {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def _modules(tree: ast.Module) -> set[str]:
    """What was imported under a name that is no class: modules and functions."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {one.name for node in imports for one in node.names if one.name.islower()}


def _is_of(call: ast.Call, modules: set[str]) -> bool:
    """Whether a function of an imported module is called: `operations.add(…)`."""
    base = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(base, ast.Name) and base.id in modules


def _assigned(node: ast.AST) -> Iterator[str]:
    """Texts that are given to a name `code`, and its defaults."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts, strict=False))
            for name, value in pairs:
                if isinstance(name, ast.Name) and name.id == "code":
                    yield from _texts(value)
    elif isinstance(node, ast.FunctionDef):
        positional = node.args.args[len(node.args.args) - len(node.args.defaults) :]
        given = zip(
            [*positional, *node.args.kwonlyargs],
            [*node.args.defaults, *node.args.kw_defaults],
            strict=True,
        )
        for argument, default in given:
            if argument.arg == "code" and default is not None:
                yield from _texts(default)


def _texts(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_code(node.value):
            yield node.value


def _files() -> Iterator[Path]:
    for room in ROOMS:
        path = ROOT / room
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def _read(file: Path) -> _Module:
    tree = ast.parse(file.read_text("utf-8"))
    module = _Module(tree, file)
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.AnnAssign):
            target = node.target
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and value is not None:
            parts = value.elts if isinstance(value, ast.Tuple) else [value]
            texts = [part.value for part in parts if isinstance(part, ast.Constant)]
            if texts and isinstance(texts[0], str):
                module.constants[target.id] = tuple(text for text in texts if isinstance(text, str))
    return module


def _takers(modules: list[_Module]) -> dict[str, set[int]]:
    """Names of functions and classes with a `code`, and at which positions a call has it."""
    takers: dict[str, set[int]] = {}
    for module in modules:
        if module.file.name in _FOREIGN:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                if node.name.endswith("CloudError"):
                    continue
                fields = [
                    one.target.id
                    for one in node.body
                    if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
                ]
                makers = [one for one in node.body if _is_function(one, "__init__")]
                for maker in makers:
                    fields = _parameters(maker)
                if "code" in fields:
                    takers.setdefault(node.name, set()).add(fields.index("code"))
            elif isinstance(node, ast.FunctionDef) and node.name != "__init__":
                parameters = _parameters(node)
                if "code" in parameters:
                    takers.setdefault(node.name, set()).add(parameters.index("code"))
                elif any(argument.arg == "code" for argument in node.args.kwonlyargs):
                    takers.setdefault(node.name, set())
    return takers


def _is_function(node: ast.stmt, name: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == name


def _parameters(function: ast.AST) -> list[str]:
    assert isinstance(function, ast.FunctionDef)
    names = [argument.arg for argument in function.args.args]
    return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _codes(
    call: ast.Call,
    takers: dict[str, set[int]],
    constants: dict[str, tuple[str, ...]],
    file: Path,
) -> Iterator[str]:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in takers:
        return
    given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    for position in takers[name]:
        arguments = call.args[: position + 1]
        if any(isinstance(argument, ast.Starred) for argument in arguments):
            continue  # a tuple of text and help that another function made
        if len(call.args) > position and (len(call.args) > 1 or name[0].isupper()):
            given.append(call.args[position])
    read = [codes for value in given if (codes := _value(value, constants)) is not None]
    handed_on = any(_value(argument, {}) == [] for argument in call.args)
    if given and not read and not handed_on:
        raise AssertionError(f"{file}:{call.lineno}: write the code as a text")
    for codes in read:
        yield from filter(is_code, codes)


def _value(value: ast.expr, constants: dict[str, tuple[str, ...]]) -> Sequence[str] | None:
    """The codes that an argument may be: none where it is handed on, None where it is no code."""
    match value:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.Name(id="code") | ast.Attribute(attr="code"):
            return []  # judged where it came from
        case ast.Name(id=name) if name in constants:
            return constants[name][:1]
        case ast.IfExp(body=body, orelse=other):
            return [*(_value(body, constants) or ()), *(_value(other, constants) or ())]
        case _:
            return None


def is_code(text: str) -> bool:
    """Whether a text has the form of a code."""
    return bool(text) and text == text.lower() and all(part.isalpha() for part in text.split("-"))
