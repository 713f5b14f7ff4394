"""What is wrong with a field or its value."""

from typing import Final

from reconciler.report.story import AGENT, Story, agent, manifest, runtime

STORIES: Final = (
    Story(
        code="unknown-field",
        summary="A key that this kind does not have",
        means="The key is no field at this place. The message says which known name is near, "
        "where else a field of this name stands, or which fields there are. `reconcile explain "
        "AgentRuntime.spec` lists them all.\n\nBelow `properties` of an AppStage agent any name is "
        "allowed; there it is only a warning, and what you wrote is sent.",
        why="A typing mistake would otherwise mean that the field silently keeps its old value. "
        "For a field that the cloud has and this program does not know yet, list its path in "
        "`metadata.allowUnknown`.",
        wrong=runtime("memmory: 2048\n"),
        right=runtime("memory: 2048\n"),
    ),
    Story(
        code="wrong-type",
        summary="A value of the wrong type",
        means="The field takes another type: a number and not text, a list and not a single "
        "value, a mapping and not nothing. Quotes make text of anything: `2048` is a number, "
        '`"2048"` is not.',
        why="Values are never converted silently, because the clouds do not either: some refuse "
        "the request, some store the text.",
        wrong=runtime('memory: "2048"\n'),
        right=runtime("memory: 2048\n"),
    ),
    Story(
        code="wrong-value",
        summary="A value that is not one of those allowed",
        means="The type is right, the value is not: the field takes one of a few words, or its "
        "text has to follow a rule that the message names.",
        why="The cloud would refuse it, after part of the work was done.",
        wrong=runtime("networkConfiguration: {networkMode: PUBLC}\n"),
        right=runtime("networkConfiguration: {networkMode: PUBLIC}\n"),
    ),
    Story(
        code="wrong-form",
        summary="A text without the required form",
        means="The field takes text of a certain form, such as an id of letters and digits. The "
        "message says which.",
        why="The cloud would refuse it, or, in a web address, find another thing.",
        wrong=manifest(AGENT + "spec:\n  agentId: 01234567-89ab-cdef-0123-45678901\n"),
        right=agent("region: cn-north-5\n"),
    ),
    Story(
        code="out-of-range",
        summary="A number, a text or a list beyond its limits",
        means="The value is smaller or greater, shorter or longer than the vendor's documentation "
        "says. Lengths count characters, not bytes. `reconcile explain FIELD` shows the limits.",
        why="The cloud would refuse the whole update. Where two pages of a vendor name different "
        "limits the wider one is held.",
        wrong=runtime("port: 70000\n"),
        right=runtime("port: 8080\n"),
    ),
    Story(
        code="missing",
        summary="A field that has to be there is not",
        means="Every manifest has `apiVersion`, `kind`, `metadata.name` and `spec`. Some objects "
        "have members without which they mean nothing, such as the id of an AppStage agent.",
        why="Without it nobody knows which agent or which object is meant.",
        wrong=manifest(AGENT + "spec:\n  region: cn-north-5\n"),
        right=agent("region: cn-north-5\n"),
    ),
    Story(
        code="server-field",
        summary="A field that the cloud computes",
        means="The cloud sets this field (an id, a status, a time); an update cannot. The agent's "
        "name stands in `metadata.name` only. Where a cloud wants such a field sent back as it was "
        "read, that is done for you, and a value in the manifest is only warned of.",
        why="A value in the manifest would be a difference that never ends.",
        wrong=runtime("cpu: 2\nstatus: READY\n"),
        right=runtime("cpu: 2\n"),
    ),
    Story(
        code="odd-length",
        summary="A text whose length is unusual (a warning)",
        means="The vendor's page says how long this text is, an id as a rule, and this one is "
        "shorter or longer. It is sent as it is.",
        why="It may be right, if the page is out of date. More often a character was lost when it "
        "was copied.",
        wrong=manifest(AGENT + "spec:\n  agentId: 0123456789abcdef\n  region: cn-north-5\n"),
        right=agent("region: cn-north-5\n"),
    ),
    Story(
        code="reserved-tag",
        summary="A tag that begins with `reconcile-`",
        means="Tags with this prefix are written and read by the program itself: they are taken "
        "out before live and desired tags are compared, and put in when something is sent.",
        why="A tag of yours with that prefix would never be seen as different, and could be "
        "mistaken for one that says whose the agent is.",
        wrong=runtime("systemTags: [reconcile-team]\n"),
        right=runtime("systemTags: [team]\n"),
    ),
)
