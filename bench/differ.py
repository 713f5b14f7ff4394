"""How long comparing takes beside decoding the same live JSON, as a ratio in one run (issue 4, 9).

So many agents of both clouds in turn, and of each alone; every live object is of the shape and size
of the example on the vendor's page, with a prompt near its limit, and two in a hundred differ. Per
round the live JSON is decoded with `json.loads`, from bytes as it comes over the wire; then every
agent is compared (`compare`: what differs), and every agent is decided on (`decide`: that, and the
entry of the plan, the body and the patch of those that differ). CPU time of each, its ratio to
decoding per round, and the median of the ratios. The collector is off while they are timed. Prints
a table and never judges.

    python bench/differ.py [AGENTS [ROUNDS]]
"""

import copy
import gc
import json
import statistics
import sys
import time
from typing import Any

from reconciler.differ.compare import compare
from reconciler.differ.decide import decide
from reconciler.differ.options import Options
from reconciler.model.live import Health, Live
from reconciler.model.manifest import Address, Desired, Place
from reconciler.model.plan import InSync
from reconciler.model.rules import Rules
from reconciler.providers import discover
from reconciler.sandbox import agentrun_fields, seeds
from reconciler.sandbox.quirks import Quirks

TEXT = Options(unmanaged=False)
"""What a plan for people needs."""


def differs(number: int) -> bool:
    """Two of a hundred: one runtime and one AppStage agent where both are in turn."""
    return number % 100 in (0, 51)


RULES = {provider.name: provider.kinds[0].rules for provider in discover()}
PROMPT = "".join(
    f"{n}. 先核对订单号,再回答客户;涉及退款时说明期限与条件,不要承诺无法兑现的事情。\n"
    for n in range(1, 120)
)[:3900]
UNDECLARED: dict[str, Any] = {
    "executionRoleArn": "acs:ram::1234567890123456:role/AgentRunExecutionRole",
    "credentialName": "my-credential",
    "externalAgentEndpointUrl": "",
    "headerFieldName": "x-agentrun-session-id",
    "logConfiguration": {"project": "agent-runtime-logs", "logstore": "agent-runtime-logs"},
    "protocolConfiguration": {
        "type": "HTTP",
        "protocolSettings": [
            dict.fromkeys(
                (
                    *("type", "name", "config", "path", "pathPrefix", "headers", "method"),
                    *("inputBodyJsonSchema", "outputBodyJsonSchema", "requestContentType"),
                    *("responseContentType", "A2AAgentCard", "a2aAgentCard", "a2aAgentCardUrl"),
                ),
                "",
            )
        ],
    },
    "nasConfig": {
        "userId": 100,
        "groupId": 100,
        "mountPoints": [
            {"enableTLS": True, "mountDir": "/home/test", "serverAddr": "x.cn-hangzhou.nas.com:/"}
        ],
    },
    "ossMountConfig": {
        "mountPoints": [
            {
                "bucketName": "my-bucket",
                "bucketPath": "/my-dir",
                "endpoint": "http://oss-cn-shanghai.aliyuncs.com",
                "mountDir": "/mnt/dir",
                "readOnly": True,
            }
        ]
    },
    "systemTags": [""],
}
"""What the example of the vendor's page shows beside what our manifest declares.

https://help.aliyun.com/zh/functioncompute/fc/developer-reference/api-agentrun-2025-09-10-getagentruntime
"""
REGISTRY: dict[str, Any] = {
    "acrInstanceId": "cri-xxxxx",
    "registryConfig": {
        "authConfig": {"userName": "admin", "password": "abc***"},
        "certConfig": {"insecure": False, "rootCaCertBase64": "cm9vdF9jYV9jZXJ0X2Jhc2U2NA=="},
        "networkConfig": {
            "vpcId": "vpc-xxxxxxxxxxxxx",
            "vSwitchId": "vsw-xxxxxxxxxxxxx",
            "securityGroupId": "sg-xxxxxxxxxxxxx",
        },
    },
}
"""The same of its containerConfiguration."""

RUNTIME_SPEC: dict[str, Any] = {
    "description": "Answers customers about orders and returns",
    "artifactType": "Container",
    "containerConfiguration": {"image": "registry.example.com/support/agent:v3", "port": 8080},
    "cpu": 2,
    "memory": 4096,
    "port": 8080,
    "networkConfiguration": {"networkMode": "PUBLIC"},
    "healthCheckConfiguration": {"httpGetUrl": "/ready", "periodSeconds": 10},
    "sessionIdleTimeoutSeconds": 1800,
    "environmentVariables": {"LOG_LEVEL": "info", "ORDERS_URL": "https://orders.example.com/v1"},
}
AGENT_SPEC: dict[str, Any] = {
    "agentId": seeds.AGENT_ID,
    "region": "cn-north-5",
    "tags": [],
    "properties": {
        "name": "代码评审助手",
        "description": "逐条评审代码改动并给出修改建议",
        "prologue": "把改动贴给我,我会按严重程度列出问题。",
        "instructions": PROMPT,
        "model_setting": {"temperature": 0.2, "top_p": 0.3, "max_tokens": 4096},
        "fragment_memory_settings": {"enable": False},
    },
}


