"""The story of every code, by theme. Read by `explain` and by the SARIF report only."""

from collections.abc import Mapping
from typing import Final

from reconciler.report.stories import (
    agents,
    fields,
    files,
    ignoring,
    layers,
    policy,
    secrets,
    selection,
    syntax,
    targets,
    vendor,
)
from reconciler.report.story import Story

STORIES: Final[Mapping[str, Story]] = {
    story.code: story
    for theme in (
        *(syntax, fields, agents, vendor, secrets, targets, ignoring, layers, policy),
        *(selection, files),
    )
    for story in theme.STORIES
}
"""Every story by its code, in the order in which a person reads them."""
