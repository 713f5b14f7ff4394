"""The fuzz targets hold for every seed, with no fuzzing engine at hand, so they cannot rot."""

import sys
from pathlib import Path

import pytest

from reconciler.model.errors import InputError
from tests.fuzz import loader, parser
from tests.fuzz.engine import MISSING, instrumented
from tests.fuzz.seeds import CANARY, folders, texts


def test_the_parser_holds_for_every_seed() -> None:
    """Both parsers agree on every text that the fuzzing begins with."""
    seeds = list(texts())
    for seed in seeds:
        parser.one_input(seed)
    assert len(seeds) > 100


def test_the_loader_holds_for_every_seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every folder that the fuzzing begins with is loaded without a bug and without a secret."""
    (tmp_path / "m" / "o").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    seeds = list(folders())
    for seed in seeds:
        loader.one_input(seed)
    assert len(seeds) > 100


@pytest.mark.parametrize("error", [ZeroDivisionError(), InputError(f"the value is {CANARY}")])
def test_a_bug_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """An exception that is not ours, or a secret in the output, ends the fuzzing."""

    def broken(*_: object, **__: object) -> None:
        raise error

    (tmp_path / "m" / "o").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("reconciler.cli.validate.check", broken)
    with pytest.raises(AssertionError):
        loader.one_input(next(folders()))


def test_without_the_engine_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the engine is not installed the target fails, it does not pass over its work."""
    monkeypatch.setattr(sys, "argv", ["tests/fuzz/parser.py"])
    monkeypatch.setitem(sys.modules, "atheris", None)
    with pytest.raises(SystemExit) as ended:
        instrumented()
    assert ended.value.code == MISSING
