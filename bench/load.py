"""How long loading manifests takes, as ratios in one run (the loading share of goals P1, P2, P8).

The same manifests of 2 kB, one per file and all in one file, are loaded by whole processes:
ours (find, read, decode, parse, check), ours parsing only, both with the C part and without; the
bare C event parser, draining events; the pure parser that it replaces; and every fast parser for
Python that is installed here (PyPI: PyYAML, rapidyaml, ryaml, yaml-rs, py-yaml12). Processes are
interleaved in rounds, so that a machine whose speed drifts drifts for all of them; per round the
ratio to the bare C parser, then the median of the ratios. A parser that is missing or that refuses
the texts is named. Prints a table and never judges: seconds depend on the machine.

    python bench/load.py [MANIFESTS [ROUNDS]]

A case that would take minutes at that size (the pure parser) runs on a tenth of the manifests and
its time beyond the start of the process is multiplied by ten; the table marks it with x10.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLE = (ROOT / "manifests" / "customer-service.yaml").read_text("utf-8")
PROMPT = "".join(
    f"      - Rule {n}: answer **briefly**; is it about an order? Look it up first.\n"
    for n in range(14)
)

READ = """
import json, os, resource, sys, time
from pathlib import Path
where = Path(sys.argv[1])
def texts():
    for path in sorted(where.iterdir()):
        yield path.read_text("utf-8")
"""
DONE = """
use = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([count, use.ru_utime + use.ru_stime, use.ru_maxrss // 1024]))
"""
OURS = """
from reconciler.loader import cevents
from reconciler.loader.compose import documents
from reconciler.loader.findings import Findings
from reconciler.loader.source import decode
count = 0
for path in sorted(where.iterdir()):
    found = documents(Findings(decode(path, path.read_bytes(), root=where)))
    count += len(found)
"""
WHOLE = """
from reconciler.loader.load import load
from reconciler.providers import discover
kinds = [kind for provider in discover() for kind in provider.kinds]
count = len(load([where], kinds=kinds).manifests)
"""
PURE = "from reconciler.loader import cevents\ncevents.PARSER = None\n"

BARE = "bare C events"
CASES: dict[str, tuple[str, bool]] = {
    # name: the program, and whether it is slow
    BARE: (
        "from ruamel.yaml.cyaml import CParser\ncount = 0\nfor text in texts():\n"
        "    for event in iter(CParser(text).get_event, None):\n"
        "        count += type(event).__name__ == 'DocumentStartEvent'\n",
        False,
    ),
    "ours: whole load": (WHOLE, False),
    "ours: parse only": (OURS, False),
    "ours without C: parse only": (PURE + OURS, True),
    "ruamel pure safe": (
        "from ruamel.yaml import YAML\nparser = YAML(typ='safe', pure=True)\n"
        "count = sum(len(list(parser.load_all(text))) for text in texts())\n",
        True,
    ),
    "PyYAML CSafeLoader": (
        "import yaml\ncount = sum("
        "len(list(yaml.load_all(text, Loader=yaml.CSafeLoader))) for text in texts())\n",
        False,
    ),
    "rapidyaml: tree only": (
        "import ryml\ncount = 0\nfor text in texts():\n"
        "    tree = ryml.parse_in_arena(text.encode())\n    root = tree.root_id()\n"
        "    count += tree.num_children(root) if tree.is_stream(root) else 1\n",
        False,
    ),
    "ryaml": ("import ryaml\ncount = sum(len(ryaml.loads_all(text)) for text in texts())\n", False),
    "yaml-rs": (
        "import yaml_rs\ncount = 0\nfor text in texts():\n    found = yaml_rs.loads(text)\n"
        "    count += len(found) if isinstance(found, list) else 1\n",
        False,
    ),
    "py-yaml12": (
        "import yaml12\ncount = 0\nfor text in texts():\n"
        "    count += len(yaml12.parse_yaml(text, multi=True))\n",
        False,
    ),
}


def manifest(number: int) -> str:
    """A manifest like the sample, with a prompt: two kilobytes."""
    text = SAMPLE.replace("customer-service", f"agent-{number:05}")
    return text.replace("    LOG_LEVEL: info\n", f"    PROMPT: |\n{PROMPT}    LOG_LEVEL: info\n")


def write(folder: Path, count: int) -> dict[str, Path]:
    """Folders with the same manifests: one per file, and all in one file."""
    many, one = folder / f"many-{count}", folder / f"one-{count}"
    many.mkdir()
    one.mkdir()
    for number in range(count):
        (many / f"{number:05}.yaml").write_text(manifest(number), "utf-8")
    with (one / "all.yaml").open("w", encoding="utf-8") as file:  # a child's peak begins at ours
        for number in range(count):
            file.write(f"---\n{manifest(number)}")
    return {"one per file": many, "all in one file": one}


def measured(program: str, where: Path, expected: int) -> tuple[float, float, int] | str:
    """Wall and CPU seconds and peak MiB of one process, or why there is no figure."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-c", READ + program + DONE, str(where)],
        capture_output=True,
        text=True,
        check=False,
    )
    wall = os.times().elapsed - before.elapsed
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1]
        missing = last.startswith(("ModuleNotFoundError", "ImportError"))
        return "not installed" if missing else f"fails: {last[:60]}"
    count, cpu, peak = json.loads(done.stdout)
    if count != expected:
        return f"finds {count} documents of {expected}"
    return wall, cpu, peak


def table(title: str, full: Path, tenth: Path, count: int, rounds: int) -> None:
    """Measure all cases in rounds and print them."""
    found: dict[str, list[tuple[float, float, int]]] = {}
    refused: dict[str, str] = {}
    for _ in range(rounds):
        start = measured("count = 0", tenth, 0)
        assert not isinstance(start, str), start
        for name, (program, slow) in CASES.items():
            if name in refused:
                continue
            figures = measured(program, tenth if slow else full, count // 10 if slow else count)
            if isinstance(figures, str):
                refused[name] = figures
                continue
            wall, cpu, peak = figures
            if slow:  # the start of the process is not ten times as long
                wall, cpu = wall + 9 * (wall - start[0]), cpu + 9 * (cpu - start[1])
            found.setdefault(name, []).append((wall, cpu, peak))
    print(f"\n{count:,} manifests, {title}")
    print(f"{'case':32} {'wall s':>8} {'CPU s':>8} {'ms each':>8} {'MiB':>6} {'x bare':>7}")
    for name, (_, slow) in CASES.items():
        if name in refused:
            print(f"{name:32} {refused[name]}")
            continue
        wall, cpu, peak = (statistics.median(column) for column in zip(*found[name], strict=True))
        ratio = ""
        if BARE in found:
            pairs = zip(found[name], found[BARE], strict=True)
            ratio = f"{statistics.median(ours[1] / bare[1] for ours, bare in pairs):7.2f}"
        label = f"{name} x10" if slow else name
        each = 1000 * cpu / count
        print(f"{label:32} {wall:8.2f} {cpu:8.2f} {each:8.3f} {peak:6.0f} {ratio}")


def main(count: int, rounds: int) -> None:
    """Write the manifests, measure and print."""
    size = len(manifest(0).encode())
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {rounds} rounds")
    print(f"manifests of {size:,} bytes; ratios are of CPU time, start of the process included")
    with tempfile.TemporaryDirectory() as folder:
        full = write(Path(folder), count)
        tenth = write(Path(folder), count // 10)
        for title, where in full.items():
            table(title, where, tenth[title], count, rounds)


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(arguments[0] if arguments else 1000, arguments[1] if len(arguments) > 1 else 5)
