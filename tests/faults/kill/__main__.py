"""Every failpoint of both clouds: `python -m tests.faults.kill [--part N/M]`; exit code 1 if any fails."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults.kill.cases import discovered, killed_at
from tests.faults.kill.scene import scene


def main() -> int:
    """Kill at each point of the part that was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.add_argument("--part", default="1/1", help="N/M: each M-th failpoint, from the N-th")
    first, _, step = parser.parse_args().part.partition("/")
    failed = 0
    for cloud in ("agentrun", "appstage"):
        with tempfile.TemporaryDirectory() as folder, scene(cloud, Path(folder)) as stage:
            points = range(int(first), discovered(stage) + 1, int(step))
            print(f"{cloud}: {len(points)} failpoints", flush=True)
            for point in points:
                for text in killed_at(stage, point):
                    failed += 1
                    print(text, flush=True)
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
