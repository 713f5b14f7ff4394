"""The program against hosts of a test's choice, under its own event loop and a quick clock."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from reconciler.cli import main
from reconciler.cli.clock import SystemClock
from tests.support.cli import Ran

ALIBABA_SECRET = "canary-alibaba-1f00"
ALIBABA_TOKEN = "canary-sts-77ab"
HUAWEI_PASSWORD = "canary-huawei-2e11"
HUAWEI_TOKEN = "canary-token-90cc"
ALIBABA = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "canary-key-id-3d22",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": ALIBABA_SECRET,
    "ALIBABA_CLOUD_SECURITY_TOKEN": ALIBABA_TOKEN,
}
HUAWEI = {
    "HW_USER_NAME": "canary-user-4c33",
    "HW_USER_PASSWORD": HUAWEI_PASSWORD,
    "HW_DOMAIN_NAME": "canary-domain-5b44",
}
GIVEN = {"HUAWEICLOUD_AUTH_TOKEN": HUAWEI_TOKEN}

RUNTIME = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: bot}
spec: {cpu: 4, memory: 4096, port: 8080}
"""
AGENT = """\
apiVersion: appstage.myhuaweicloud.com/v1
kind: Agent
metadata: {name: reviewer}
spec: {agentId: "0123456789abcdef0123456789abcdef", region: cn-north-5, tags: [], properties: {prologue: hi}}
"""


class QuickClock(SystemClock):
    """The machine's clock, but nobody waits for long."""

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await super().sleep(min(seconds, 0.01))


def run_outside(
    folder: Path,
    section: str,
    manifest: str,
    environ: Mapping[str, str],
    verb: str = "plan",
) -> Ran:
    """One verb on a manifest under a target with this section."""
    (folder / "reconcile.yaml").write_text(
        f"defaultTarget: there\ntargets:\n  there:\n    {section}\n"
    )
    (folder / "agent.yaml").write_text(manifest)
    out, err = StringIO(), StringIO()
    arguments = [verb, str(folder), "-v"]
    code = main(arguments, environ=environ, stdout=out, stderr=err, clock=QuickClock())
    ran = Ran(code, out.getvalue(), err.getvalue())
    for canary in (ALIBABA_SECRET, ALIBABA_TOKEN, HUAWEI_PASSWORD, HUAWEI_TOKEN):
        assert canary not in ran.out + ran.err
    return ran