def runtime(number: int) -> tuple[Desired, bytes]:
    """A runtime and its live JSON, as a read of the emulated cloud shows it."""
    spec = copy.deepcopy(RUNTIME_SPEC)
    spec["environmentVariables"]["SHARD"] = str(number)
    held = {**seeds.RUNTIME, **UNDECLARED, **spec, "agentRuntimeName": f"agent-{number:05}"}
    held["containerConfiguration"] = {**spec["containerConfiguration"], **REGISTRY}
    if differs(number):
        held["memory"] = 2048
    shown = {
        **agentrun_fields.shown(held, Quirks(server_defaults=True)),
        "agentRuntimeId": f"ar-{number:016x}",
        "agentRuntimeArn": f"acs:agentrun:cn-hangzhou:1234567890123456:runtimes/ar-{number:016x}",
        "agentRuntimeVersion": "1",
        "status": "READY",
        "statusReason": "",
        "createdAt": "2025-01-10T10:30:00.000000+00:00",
        "lastUpdatedAt": "2025-01-10T11:45:00.000000+00:00",
    }
    return wanted("AgentRuntime", number, spec), json.dumps(shown, ensure_ascii=False).encode()


def agent(number: int) -> tuple[Desired, bytes]:
    """An AppStage agent and its live JSON."""
    spec = copy.deepcopy(AGENT_SPEC)
    spec["properties"]["name"] = f"代码评审助手_{number}"
    held = {**seeds.PROPERTIES, **spec["properties"]}
    for name in ("model_setting", "fragment_memory_settings"):
        merged = {**json.loads(seeds.PROPERTIES[name]), **spec["properties"][name]}
        held[name] = json.dumps(merged, separators=(",", ":"))
    if differs(number):
        held["instructions"] = PROMPT.replace("退款", "退货", 1)
    shown = {"region": "cn-north-5", "tags": [], "properties": held}
    return wanted("Agent", number, spec), json.dumps(shown, ensure_ascii=False).encode()


def wanted(kind: str, number: int, spec: dict[str, Any]) -> Desired:
    """What a manifest says."""
    return Desired(Address("v1", kind, f"agent-{number:05}"), Place("a.yaml", 1, 1), spec, {})


def fleet(count: int, which: str) -> list[tuple[Desired, Rules, bytes]]:
    """The agents of one table row: both clouds in turn, or one of them."""
    agents = []
    for number in range(count):
        first = which == "agentrun" or (which == "both" and number % 2 == 0)
        desired, text = runtime(number) if first else agent(number)
        agents.append((desired, RULES["agentrun" if first else "appstage"], text))
    return agents


def one_round(agents: list[tuple[Desired, Rules, bytes]]) -> tuple[float, float, float]:
    """CPU seconds of decoding, of comparing and of deciding."""
    gc.collect()
    gc.disable()
    start = time.process_time()
    trees = [json.loads(text) for _, _, text in agents]
    decoded = time.process_time() - start
    found = [Live("id", tree, Health.READY, status="READY") for tree in trees]
    start = time.process_time()
    unequal = sum(
        bool(compare(desired.spec, tree, rules).differences)
        for (desired, rules, _), tree in zip(agents, trees, strict=True)
    )
    compared = time.process_time() - start
    start = time.process_time()
    decisions = [
        decide(desired, live, rules, TEXT)
        for (desired, rules, _), live in zip(agents, found, strict=True)
    ]
    decided = time.process_time() - start
    gc.enable()
    expected = sum(map(differs, range(len(agents))))
    planned = sum(not isinstance(decision.plan, InSync) for decision in decisions)
    assert (unequal, planned) == (expected, expected), f"{unequal} and {planned}, not {expected}"
    return decoded, compared, decided


def main(count: int, rounds: int) -> None:
    """Measure each fleet in rounds and print."""
    print(f"Python {sys.version.split()[0]}, {count:,} agents, 2 % differ, {rounds} rounds")
    print("microseconds of CPU for each agent, and as a share of decoding")
    print(f"{'live JSON':10} {'kB each':>8} {'decode':>8} {'compare':>14} {'decide':>14}")
    fleets = {which: fleet(count, which) for which in ("both", "agentrun", "appstage")}
    figures: dict[str, list[tuple[float, float, float]]] = {which: [] for which in fleets}
    for _ in range(rounds):
        for which, agents in fleets.items():
            figures[which].append(one_round(agents))
    for which, agents in fleets.items():
        size = statistics.mean(len(text) for _, _, text in agents) / 1000
        decode, *others = (
            1e6 / count * statistics.median(column) for column in zip(*figures[which], strict=True)
        )
        cells = [f"{which:10} {size:8.1f} {decode:8.1f}"]
        for position, figure in enumerate(others, start=1):
            ratio = statistics.median(one[position] / one[0] for one in figures[which])
            cells.append(f"{figure:8.1f} {ratio:5.2f}")
        print(" ".join(cells))


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    main(arguments[0] if arguments else 10_000, arguments[1] if len(arguments) > 1 else 5)
