"""How long a short run takes, as ratios in one run (goal P7).

Whole processes, interleaved in rounds so that a machine whose speed drifts drifts for all of them;
per round the ratio to a bare interpreter, then the median of the ratios. Prints a table and never
judges: seconds depend on the machine.

    python bench/startup.py [ROUNDS]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
RECONCILE = str(Path(sys.executable).with_name("reconcile"))
MANIFEST = str(ROOT / "manifests" / "customer-service.yaml")

CASES: dict[str, list[str]] = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "reconcile --version": [RECONCILE, "--version"],
    "reconcile --help": [RECONCILE, "--help"],
    "reconcile validate, one agent": [RECONCILE, "validate", MANIFEST],
    "reconcile plan, one agent": [RECONCILE, "plan", MANIFEST, "--target", "sandbox"],
}


def timed(command: list[str], folder: str) -> float:
    """Wall seconds of one process."""
    start = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "SUPPORT_API_KEY": "x"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - start


def main(rounds: int) -> None:
    """Measure and print."""
    seconds: dict[str, list[float]] = {name: [] for name in CASES}
    with tempfile.TemporaryDirectory() as folder:
        for name, command in CASES.items():
            timed(command, folder)  # warm: caches, and the sandbox's first use
            del name
        for _ in range(rounds):
            for name, command in CASES.items():
                seconds[name].append(timed(command, folder))
    bare = seconds["python -c pass"]
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {rounds} rounds")
    print(f"{'case':32} {'median s':>9} {'min':>7} {'max':>7} {'x bare':>7}")
    for name, all_seconds in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(all_seconds, bare, strict=True))
        print(
            f"{name:32} {statistics.median(all_seconds):9.3f} {min(all_seconds):7.3f} "
            f"{max(all_seconds):7.3f} {ratio:7.2f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
