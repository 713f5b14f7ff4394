"""A small repository with overlays, and what loading it under a target gives."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciler.loader.config import read_config
from reconciler.loader.diagnostics import render_problem
from reconciler.loader.load import Loaded, load
from reconciler.model.errors import InputError, Problem
from reconciler.model.manifest import Manifest
from tests.support.loader import KINDS, SETTINGS

CONFIG = """\
targets:
  prod:
    overlays: [../overlays/common, ../overlays/prod]
    vars: {ZONE: north-1, TAG: v3}
  test:
    overlays: [../overlays/common]
    vars: {ZONE: south-1, TAG: latest}
"""
BASE = """\
apiVersion: cloud.example.com/v1
kind: Runtime
metadata: {name: bot, labels: {team: support}}
spec:
  cpu: 2
  memory: 2048
  environmentVariables: {LOG_LEVEL: info, MODE: fast}
  systemTags: [a, b]
"""
COMMON = "kind: Runtime\nmetadata: {name: bot}\n"


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """A repository with these files; empty overlay folders and the configuration where they lack."""
    (folder / ".git").mkdir(exist_ok=True)
    for name in ("manifests", "overlays/common", "overlays/prod"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in {"manifests/reconcile.yaml": CONFIG, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def load_tree(folder: Path, target: str | None = "prod", *paths: str, **options: Any) -> Loaded:
    """Load the manifests under a target of the configuration, None for every one of them."""
    path = folder / "manifests" / "reconcile.yaml"
    config, problems = read_config(path, settings=SETTINGS)
    assert config is not None
    named = [folder / one for one in paths or ("manifests",)]
    targets = list(config.targets.values()) if target is None else [config.targets[target]]
    try:
        loaded = load(
            named, kinds=KINDS, config=path, targets=targets, overlays=config.overlays, **options
        )
    except InputError as error:
        raise InputError(str(error), sorted([*problems, *error.problems])) from error
    if problems:
        raise InputError("the configuration is wrong", problems)
    return Loaded(loaded.manifests, (*config.warnings, *loaded.warnings))


def effective(folder: Path, files: Mapping[str, str], target: str = "prod") -> Manifest:
    """The only manifest of a repository with these files."""
    (manifest,) = load_tree(write_tree(folder, files), target).manifests
    return manifest


def told(
    folder: Path, files: Mapping[str, str], target: str | None = "prod", *paths: str
) -> list[str]:
    """Everything that is wrong or odd: its first line and the way out, the folder's path cut."""
    found: tuple[Problem, ...]
    try:
        found = load_tree(write_tree(folder, files), target, *paths).warnings
    except InputError as error:
        found = error.problems
    lines: list[str] = []
    for problem in found:
        first, *rest = render_problem(problem).replace(f"{folder}/", "").splitlines()
        lines.append(first)
        lines += [line.strip() for line in rest if line.strip().startswith("= help")]
    return lines


def placed(manifest: Manifest, folder: Path, pointer: str) -> str:
    """The place of a value, the folder's path cut."""
    return str(manifest.places[pointer]).replace(f"{folder}/", "")
