"""The numbers that GitLab shows in a merge request (`artifacts:reports:terraform`).

GitLab reads three integers from the file and nothing else.
https://docs.gitlab.com/user/infrastructure/iac/mr_integration/
"""

from typing import Any

from reconciler.model.plan import Plan
from reconciler.report.count import count_plan


def gitlab_document(plan: Plan) -> dict[str, Any]:
    """How many agents would be created, updated and deleted."""
    numbers = count_plan(plan)
    return {"create": numbers.create, "update": numbers.update, "delete": numbers.delete}
