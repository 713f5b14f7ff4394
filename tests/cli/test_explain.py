"""`reconcile explain`: codes and fields, told to people."""

import pytest

from reconciler.report.planissues import RULES as PLAN_CODES
from reconciler.report.stories import STORIES
from tests.support.cli import run_cli


def explain(topic: str, **environ: str) -> str:
    """What is printed about one topic."""
    ran = run_cli("explain", topic, environ=environ)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def test_without_a_topic_every_code_has_a_line() -> None:
    """The list names each code and says in a few words what it is about."""
    ran = run_cli("explain")
    assert ran.code == 0
    lines = ran.out.splitlines()
    stories = {**STORIES, **PLAN_CODES}
    assert len(stories) == len(STORIES) + len(PLAN_CODES)
    assert [line.split()[0] for line in lines] == list(stories)
    assert all(stories[line.split()[0]].summary in line for line in lines)


@pytest.mark.parametrize("code", PLAN_CODES)
def test_a_code_of_a_plan_gets_its_story(code: str) -> None:
    """What SARIF and annotations name can be looked up; without example, for that takes a cloud."""
    told = explain(code)
    assert told.startswith(f"{code}: {PLAN_CODES[code].summary}\n\n")
    assert "\n\nWhy: " in told
    assert "Wrong:" not in told


@pytest.mark.parametrize(
    "topic", ["duplicate-key", "Duplicate-Key", "error[duplicate-key]", "warning[duplicate-key]:"]
)
def test_a_code_gets_its_story(topic: str) -> None:
    """What it means, why, the wrong and the right."""
    told = explain(topic)
    assert told.startswith("duplicate-key: A key is written twice in one mapping\n")
    for part in ("\nWhy: ", "\nWrong:\n", "\nRight:\n", "      cpu: 4\n"):
        assert part in told


def test_a_field_is_told_with_its_limits_and_its_page() -> None:
    """English, then Chinese, then type, limits, rules, how it is cleared and the vendor's page."""
    told = explain("AgentRuntime.spec.cpu")
    name, english, chinese, facts = told.split("\n\n")
    assert name == "AgentRuntime.spec.cpu"
    assert english.isascii()
    assert not chinese.isascii()
    assert [line.split(":")[0] for line in facts.splitlines() if line[0] != " "] == [
        *("Type", "Limits", "Rules", "Clear", "Page")
    ]
    assert "a number\nLimits:     at least 0.05; at most 16\n" in facts
    assert "no documented way: null blocks the agent" in facts
    assert "https://help.aliyun.com/" in facts


@pytest.mark.parametrize("variable", ["LANG", "LC_ALL", "LC_MESSAGES"])
def test_chinese_comes_first_where_the_terminal_speaks_it(variable: str) -> None:
    """With a Chinese locale the Chinese description stands before the English one."""
    english, chinese = explain("AgentRuntime.spec.cpu").split("\n\n")[1:3]
    told = explain("AgentRuntime.spec.cpu", **{variable: "zh_CN.UTF-8"})
    assert told.split("\n\n")[1:3] == [chinese, english]
    assert explain("AgentRuntime.spec.cpu", LC_ALL="C", LANG="zh_CN.UTF-8").split("\n\n")[1] == (
        english
    )


@pytest.mark.parametrize(
    "topic",
    ["agentruntime.SPEC.Cpu", "cpu", "spec.cpu", "AgentRuntime.cpu", "/spec/cpu", ".spec.cpu"],
)
def test_a_path_may_be_short_and_in_any_case(topic: str) -> None:
    """The end of a path is enough where only one field has it."""
    assert explain(topic) == explain("AgentRuntime.spec.cpu")


def test_a_field_of_every_kind_is_told_once() -> None:
    """What is the same everywhere has one text with all its names."""
    told = explain("metadata.labels")
    assert told.startswith("AgentRuntime.metadata.labels\nAgent.metadata.labels\n\n")


def test_several_fields_of_one_name_are_listed() -> None:
    """A name that several fields have gives a line for each, with its whole path."""
    told = explain("mountPoints")
    assert told.startswith("Several fields have this name:\n\n")
    assert "  AgentRuntime.spec.nasConfig.mountPoints       list of objects  " in told
    assert "  AgentRuntime.spec.ossMountConfig.mountPoints  list of objects  " in told


