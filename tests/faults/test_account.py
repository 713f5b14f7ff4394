"""An account that throttles, and a machine whose clock is wrong, over real HTTP."""

from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from reconciler.cli import main
from reconciler.cli.clock import SystemClock
from reconciler.sandbox import control, seeds
from reconciler.sandbox.store import Store
from tests.support.sandbox import served

KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "sandbox",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "sandbox",
    "HW_USER_NAME": "sandbox",
    "HW_USER_PASSWORD": "sandbox",
    "HW_DOMAIN_NAME": "sandbox",
}
AGENT = """\
apiVersion: appstage.myhuaweicloud.com/v1
kind: Agent
metadata: {{name: agent-{number}}}
spec: {{agentId: "{agent_id}", properties: {{prologue: "{number}"}}}}
"""
RUNTIME = f"""\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {{name: {seeds.RUNTIME_NAME}}}
spec: {{cpu: 2}}
"""
COUNT = 60


class WrongClock(SystemClock):
    """The machine's clock, so many seconds off."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def wall(self) -> float:
        """See `Clock.wall`."""
        return super().wall() + self._seconds


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A sandbox on the disk."""
    with Store(tmp_path / "cloud.db") as store:
        yield store


def planned(
    folder: Path, store: Store, manifests: str, clock: SystemClock | None = None
) -> tuple[int, str, str]:
    """Exit code, output and errors of a plan against the served sandbox."""
    out, err = StringIO(), StringIO()
    with served(store) as port:
        url = f"http://127.0.0.1:{port}"
        (folder / "reconcile.yaml").write_text(
            "defaultTarget: there\ntargets:\n  there:\n"
            f"    agentrun: {{endpoint: '{url}', requestsPerSecond: 300}}\n"
            f"    appstage: {{endpoint: '{url}', iam: {{endpoint: '{url}'}}, "
            "requestsPerSecond: 300}\n"
        )
        (folder / "agents.yaml").write_text(manifests)
        arguments = ["plan", str(folder)]
        code = main(arguments, environ=KEYS, stdout=out, stderr=err, clock=clock)
    return code, out.getvalue(), err.getvalue()


def test_a_tenth_of_throttling_costs_at_most_a_fifth_more(store: Store, tmp_path: Path) -> None:
    """A plan of sixty agents, every tenth request refused: all are read, for 1.2 requests each."""
    ids = [f"{number:032x}" for number in range(COUNT)]
    for agent_id in ids:
        control.add_agent(store, agent_id, seeds.AGENT, 0.0)
    control.set_quirk(store, "throttle_every", 10)
    manifests = "---\n".join(
        AGENT.format(number=number, agent_id=agent_id) for number, agent_id in enumerate(ids)
    )
    code, out, err = planned(tmp_path, store, manifests)
    assert code == 0, err
    assert f"{COUNT} to update" in out
    statuses = Counter(line.status for line in control.log_lines(store) if line.method == "GET")
    assert statuses[200] == COUNT
    assert statuses[429] >= 5
    assert statuses.total() <= 1.2 * COUNT


def test_a_signature_of_the_wrong_time_is_explained(store: Store, tmp_path: Path) -> None:
    """Twenty minutes off, the cloud refuses: exit 3, with by how much and which way."""
    code, out, err = planned(tmp_path, store, RUNTIME, WrongClock(-1200))
    assert code == 3
    assert "InvalidTimeStamp.Expired" in out + err
    assert "s behind that of 127.0.0.1: set it right, and try again" in " ".join(
        (out + err).split()
    )


@pytest.mark.parametrize(("seconds", "warned"), [(300.0, True), (-300.0, True), (20.0, False)])
def test_a_clock_that_is_off_is_warned_about(
    store: Store, tmp_path: Path, seconds: float, warned: bool
) -> None:
    """Minutes off, the calls still succeed, and one line on standard error says so."""
    code, _, err = planned(tmp_path, store, RUNTIME, WrongClock(seconds))
    assert code == 0, err
    lines = [line for line in err.splitlines() if "this machine's clock is" in line]
    assert len(lines) == int(warned)
    assert all(line.startswith("warning: ") for line in lines)
