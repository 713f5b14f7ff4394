"""The dialect of the vendor's own command line tool."""

from typing import Final

from reconciler.report.story import Story, manifest

_HEAD: Final = "apiVersion: agentrun/v1\nkind: AgentRuntime\nmetadata: {name: support}\nspec:\n"
_IMAGE: Final = "  container: {image: registry.example.com/support/agent:v3}\n"

_ABOUT: Final = _HEAD.replace("support}", "support, description: Answers}")
_MIGRATE: Final = "reconcile migrate manifests/agent.yaml"

STORIES: Final = (
    Story(
        code="not-used",
        summary="A member of the vendor's YAML without effect here (a warning)",
        means="The file is written for the vendor's own tool (`apiVersion: agentrun/v1`), and this "
        "member asks for something that is decided elsewhere or not done by this program; or two "
        "members say the same, and the other one counts.",
        why="What is passed over is told, so that nobody relies on it.",
        wrong=manifest(_HEAD + _IMAGE + "  endpoints: [{name: default}]\n"),
        right=manifest(_HEAD + _IMAGE),
    ),
    Story(
        code="not-interpolated",
        summary="Text that looks like a variable of the shell (a warning)",
        means="The vendor's own tool puts nothing in the place of `${NAME}`, and neither does this "
        "one: these characters are sent as they are.",
        why="An example in the vendor's documentation suggests that it would be replaced. For a "
        "secret write a reference, for other text `${var.NAME}`.",
        wrong=manifest(_HEAD + _IMAGE + '  env: {API_TOKEN: "${API_TOKEN}"}\n'),
        right=manifest(_HEAD + _IMAGE + '  env: {API_TOKEN: {secret: "env:API_TOKEN"}}\n'),
    ),
    Story(
        code="number-as-text",
        summary="A number in the place of a text (a warning)",
        means="The vendor's own tool takes a number here and sends its digits as text. So does "
        "this program, for files that are written for that tool.",
        why="In a manifest of ours this is an error: put it in quotes before the file is migrated.",
        wrong=manifest(_HEAD + _IMAGE + "  env: {WORKERS: 4}\n"),
        right=manifest(_HEAD + _IMAGE + '  env: {WORKERS: "4"}\n'),
    ),
    Story(
        code="cannot-migrate",
        summary="A file of the vendor's tool that cannot be rewritten",
        means="`reconcile migrate` renames and moves members in the text, so that comments, order "
        "and quotes stay. Here that would change what the file says, as a rule because an alias "
        "repeats a value whose members change their names. Nothing was written.",
        why="A file that says something else than before would change the agent.",
        wrong=manifest(
            _ABOUT.replace("{name", "&about {name") + _IMAGE + "  env: *about\n", command=_MIGRATE
        ),
        right=manifest(
            _ABOUT + _IMAGE + "  env: {name: support, description: Answers}\n", command=_MIGRATE
        ),
    ),
)
