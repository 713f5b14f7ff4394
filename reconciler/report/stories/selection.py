"""Which agents a command is about."""

from typing import Final

from reconciler.report.story import RUNTIME, Story, manifest

_LABELLED: Final = RUNTIME.replace("support}", "support, labels: {team: support}}")
_BASE: Final = f"{_LABELLED}spec: {{cpu: 2}}\n"

STORIES: Final = (
    Story(
        code="selector",
        summary="A label selector that cannot be understood",
        means="`-l` takes conditions separated by commas, all of which must hold: `team=support`, "
        "`tier!=test`, `zone in (a,b)`, `zone notin (a,b)`, `beta` (has the label), `!beta` (has "
        "it not). It is the grammar of kubectl.",
        why="A misread selector would take other agents than you meant.",
        wrong=manifest(_BASE, command="reconcile validate manifests -l 'team=a=b'"),
        right=manifest(_BASE, command="reconcile validate manifests -l team=support"),
    ),
    Story(
        code="nothing-selected",
        summary="No agent has these labels",
        means="The manifests were read, and none of them has the labels that `-l` asks for in "
        "`metadata.labels`.",
        why='A pipeline with a typing mistake would otherwise say "nothing to do" for ever.',
        wrong=manifest(_BASE, command="reconcile validate manifests -l team=suport"),
        right=manifest(_BASE, command="reconcile validate manifests -l team=support"),
    ),
    Story(
        code="unknown-name",
        summary="No manifest has this name",
        means="`--name` takes exact names, as in `metadata.name`, of agents in the files that were "
        "given.",
        why='A pipeline with a typing mistake would otherwise say "nothing to do" for ever.',
        wrong=manifest(_BASE, command="reconcile validate manifests --name suport"),
        right=manifest(_BASE, command="reconcile validate manifests --name support"),
    ),
)