def test_a_mapping_lists_its_members() -> None:
    """Each member has its type and the first sentence about it."""
    told = explain("agentruntime.spec.containerConfiguration")
    members = told.partition("\nMembers:\n")[2]
    assert [line.split()[0] for line in members.splitlines()] == [
        *("image", "command", "port", "imageRegistryType", "acrInstanceId", "registryConfig")
    ]
    assert "  command            list of strings  " in members


def test_the_members_of_a_lists_elements_are_found_below_the_list() -> None:
    """A position in a list may be left out, or stand there."""
    told = explain("AgentRuntime.spec.nasConfig.mountPoints[0].mountDir")
    assert told == explain("nasConfig.mountPoints.mountDir")
    assert told == explain("/spec/nasConfig/mountPoints/0/mountDir")


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("authConfig.password", "Type:       a secret reference\n"),
        ("authConfig.password", "A secret: takes a reference only"),
        ("authConfig.password", "Reads show a mask"),
        ("armsConfiguration", "No read shows it"),
        ("artifactType", "An update cannot change it"),
        ("artifactType", "One of:     Code, Container\n"),
        ("AgentRuntime.spec.systemTags", "The order of its elements means nothing."),
        ("Agent.spec.properties.asset_status", "The cloud computes it"),
        ("forceEvictInstances", "Asks for something to be done with an update"),
        ("environmentVariables", "Held whole: a key that is live and not in the manifest"),
        ("environmentVariables", "null sends {}; neither vendor documents it"),
        ("Agent.spec.properties.model_setting", "A JSON document: a string on the wire"),
        ("sessionAffinityType", "COOKIE is the same as GENERATED_COOKIE."),
        ("Agent.spec.agentId", "Names the agent in the address of each request; required."),
        ("Agent.spec.tags", "Limits:     at most 15 items\n"),
        ("nasConfig.mountPoints", "told apart by mountDir."),
        ("Agent.spec.properties.model_setting.temperature", "a number"),
        ("rollout.timeout", "10m"),
        ("config.targets.*.wait.settle", "15s"),
        ("config.targets.staging.wait.settle", "config.targets.*.wait.settle"),
    ],
)
def test_what_is_special_about_a_field_is_said(topic: str, said: str) -> None:
    """Rules, limits, choices and the way to clear a field come from the kind's own tables."""
    assert " ".join(said.split()) in " ".join(explain(topic).split())


def test_a_code_that_is_a_field_too_has_both() -> None:
    """`path` is a code and a field: the story comes first, the fields are listed below."""
    told = explain("path")
    assert told.startswith("path: A file or a folder")
    assert "\nFields of this name:\n\n" in told
    assert "AgentRuntime.spec.protocolConfiguration.protocolSettings.path" in told


def test_the_settings_of_the_configuration_are_found_by_its_name() -> None:
    """`config` is a code, and the document whose settings stand below it."""
    assert "  config.defaultTarget  " in explain("config")


@pytest.mark.parametrize(
    ("topic", "told"),
    [
        ("unknown-filed", 'no code and no field "unknown-filed"; did you mean "unknown-field"?'),
        ("temperatur", 'no field "temperatur"; did you mean "temperature"?'),
        ("AgentRuntime.spec.memmory", 'AgentRuntime.spec has no field "memmory"; did you mean'),
        ("AgentRuntime.sepc.cpu", 'AgentRuntime has no field "sepc"; did you mean "spec"?'),
        ("AgentRuntime.spec.cpu.x", 'AgentRuntime.spec.cpu has no field "x", nor any other'),
        ("config.targets.a.zzz", 'config.targets.* has no field "zzz"; known are '),
        ("qwertzuiop", "`reconcile explain` lists the codes"),
        ("", 'no field ""'),
        ("\x1b[31m", "\\u001b[31m"),
    ],
)
def test_an_unknown_topic_gets_a_way_out(topic: str, told: str) -> None:
    """A mistyped code or field is an error with the nearest one."""
    ran = run_cli("explain", topic)
    assert ran.code == 1
    assert told in ran.err
    assert "\x1b" not in ran.err
    assert ran.out == ""
