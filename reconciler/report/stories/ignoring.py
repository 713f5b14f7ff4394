"""Ignore rules of `reconcile.yaml`."""

from typing import Final

from reconciler.report.story import Story, configured

_RULE: Final = "defaultTarget: sandbox\nignore:\n  - path: {}\n    reason: the platform sets them\n"

STORIES: Final = (
    Story(
        code="ignore-path",
        summary="The path of an ignore rule is none",
        means="A path is a JSON Pointer below `spec`, as the plan prints it: `/cpu`, "
        "`/containerConfiguration/image`. It holds for all that is below it, too. `*` stands for any "
        "part of one step (`/environmentVariables/FC_*`, `/nasConfig/mountPoints/*/enableTLS`), "
        "`**` for any number of steps (`/**/enableTLS`). `~1` is a slash in a name, `~0` a tilde and "
        "`~2` a star that means itself.",
        why="A path that can never be met would look like a rule that works.",
        wrong=configured(_RULE.format("/spec/environmentVariables/FC_*")),
        right=configured(_RULE.format("/environmentVariables/FC_*")),
    ),
    Story(
        code="ignore-expired",
        summary="The day of an ignore rule has come",
        means="From the day in `expires` on, in UTC, the rule no longer works: what it left alone "
        "is compared, and changed, as everything else.",
        why="A rule hides a difference, and should not do so for longer than somebody said it would. "
        "So it is a warning to see and not a silent end.",
        wrong=configured(_RULE.format("/description") + "    expires: 2001-12-31\n"),
        right=configured(_RULE.format("/description") + "    expires: 9999-12-31\n"),
    ),
)
