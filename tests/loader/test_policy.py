"""The section `policy`: what it may say, and what is said with which place when it is wrong."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reconciler.loader.config import Config
from reconciler.loader.policy import cel
from reconciler.loader.target import choose
from reconciler.model.errors import InputError
from reconciler.model.policy import (
    AllowedModels,
    Custom,
    Freeze,
    ImagePinned,
    Level,
    MaxCpu,
    MaxMemory,
    NoPublicNetwork,
    Protected,
)
from tests.support.loader import SETTINGS, load_config

GOOD = """\
policy:
  rules:
    - name: modest
      when: agent.kind == 'Agent'
      deny: agent.desired.cpu > 4
      message: at most four cores
      selector: tier=prod
  builtin:
    image-pinned: deny
    no-public-network: warn
    max-memory: {limit: 16384, message: ask first}
    max-cpu: {limit: 1.5, level: warn}
    allowed-models: {models: ["zhipu:*"], level: deny}
    freeze:
      - {cron: "0 18 * * FRI", for: 60h, timezone: Asia/Shanghai}
      - {name: holidays, cron: "0 0 1 10 *", for: 168h, timezone: Asia/Shanghai, level: off}
    protected: {names: [front], selector: tier=prod}
  breakGlass: {reason: incident 12, expires: 2026-12-01, allow: [modest, freeze]}
targets:
  prod:
    policy:
      builtin: {max-cpu: {limit: 1}}
      breakGlass:
        - {reason: other, expires: "2026-12-01T08:00:00+08:00", allow: [image-pinned]}
  plain: {}
