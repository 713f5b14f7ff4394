"""Overlays, patches and variables."""

from typing import Final

from reconciler.report.story import RUNTIME, Example, File, Story, configured

_CONFIG: Final = "defaultTarget: prod\ntargets:\n  prod:\n    agentrun: {}\n"
_OVERLAY: Final = "    overlays: [prod]\n"
_VARS: Final = "    vars: {TAG: v3}\n"


def _overlaid(overlay: str, *, base: str = f"{RUNTIME}spec: {{cpu: 2}}\n") -> Example:
    files = (
        File("manifests/reconcile.yaml", _CONFIG + _OVERLAY),
        File("manifests/agent.yaml", base),
        File("manifests/prod/overlay.yaml", overlay),
    )
    return Example(files)


def _patched(operation: str) -> Example:
    head = "kind: JSONPatch\ntarget: {kind: AgentRuntime, name: support}\nops:\n"
    return _overlaid(f"{head}  - {operation}\n")


def _image(text: str) -> str:
    return f'containerConfiguration: {{image: "{text}"}}\n'


_BOTH: Final = (
    RUNTIME
    + "spec: {cpu: 2}\n---\n"
    + RUNTIME.replace("agentrun.aliyun.com/v1", "agentrun/v1")
    + "spec: {cpu: 2, container: {image: a}}\n"
)

_CPU: Final = f"{RUNTIME}spec: {{cpu: 2}}\n"
_ADD: Final = (
    "kind: JSONPatch\ntarget: {kind: AgentRuntime, name: support}\n"
    "ops: [{op: add, path: /spec/memory, value: 4096}]\n"
)

STORIES: Final = (
    Story(
        code="unknown-agent",
        summary="An overlay or a patch for an agent that does not exist",
        means="An overlay and a JSON Patch change an agent that a manifest declares, found by kind "
        "and name. No manifest declares this one.",
        why="Overlays cannot create agents: a typing mistake in the name would make a second one, "
        "or change nothing and say nothing.",
        wrong=_overlaid("kind: AgentRuntime\nmetadata: {name: suport}\nspec: {cpu: 4}\n"),
        right=_overlaid("kind: AgentRuntime\nmetadata: {name: support}\nspec: {cpu: 4}\n"),
    ),
    Story(
        code="patch-failed",
        summary="A JSON Patch that does not apply",
        means="An operation of a `kind: JSONPatch` document cannot be carried out: the path is not "
        "there, a `test` does not hold, or it would change who the agent is. Paths begin at the "
        "document, as in `/spec/cpu`, and are those of RFC 6902.",
        why="A patch that half applies would leave an agent that nobody described, so none of its "
        "operations is carried out.",
        wrong=_patched("{op: replace, path: /spec/memory, value: 4096}"),
        right=_patched("{op: add, path: /spec/memory, value: 4096}"),
    ),
    Story(
        code="patch-apart",
        summary="A patch in another file than its agent (a warning)",
        means="A JSON Patch stands among the manifests, in another file than the agent that it "
        "changes. A run that is given the agent's file alone does not see it.",
        why="Such a run and a run over the whole folder would want different states of the agent, "
        "and restart it again and again. An overlay always applies, and so does a patch in the "
        "agent's own file.",
        wrong=Example((File("manifests/agent.yaml", _CPU), File("manifests/patch.yaml", _ADD))),
        right=Example((File("manifests/agent.yaml", f"{_CPU}---\n{_ADD}"),)),
    ),
    Story(
        code="undefined-variable",
        summary="A variable that nothing defines",
        means="`${var.NAME}` stands for a text below `targets.TARGET.vars` in `reconcile.yaml`. "
        "The chosen target has none of this name. The text `${var.` itself is written `$${var.`.",
        why="The characters of the variable would be sent to the agent as they are.",
        wrong=configured(_CONFIG + _VARS, spec=_image("registry.example.com/a:${var.TGA}")),
        right=configured(_CONFIG + _VARS, spec=_image("registry.example.com/a:${var.TAG}")),
    ),
    Story(
        code="malformed-variable",
        summary="Something that begins like a variable and is none",
        means="A variable is written `${var.NAME}`; a name has letters, digits, `_` and `-`. The "
        "text `${var.` itself is written `$${var.`. Other text with a `$` is left alone.",
        why="Most likely a variable was meant, and its characters would be sent as they are.",
        wrong=configured(_CONFIG + _VARS, spec=_image("registry.example.com/a:${var.TAG")),
        right=configured(_CONFIG + _VARS, spec=_image("registry.example.com/a:${var.TAG}")),
    ),
    Story(
        code="nested-variable",
        summary="A variable whose text names a variable (a warning)",
        means="The text of a variable is put in as it is; it is not looked into for more "
        "variables.",
        why="What comes out would depend on an order that nobody sees.",
        wrong=configured(_CONFIG + '    vars: {TAG: v3, NAME: "a-${var.TAG}"}\n'),
        right=configured(_CONFIG + "    vars: {TAG: v3, NAME: a-v3}\n"),
    ),
    Story(
        code="variable-in-key",
        summary="A variable in a key",
        means="Variables stand inside values. A key is written out.",
        why="Which field is meant must be seen without choosing a target. An overlay can add a key "
        "for one target.",
        wrong=configured(_CONFIG + _VARS, spec='environmentVariables: {"${var.TAG}": web}\n'),
        right=configured(_CONFIG + _VARS, spec='environmentVariables: {TAG: "${var.TAG}"}\n'),
    ),
    Story(
        code="too-large",
        summary="Variables would put too much text into the manifests",
        means="A long variable that is used often makes manifests of many megabytes. There is a "
        "bound on how much text all variables add together.",
        why="The machine would run out of memory, and no cloud takes such a text anyway.",
        wrong=configured(
            f"{_CONFIG}    vars: {{LONG: {'x' * 2_000_000}}}\n",
            spec=f"description: {'${var.LONG}' * 40}\n",
        ),
        right=configured(f"{_CONFIG}    vars: {{LONG: xxxx}}\n", spec="description: ${var.LONG}\n"),
    ),
    Story(
        code="ambiguous-agent",
        summary="An overlay or a patch that could mean two agents",
        means="Agents of the same kind and name are declared under more than one apiVersion, and "
        "the overlay or patch does not say which of them it changes.",
        why="It would change one of them by chance. Give it the apiVersion that it is for.",
        wrong=_overlaid(
            "kind: AgentRuntime\nmetadata: {name: support}\nspec: {cpu: 4}\n", base=_BOTH
        ),
        right=_overlaid("kind: AgentRuntime\nmetadata: {name: support}\nspec: {cpu: 4}\n"),
    ),
)
