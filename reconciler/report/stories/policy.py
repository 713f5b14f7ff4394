"""The section `policy` of `reconcile.yaml`."""

from typing import Final

from reconciler.report.story import Story, configured

_RULE: Final = """\
defaultTarget: sandbox
policy:
  rules:
    - name: modest
      deny: {}
      message: at most four cores
"""
_BUILTIN: Final = "defaultTarget: sandbox\npolicy:\n  builtin:\n    {}: deny\n"

STORIES: Final = (
    Story(
        code="expression",
        summary="A rule of the policy is no expression in CEL",
        means="Rules of one's own are written in CEL, the Common Expression Language. An "
        "expression is true or false; it sees `agent` (kind, name, labels, action, restarts, "
        "changes, desired), `plan`, `target` and `now`. Evaluating CEL needs a library, the extra "
        "`policy`: `pip install 'reconcile-agents[policy]'`.",
        why="A rule that cannot be understood would never deny anything.",
        wrong=configured(_RULE.format("agent.desired.cpu >> 4")),
        right=configured(_RULE.format("agent.desired.cpu > 4")),
    ),
    Story(
        code="unknown-rule",
        summary="There is no policy rule of this name",
        means="The name stands below `policy.builtin`, or in `allow` of a break-glass or in what "
        "an example expects. It is one of the built-in rules, or that of a rule in the same file.",
        why="A rule with a typing mistake in its name would never be switched on.",
        wrong=configured(_BUILTIN.format("image-pin")),
        right=configured(_BUILTIN.format("image-pinned")),
    ),
)
