"""What a new sandbox holds: one agent of each cloud, in the shape of the vendors' examples.

The words are ours. Manifests that differ from these constants make a real update on both clouds.
"""

import copy
import json
from typing import Any, Final

from reconciler.sandbox.agents import Agent, Image, settled

Json = Any

ACCOUNT: Final = "1234567890123456"
REGION: Final = "cn-hangzhou"
WORKSPACE_ID: Final = "ws-0123456789abcdef"

RUNTIME_ID: Final = "ar-0123456789abcdef"
RUNTIME_NAME: Final = "customer-service"
RUNTIME_CREATED: Final = 1736505000.0
"""2025-01-10T10:30:00Z."""
RUNTIME_UPDATED: Final = 1736509500.0
"""2025-01-10T11:45:00Z."""

RUNTIME: Final[dict[str, Json]] = {
    "agentRuntimeName": RUNTIME_NAME,
    "description": "Answers customers about orders and returns",
    "artifactType": "Container",
    "containerConfiguration": {
        "image": "registry.example.com/support/agent:v2",
        "imageRegistryType": "CUSTOM",
        "command": ["/usr/local/bin/serve"],
        "port": 8080,
    },
    "cpu": 2,
    "memory": 2048,
    "port": 8080,
    "networkConfiguration": {"networkMode": "PUBLIC"},
    "environmentVariables": {"LOG_LEVEL": "info"},
    "sessionConcurrencyLimitPerInstance": 1,
    "sessionIdleTimeoutSeconds": 3600,
    "sessionAffinityType": "NONE",
    "healthCheckConfiguration": {
        "httpGetUrl": "/ready",
        "initialDelaySeconds": 30,
        "periodSeconds": 30,
        "timeoutSeconds": 3,
        "failureThreshold": 3,
        "successThreshold": 1,
    },
    "workspaceId": WORKSPACE_ID,
}
"""The AgentRun runtime, as it is held."""

AGENT_ID: Final = "0123456789abcdef0123456789abcdef"
AGENT_NAME: Final = "代码评审助手"
AGENT_CREATED: Final = 1754035200.0
"""2025-08-01T08:00:00Z."""
AGENT_UPDATED: Final = 1754269200.0
"""2025-08-04T01:00:00Z."""


def _text(tree: Json) -> str:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


_MODEL_SETTING: Final = _text(
    {
        "frequency_penalty": 0.0,
        "max_tokens": 2048,
        "presence_penalty": 0.0,
        "temperature": 0.3,
        "top_p": 0.3,
    }
)

PROPERTIES: Final[dict[str, Json]] = {
    "instructions": (
        "**角色定义**:<br>你是一名代码评审助手,逐条阅读改动,指出缺陷、风险和更清楚的写法。"
        "<br><br>**工作方式**:<br>1. 先说明改动的目的。<br>2. 再按严重程度列出问题,每条给出理由。"
        "<br>3. 最后给出可以直接采用的修改。"
        "<br><br>**限制**:<br>1. 不评价作者本人。<br>2. 没有问题时直接说明没有问题。"
    ),
    "variable_settings": _text({"content": []}),
    "qa_model_id": "",
    "rag_flows": [],
    "description": "逐条评审代码改动并给出修改建议",
    "qa_model_setting": _MODEL_SETTING,
    "type": 1,
    "tools": [],
    "isEnable": False,
    "data_sets": [],
    "agent_uri": None,
    "flows": [],
    "model_setting": _MODEL_SETTING,
    "logo": "",
    "knowledge_setting": _text(
        {
            "call_method": "auto",
            "knowledge_prompt": "",
            "maximum_recalls": 3,
            "prompt_conf": "custom",
            "retrieval_method": "full-text",
            "similarity_min": 0.7,
        }
    ),
    "workflow_settings": _text({"call_method": "summary"}),
    "id": "1950000000000000001",
    "prologue": "",
    "mcp_servers": None,
    "file_box": _text({"is_open": False}),
    "agent_work_type": "agent_llm",
    "model_id": "publisher:zhipu:glm-4",
    "asset_status": "0",
    "suggest_query": [""],
    "web_uri": None,
    "audio_settings": _text({"audio_input": "false", "audio_output": "false"}),
    "api_key": None,
    "name": AGENT_NAME,
    "fragment_memory_settings": _text({"auto_update": True, "enable": False}),
}
"""The 29 properties of the AppStage agent, as they are held; eight are JSON in strings."""

AGENT: Final[dict[str, Json]] = {"region": "cn-north-5", "tags": [], "properties": PROPERTIES}
"""The AppStage agent, as it is held."""


def agents() -> tuple[Agent, ...]:
    """Fresh copies of both, long settled."""
    return (
        _agent("agentrun", RUNTIME_ID, RUNTIME_NAME, RUNTIME, RUNTIME_CREATED, RUNTIME_UPDATED),
        _agent("appstage", AGENT_ID, AGENT_NAME, AGENT, AGENT_CREATED, AGENT_UPDATED),
    )


def _agent(
    cloud: str, agent_id: str, name: str, body: dict[str, Json], created: float, updated: float
) -> Agent:
    image = Image(updated, updated, copy.deepcopy(body), settled(updated))
    group = WORKSPACE_ID if cloud == "agentrun" else ""
    return Agent(cloud, agent_id, name, group, created, (image,))
