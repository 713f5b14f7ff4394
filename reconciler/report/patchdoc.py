"""The plan as JSON Patches (RFC 6902), one for each agent that would be created or updated.

A patch brings the live tree, JSON documents inside texts decoded, to the desired values. What is
sealed or hidden in the plan is so here: such a value is `"(sealed)"`.
"""

from typing import Any

from reconciler.model.plan import Create, Plan, Update


def patch_document(plan: Plan) -> list[dict[str, Any]]:
    """Agents with their patches, in the order of the plan; agents without changes are left out."""
    return [
        {
            "agent": {
                "apiVersion": agent.about.address.api_version,
                "kind": agent.about.address.kind,
                "name": agent.about.address.name,
                "id": agent.about.id,
            },
            "patch": list(agent.patch),
        }
        for agent in plan.agents
        if isinstance(agent, Create | Update) and agent.patch
    ]
