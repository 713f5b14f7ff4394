"""The long form of a problem: what it means, why it is refused, wrong and right side by side."""

from dataclasses import dataclass
from typing import Final

FOLDER: Final = "manifests"
VALIDATE: Final = f"reconcile validate {FOLDER}"


@dataclass(frozen=True, slots=True)
class File:
    """A file of an example, named from the working folder."""

    name: str
    text: str
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Example:
    """Files and the command that is run over them, variables before it as a shell takes them."""

    files: tuple[File, ...]
    command: str = VALIDATE


@dataclass(frozen=True, slots=True)
class Story:
    """One code.

    `summary` is a line without a full stop. `means` and `why` are paragraphs. `wrong` gives a
    problem of this code, `right` the same made right; the tests run both.
    """

    code: str
    summary: str
    means: str
    why: str
    wrong: Example
    right: Example


def manifest(text: str, *, command: str = VALIDATE) -> Example:
    """An example of one manifest file."""
    return Example((File(f"{FOLDER}/agent.yaml", text),), command)


def runtime(spec: str, *, head: str = "", command: str = VALIDATE) -> Example:
    """An example of one AgentRuntime with these lines below `spec`, and `head` above it."""
    return manifest(RUNTIME + head + indented("spec:", spec), command=command)


def agent(spec: str, *, command: str = VALIDATE) -> Example:
    """An example of one AppStage Agent with these lines below `spec`."""
    return manifest(AGENT + indented("spec:", AGENT_ID + spec), command=command)


def configured(
    config: str, *, spec: str = "cpu: 2\n", command: str = VALIDATE, more: tuple[File, ...] = ()
) -> Example:
    """An example of a `reconcile.yaml`, one AgentRuntime and perhaps more files."""
    files = (
        File(f"{FOLDER}/reconcile.yaml", config),
        File(f"{FOLDER}/agent.yaml", RUNTIME + indented("spec:", spec)),
    )
    return Example((*files, *more), command)


def indented(head: str, lines: str) -> str:
    """`lines` as the block below `head`."""
    return head + "\n" + "".join(f"  {line}\n" if line else "\n" for line in lines.splitlines())


RUNTIME: Final = """\
apiVersion: agentrun.aliyun.com/v1
kind: AgentRuntime
metadata: {name: support}
"""
"""The first lines of an AgentRuntime."""

AGENT: Final = """\
apiVersion: appstage.myhuaweicloud.com/v1
kind: Agent
metadata: {name: java-expert}
"""
"""The first lines of an AppStage Agent."""

AGENT_ID: Final = 'agentId: "0123456789abcdef0123456789abcdef"\n'
