"""The fuzzing engine, where it is installed: atheris, which is guided by coverage."""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

MISSING: Final = """\
atheris is not installed, or there is none for this Python: `pip install '.[fuzz]'` with Python
3.11 to 3.14 on Linux. Nothing was fuzzed."""

_MAX_BYTES: Final = 4096
_SECONDS: Final = 10


def instrumented() -> AbstractContextManager[Any]:
    """Imports inside are watched for coverage when this process fuzzes, and plain otherwise."""
    if Path(sys.argv[0]).resolve().parent.name != "fuzz":
        return nullcontext()
    try:
        import atheris
    except ImportError:
        sys.exit(MISSING)
    context: AbstractContextManager[Any] = atheris.instrument_imports(
        include=["reconciler", "ruamel"]
    )
    return context


def fuzz(one_input: Callable[[bytes], None], seeds: Iterable[bytes]) -> None:
    """Try inputs until an option of the engine says stop; an input that breaks a law ends it.

    Options are libFuzzer's (`-runs=N`, `-max_total_time=SECONDS`, `-seed=N`); files and folders are
    inputs beside the seeds. A crash is written to the folder where the command was started.
    """
    here = os.environ.get("PWD", ".")
    with TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / f"{number:04}").write_bytes(seed)
        options = [f"-max_len={_MAX_BYTES}", f"-timeout={_SECONDS}", "-rss_limit_mb=1024"]
        options.append(f"-artifact_prefix={here}/")
        child = os.fork()  # the engine ends its process without a word to Python
        if child == 0:
            _run([sys.argv[0], *options, *sys.argv[1:], corpus], one_input)
        _, status = os.waitpid(child, 0)
    if status:
        sys.exit(f"the fuzzing of {Path(sys.argv[0]).name} ended with a finding")


def _run(arguments: list[str], one_input: Callable[[bytes], None]) -> None:
    import atheris

    atheris.Setup(arguments, one_input)
    atheris.Fuzz()
    os._exit(0)
