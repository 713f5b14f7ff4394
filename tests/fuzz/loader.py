"""Fuzzing of the whole loader: a manifest, an overlay and a configuration, through `validate`.

`python tests/fuzz/loader.py -runs=N` (see `make fuzz`); needs the extra `fuzz`.
"""

import importlib
import os
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fuzz.engine import fuzz, instrumented

with instrumented():
    from reconciler.cli import main
    from reconciler.cli.app import VERBS
    from reconciler.providers import discover

    for _verb in VERBS.values():
        importlib.import_module(f"reconciler.cli.{_verb.module}")
    _PROVIDERS = discover()

from tests.fuzz.seeds import CANARY, SEPARATOR, VARIABLE, folders
from tests.hostile.bounded import active

_FILES = ("m/a.yaml", "m/o/b.yaml", "m/reconcile.yaml")
_CODES = frozenset({0, 1, 7})
_COMMANDS = tuple(
    command
    for command in (
        ("validate", "m"),
        ("validate", "m", "-o", "sarif"),
        ("render", "m", "--target", "sandbox"),
        ("render", "m", "--target", "staging", "--why"),
        ("fmt", "m", "--check"),
        ("migrate", "m/a.yaml"),
    )
    if command[0] in VERBS
)


def one_input(data: bytes) -> None:
    """Load these bytes as a folder: an exit code of ours, no bug, no secret, nothing active."""
    parts = data.split(SEPARATOR)
    for name, part in zip(_FILES, parts, strict=False):
        path = Path(name)
        if part or name == _FILES[0]:
            path.write_bytes(part)
        else:
            path.unlink(missing_ok=True)
    for name in _FILES[len(parts) :]:
        Path(name).unlink(missing_ok=True)
    for command in _COMMANDS:
        _run(command, data)


def _run(command: tuple[str, ...], data: bytes) -> None:
    out, err = StringIO(), StringIO()
    code = main(
        [*command, "-v"] if command[0] == "validate" else command,
        environ={VARIABLE: CANARY},
        stdin=StringIO(),
        stdout=out,
        stderr=err,
        providers=lambda: _PROVIDERS,
    )
    printed = out.getvalue() + err.getvalue()
    assert "internal error" not in printed, f"{command}: {printed}"
    assert code in _CODES, f"{command}: {code} {printed}"
    assert CANARY not in printed or CANARY.encode() in data
    if command == ("validate", "m"):
        assert not active(printed), ascii(printed)


if __name__ == "__main__":
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        os.chdir(folder)
        Path("m/o").mkdir(parents=True)
        fuzz(one_input, folders())