"""

HEAD = "policy:\n  "
WRONG = [
    ("[]", "2:3 wrong-type expected a mapping, found a list"),
    ("ruls: []", '2:3 unknown-field "ruls" is not a setting'),
    ("rules: {}", "2:10 wrong-type expected a list, found a mapping"),
    ("rules: [{deny: 'true'}]", "2:11 missing name and message are missing"),
    ("rules: [{name: a, message: m}]", "2:11 missing a rule has deny or warn: what must not be true of an agent"),
    ("rules: [{name: a, message: m, deny: 'true', warn: 'true'}]", "2:11 wrong-form a rule has deny or warn: what must not be true of an agent"),
    ("rules: [{name: a, message: m, deny: true}]", "2:39 wrong-type deny: expected an expression in CEL, found the boolean true"),
    ("rules: [{name: a, message: m, deny: agent.x = 1}]", "2:47 expression deny: token recognition error at: '= '"),
    ("rules: [{name: a, message: m, deny: 'agent.x = 1'}]", "2:48 expression deny: token recognition error at: '= '"),
    ("rules: [{name: a, message: m, deny: \"\\x61gent.x = 1\"}]", "2:39 expression deny: token recognition error at: '= '"),
    ("rules:\n    - name: a\n      message: m\n      deny: |\n        true &&\n          nope.x", "7:15 expression deny: undeclared reference to 'nope.x'"),
    ("rules: [{name: a, message: m, deny: 'true', when: 'plan'}]", "2:53 expression when: the expression is map<string, int>, neither true nor false"),
    ("rules: [{name: max-cpu, message: m, deny: 'true'}]", '2:18 declared-twice "max-cpu" is the name of a built-in rule'),
    ("rules: [{name: a, message: m, deny: 'true'}, {name: a, message: m, deny: 'true'}]", '2:55 declared-twice the rule "a" is written twice, first at reconcile.yaml:2:39'),
    ('rules: [{name: a, message: "", deny: "true"}]', "2:30 wrong-value message is printable, not empty and at most 500 characters long"),
    ('rules: [{name: a, message: "\\e[31m", deny: "true"}]', "2:30 wrong-value message is printable, not empty and at most 500 characters long"),
    ("rules: [{name: a, message: m, deny: 'true', selector: a=b=c}]", "2:57 wrong-value not a label selector: '=' cannot stand here"),
    ("builtin: {image-pin: deny}", '2:13 unknown-rule there is no built-in rule "image-pin"'),
    ("builtin: {image-pinned: no}", '2:27 wrong-value expected deny, warn or off, found the string "no"'),
    ("builtin: {image-pinned: true}", "2:27 wrong-type expected deny, warn or off, found the boolean true"),
    ("builtin: {image-pinned: }", "2:26 wrong-type image-pinned: expected a level or settings, found null"),
    ("builtin: {max-cpu: 3}", "2:22 wrong-type expected a mapping, found the number 3"),
    ("builtin: {max-cpu: {}}", "2:22 missing limit is missing"),
    ("builtin: {max-cpu: {limit: 0}}", "2:30 out-of-range limit must be more than 0"),
    ("builtin: {max-cpu: {limit: '2'}}", '2:30 wrong-type limit: expected a number, found the string "2"'),
    ("builtin: {max-cpu: {limit: true}}", "2:30 wrong-type limit: expected a number, found the boolean true"),
    ("builtin: {allowed-models: {models: x}}", '2:38 wrong-type expected a list, found the string "x"'),
    ("builtin: {protected: {level: deny}}", "2:24 missing names or selector is missing: nobody is protected"),
    ("builtin: {protected: {names: []}}", "2:32 wrong-value names is empty; a rule for all agents has none"),
    ("rules: [{name: a, message: m, deny: 'true', names: []}]", "2:54 wrong-value names is empty; a rule for all agents has none"),
    ("builtin: {freeze: {}}", "2:21 wrong-type expected a list, found a mapping"),
    ("builtin: {freeze: [{}]}", "2:22 missing cron, for and timezone are missing"),
    ("builtin: {freeze: [{cron: '0 25 * * *', for: 1h, timezone: UTC}]}", "2:29 wrong-value cron: bad hour"),
    ("builtin: {freeze: [{cron: '0 1 * * *', for: 60, timezone: UTC}]}", "2:47 wrong-value for: a duration has a unit: 60s or 60m"),
    ("builtin: {freeze: [{cron: '0 1 * * *', for: 0h, timezone: UTC}]}", "2:47 wrong-value for must be longer than 0s"),
    ("builtin: {freeze: [{cron: '0 1 * * *', for: 1h, timezone: Asia/Shanghi}]}", '2:61 wrong-value there is no time zone "Asia/Shanghi"'),
    ("builtin: {freeze: [{cron: '0 1 * * *', for: 1h, timezone: ../../etc/passwd}]}", '2:61 wrong-value there is no time zone "../../etc/passwd"'),
    ("builtin: {freeze: [{cron: '0 1 * * *', for: 1h, timezone: Asia}]}", '2:61 wrong-value there is no time zone "Asia"'),
    ("breakGlass: {}", "2:15 missing reason, expires and allow are missing"),
    ("breakGlass: {reason: r, expires: 2026-13-01, allow: []}", '2:36 wrong-value expires: "2026-13-01" is no date and no time'),
    ("breakGlass: {reason: r, expires: 20261201, allow: []}", "2:36 wrong-type expires: expected a string, found the number 20261201"),
    ("breakGlass: {reason: r, expires: 2026-12-01T10:00, allow: []}", "2:36 wrong-value expires: a time says how far it is from UTC"),
    ("breakGlass: {reason: r, expires: 2026-12-01, allow: [max-cpus]}", '2:56 unknown-rule there is no rule "max-cpus"'),
    ("breakGlass: [{reason: r, expires: 2026-12-01, allow: [x]}]", '2:57 unknown-rule there is no rule "x"'),
    ("tests: [{name: a, agent: {}, expect: {}}]", "2:28 missing kind is missing"),
    ("tests: [{name: a, agent: {kind: x, action: y}, expect: {}}]", '2:46 wrong-value action: expected create, update or delete, found the string "y"'),
    ("tests: [{name: a, agent: {kind: x, labels: {a: 1}}, expect: {}}]", "2:46 wrong-type the value of a label is a string"),
    ("tests: [{name: a, agent: {kind: x, changes: [1]}, expect: {}}]", "2:47 wrong-type each of the changes has a path, and from or to or both"),
    ("tests: [{name: a, agent: {kind: x, desired: []}, expect: {}}]", "2:47 wrong-type desired: expected a mapping, found a list"),
    ("tests: [{name: a, agent: {kind: x}, plan: {update: x}, expect: {}}]", "2:45 wrong-type plan: expected a mapping of whole numbers"),
    ("tests: [{name: a, agent: {kind: x}, expect: {deny: [x]}}]", '2:55 unknown-rule there is no rule "x"'),
    ("tests: [{name: a, agent: {kind: x}, expect: {}, target: nope}]", '2:59 target there is no target "nope"'),
]  # fmt: skip


def _load(folder: Path, text: str) -> Config:
    path = folder / "reconcile.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, settings=SETTINGS)


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_what_is_wrong_is_told_with_its_place(text: str, expected: str, tmp_path: Path) -> None:
    """Line, column, code and words of every mistake; an expression's own column where it has one."""
    with pytest.raises(InputError) as caught:
        _load(tmp_path, HEAD + text)
    problem = caught.value.problems[0]
    place = f"{problem.place.line}:{problem.place.column}"
    text = problem.text.replace(f"{tmp_path}/", "")
    assert f"{place} {problem.code} {text}" == expected


