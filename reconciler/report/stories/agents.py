"""What is wrong with a document as a whole."""

from typing import Final

from reconciler.report.story import RUNTIME, Story, manifest, runtime

STORIES: Final = (
    Story(
        code="unknown-kind",
        summary="A kind that this apiVersion does not have",
        means="`kind` and `apiVersion` together say what a document describes. Here "
        "`AgentRuntime` belongs to `agentrun.aliyun.com/v1` (Alibaba Cloud AgentRun), `Agent` to "
        "`appstage.myhuaweicloud.com/v1` (Huawei Cloud AppStage).",
        why="Nothing else in the document can be understood without it. Files that are no "
        "manifests belong in another folder; hidden folders are not read.",
        wrong=manifest(
            "apiVersion: agentrun.aliyun.com/v1\nkind: AgentRuntimes\n"
            "metadata: {name: support}\nspec: {cpu: 2}\n"
        ),
        right=runtime("cpu: 2\n"),
    ),
    Story(
        code="unknown-api-version",
        summary="An apiVersion that is not known",
        means="`apiVersion` names the cloud and the version of its manifests: "
        "`agentrun.aliyun.com/v1` for Alibaba Cloud AgentRun, `appstage.myhuaweicloud.com/v1` for "
        "Huawei Cloud AppStage.",
        why="Nothing else in the document can be understood without it.",
        wrong=manifest(
            "apiVersion: agentrn.aliyun.com/v1\nkind: AgentRuntime\n"
            "metadata: {name: support}\nspec: {cpu: 2}\n"
        ),
        right=runtime("cpu: 2\n"),
    ),
    Story(
        code="declared-twice",
        summary="One agent is declared by two documents",
        means="Two documents have the same kind and name, or name the same agent of the cloud by "
        "its id. The message has both places.",
        why="Each run would write one and then the other. To change an agent for one target use an "
        "overlay.",
        wrong=manifest(f"{RUNTIME}spec: {{cpu: 2}}\n---\n{RUNTIME}spec: {{cpu: 4}}\n"),
        right=manifest(
            f"{RUNTIME}spec: {{cpu: 2}}\n---\n"
            f"{RUNTIME.replace('support', 'support-large')}spec: {{cpu: 4}}\n"
        ),
    ),
    Story(
        code="not-supported-yet",
        summary="Something that a later version will do",
        means="The field or the value has a meaning that is planned and that this version does not "
        "carry out.",
        why="An instruction that is silently ignored would be worse than an error.",
        wrong=runtime("cpu: 2\nendpoints: []\n"),
        right=runtime("cpu: 2\n"),
    ),
    Story(
        code="too-many",
        summary="A file has more problems than are listed",
        means="A thousand problems of one file are told, the rest are counted.",
        why="A file with so many problems is most likely no manifest. Correct the first ones, or "
        "move the file away.",
        wrong=runtime("".join(f"field{number}: 1\n" for number in range(1001))),
        right=runtime("cpu: 1\n"),
    ),
)