def test_every_rule_is_read(tmp_path: Path) -> None:
    """Rules of one's own, built-in ones, and those that are off left out."""
    policy = _load(tmp_path, GOOD).policy
    kinds = [type(rule) for rule in policy.rules]
    switches = [ImagePinned, NoPublicNetwork, MaxMemory, MaxCpu, AllowedModels, Freeze, Protected]
    assert kinds == [*switches, Custom]
    levels = {rule.head.name: rule.head.level for rule in policy.rules}
    assert [name for name, level in levels.items() if level is Level.WARN] == [
        "no-public-network",
        "max-cpu",
    ]
    freeze = next(rule for rule in policy.rules if isinstance(rule, Freeze))
    assert (freeze.seconds, freeze.zone) == (60 * 3600, ZoneInfo("Asia/Shanghai"))
    assert str(policy.rules[0].head.place).endswith("reconcile.yaml:9:5")


def test_a_day_begins_in_utc_and_a_time_has_its_offset(tmp_path: Path) -> None:
    """A break-glass ends when its day begins."""
    config = _load(tmp_path, GOOD)
    both = config.targets["prod"].policy.break_glass
    assert [one.expires for one in both] == [1_796_083_200.0, 1_796_083_200.0]


def test_the_rules_of_a_target_add_to_those_at_the_top(tmp_path: Path) -> None:
    """Both limits hold; a target without a policy, and the built-in one, have those at the top."""
    config = _load(tmp_path, GOOD)
    limits = [
        rule.limit for rule in config.targets["prod"].policy.rules if isinstance(rule, MaxCpu)
    ]
    assert limits == [1.5, 1]
    assert config.targets["plain"].policy.rules == config.policy.rules
    built_in = choose(
        config, name="sandbox", has_credentials=False, implied=dict, credential_help=""
    )
    assert built_in.policy == config.policy


def test_the_policy_as_it_was_written_is_kept_for_a_digest(tmp_path: Path) -> None:
    """Another limit is another digest; places and examples are no part of it."""
    config = _load(tmp_path, GOOD)
    written = config.targets["prod"].policy.written
    assert [sorted(part) for part in written] == [
        ["breakGlass", "builtin", "rules"],
        ["breakGlass", "builtin"],
    ]


def test_a_rule_of_a_target_may_not_take_a_name_from_the_top(tmp_path: Path) -> None:
    """Otherwise nobody could tell which of the two a break-glass allows."""
    text = GOOD.replace(
        "      builtin: {max-cpu: {limit: 1}}\n",
        "      rules: [{name: modest, message: m, warn: 'true'}]\n",
    )
    with pytest.raises(InputError) as caught:
        _load(tmp_path, text)
    assert [problem.code for problem in caught.value.problems] == ["declared-twice"]


def test_without_the_library_rules_in_cel_are_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And built-in rules work without it."""

    def missing() -> object:
        raise ImportError("cel_expr_python")

    monkeypatch.setattr(cel, "_library", missing)
    with pytest.raises(InputError) as caught:
        _load(tmp_path, GOOD)
    told = [(problem.code, problem.help) for problem in caught.value.problems]
    assert told == [("expression", "pip install 'reconcile-agents[policy]'")]
    policy = _load(tmp_path, "policy: {builtin: {image-pinned: deny}}").policy
    assert [rule.head.name for rule in policy.rules] == ["image-pinned"]
