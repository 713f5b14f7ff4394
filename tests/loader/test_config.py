"""`reconcile.yaml`: where it is found, what it may say, and what is said when it is wrong."""

from pathlib import Path

import pytest

from reconciler.loader.config import Config
from reconciler.loader.home import find_config
from reconciler.model.errors import InputError
from tests.support.loader import SETTINGS, CloudSettings, load_config

GOOD = """\
defaultTarget: prod
targets:
  prod:
    cloud: {region: south-1, tokens: {region: south-2}}
    wait: {timeout: 1h30m, settle: 1500ms, inDoubt: 20s}
    limits: {maxChange: 12.5%, maxUnavailable: 3, maxFailures: 2, canary: 1, wavePause: 90s}
  plain:
  sandbox:
    wait: {settle: 1s}
"""
WRONG = [
    ("[]", "1:1 wrong-type expected a mapping, found a list"),
    ("owner: x", "1:1 not-supported-yet owner is not supported yet"),
    ("owner: x", "1:1 not-supported-yet owner is not supported yet"),
    ("target: {}", '1:1 unknown-field "target" is not a setting'),
    ("targets: []", "1:10 wrong-type expected a mapping, found a list"),
    ("targets: {a: 1}", "1:14 wrong-type expected a mapping, found the number 1"),
    ("targets: {a: {overlays: {}}}", "1:25 wrong-type overlays: expected a list, found a mapping"),
    ("targets: {a: {vars: []}}", "1:21 wrong-type vars: expected a mapping, found a list"),
    ("targets: {a: {clud: {}}}", '1:15 unknown-field "clud" is not a setting'),
    ("targets: {sandbox: {cloud: {}}}", "1:21 target the target sandbox takes no cloud: it is built in"),
    ('targets: {"": {}}', "1:11 target a target's name is printable and not empty"),
    ("defaultTarget: prod", '1:16 target there is no target "prod"'),
    ("defaultTarget: 1", "1:16 wrong-type defaultTarget: expected a string, found the number 1"),
    ("targets: {a: {wait: {timeout: 10}}}", "1:31 wrong-value timeout: a duration has a unit: 10s or 10m"),
    ("targets: {a: {wait: {timeout: 0s}}}", "1:31 wrong-value timeout must be longer than 0s"),
    ("targets: {a: {wait: {settle: 0s}}}", "1:30 wrong-value settle must be at least 100ms: a READY from before the restart could not be told apart"),
    ("targets: {a: {wait: {inDoubt: 99ms}}}", "1:31 wrong-value inDoubt must be at least 100ms: a READY from before the restart could not be told apart"),
    ("targets: {a: {wait: {settel: 1s}}}", '1:22 unknown-field "settel" is not a setting'),
    ("targets: {a: {limits: {maxChange: 30}}}", "1:35 wrong-value maxChange: a percentage has its sign: 30%"),
    ("targets: {a: {limits: {maxRestarts: -1}}}", "1:37 wrong-type maxRestarts: expected a whole number from 0, found the number -1"),
    ("targets: {a: {limits: {maxRestarts: 5%}}}", '1:37 wrong-type maxRestarts: expected a whole number from 0, found the string "5%"'),
    ("targets: {a: {limits: {maxUnavailable: 101%}}}", "1:40 wrong-value maxUnavailable: a percentage is written like 30%, from 0% to 100%"),
    ("targets: {a: {limits: {maxUnavailable: 0%}}}", "1:40 wrong-value maxUnavailable: a share is more than 0%"),
    ("targets: {a: {limits: {maxUnavailable: 0}}}", "1:40 wrong-type maxUnavailable: expected a whole number from 1, found the number 0"),
    ("targets: {a: {limits: {maxFailures: true}}}", "1:37 wrong-type maxFailures: expected a whole number from 0, found the boolean true"),
    ("targets: {a: {limits: {canary: -1}}}", "1:32 wrong-type canary: expected a whole number from 0, found the number -1"),
    ("targets: {a: {limits: {canary: 10%}}}", '1:32 wrong-type canary: expected a whole number from 0, found the string "10%"'),
    ("targets: {a: {limits: {wavePause: 30}}}", "1:35 wrong-value wavePause: a duration has a unit: 30s or 30m"),
    ("targets: {a: {cloud: {regoin: x}}}", '1:23 unknown-field "regoin" is not a field of cloud'),
    ("targets: {a: {cloud: {tokens: {regio: x}}}}", '1:32 unknown-field "regio" is not a field of tokens'),
    ("targets: {a: {cloud: {maxConcurrency: 11}}}", "1:39 out-of-range maxConcurrency must be at most 10, found the number 11"),
    ('targets: {a: {cloud: {region: 1}}}', "1:31 wrong-type region: expected a string, found the number 1"),
    ("targets: {a: {cloud: [1]}}", "1:22 wrong-type cloud: expected a mapping, found a list"),
    ("targets: {a: {cloud: {endpoint: 'https://evil.example.com'}}}", "1:33 endpoint credentials do not go to this host unless RECONCILE_ALLOW_HOSTS names it"),
    ("targets: {a: {cloud: {endpoint: //x}}}", "1:33 endpoint an endpoint is written like https://host or http://127.0.0.1:8080"),
    ("targets: {a: {cloud: {tokens: {endpoint: 'http://iam.example.com'}}}}", "1:42 endpoint http:// is for this machine only: credentials would travel unprotected"),
    ("targets: {a: {cloud: {region: 'x-${var.R}'}}}", "1:31 wrong-value a variable has no meaning here: variables are for manifests"),
    ("targets: {a: {cloud: {tokens: {endpoint: '${var.R}'}}}}", "1:42 wrong-value a variable has no meaning here: variables are for manifests"),
    ("targets: {a: {overlays: ['${var.R}']}}", "1:26 path a variable has no meaning here: variables are for manifests"),
    ("targets: {a: {}, a: {}}", '1:18 duplicate-key "a" is written twice, first at reconcile.yaml:1:11'),
    ("a: [", "1:5 syntax a value is missing here"),
    ("targets: {}\n---\ntargets: {}", "3:1 config the configuration is one document"),
]  # fmt: skip


def _load(folder: Path, text: str, allowed: frozenset[str] = frozenset()) -> Config:
    path = folder / "reconcile.yaml"
    path.write_text(text)
    return load_config(path, settings=SETTINGS, allowed=allowed)


def test_targets_are_read_with_their_settings(tmp_path: Path) -> None:
    """Sections become the provider's own settings; durations seconds, percentages numbers."""
    config = _load(tmp_path, GOOD)
    prod = config.targets["prod"]
    assert config.default_target == "prod"
    assert isinstance(prod.settings["cloud"], CloudSettings)
    assert prod.settings["cloud"].tokens.region == "south-2"
    assert (prod.wait.timeout_seconds, prod.wait.settle_seconds) == (5400.0, 1.5)
    assert prod.wait.in_doubt_seconds == 20.0
    assert (prod.limits.max_change_percent, prod.limits.max_unavailable) == (12.5, 3)
    assert prod.limits.max_failures == 2
    assert (prod.limits.canary, prod.limits.wave_pause_seconds) == (1, 90.0)
    assert str(prod.place).endswith("reconcile.yaml:3:3")


def test_defaults_hold_where_the_file_is_silent(tmp_path: Path) -> None:
    """A target without sections has the documented defaults and no cloud; sandbox is itself."""
    config = _load(tmp_path, GOOD)
    plain, sandbox = config.targets["plain"], config.targets["sandbox"]
    assert (plain.settings, plain.sandbox) == ({}, False)
    assert (plain.wait.timeout_seconds, plain.wait.settle_seconds) == (600.0, 15.0)
    assert (plain.limits.max_change_percent, plain.limits.max_failures) == (30.0, 1)
    assert (plain.limits.canary, plain.limits.wave_pause_seconds) == (0, 0.0)
    assert (sandbox.sandbox, sandbox.wait.settle_seconds) == (True, 1.0)


def test_in_doubt_is_the_settle_time_unless_it_is_set(tmp_path: Path) -> None:
    """A target that sets only `settle` waits as long for a write whose outcome is unknown."""
    wait = _load(tmp_path, GOOD).targets["sandbox"].wait
    assert wait.in_doubt_seconds == 1.0


def test_an_empty_section_means_the_defaults(tmp_path: Path) -> None:
    """`cloud:` with nothing below it is that cloud with its defaults."""
    config = _load(tmp_path, "targets:\n  a:\n    cloud:\n")
    assert config.targets["a"].settings == {"cloud": CloudSettings()}


def test_an_empty_file_names_no_target(tmp_path: Path) -> None:
    """A configuration of comments alone is one without targets."""
    config = _load(tmp_path, "# later\n")
    assert (config.default_target, dict(config.targets)) == (None, {})


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_each_mistake_has_its_message(tmp_path: Path, text: str, told: str) -> None:
    """What is wrong, unknown or for later is told with its place and its code."""
    with pytest.raises(InputError) as caught:
        _load(tmp_path, text)
    (problem,) = caught.value.problems
    found = f"{problem.place.line}:{problem.place.column} {problem.code} {problem.text}"
    assert found.replace(f"{tmp_path}/", "") == told


def test_all_mistakes_are_told_together(tmp_path: Path) -> None:
    """Three mistakes in three sections: one error with three problems."""
    text = "owner: x\ntargets: {a: {wait: {timeout: x}, cloud: {regoin: x}}}\n"
    with pytest.raises(InputError) as caught:
        _load(tmp_path, text)
    assert [problem.place.line for problem in caught.value.problems] == [1, 2, 2]


def test_a_host_that_the_environment_allows_is_taken(tmp_path: Path) -> None:
    """An endpoint elsewhere is fine when the environment names its host."""
    text = "targets: {a: {cloud: {endpoint: 'https://proxy.example.com'}}}"
    config = _load(tmp_path, text, frozenset({"proxy.example.com"}))
    assert config.targets["a"].settings["cloud"].endpoint == "https://proxy.example.com"


def test_a_configuration_that_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder called reconcile.yaml is told as such."""
    (tmp_path / "reconcile.yaml").mkdir()
    with pytest.raises(InputError, match="is not a regular file"):
        load_config(tmp_path / "reconcile.yaml", settings=SETTINGS)


def _tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def test_the_nearest_configuration_in_the_repository_is_found(tmp_path: Path) -> None:
    """First the manifests' folder, then upwards, but not above the root of the repository."""
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    _tree(tmp_path, "reconcile.yaml", "repo/a/b/x.yaml")
    folder = tmp_path / "repo" / "a" / "b"
    assert find_config([folder], cwd=tmp_path) is None
    _tree(tmp_path, "repo/reconcile.yaml")
    assert find_config([folder / "x.yaml"], cwd=tmp_path) == tmp_path / "repo" / "reconcile.yaml"
    _tree(tmp_path, "repo/a/b/reconcile.yaml")
    assert find_config([folder], cwd=tmp_path) == folder / "reconcile.yaml"


def test_outside_of_a_repository_the_working_folder_counts(tmp_path: Path) -> None:
    """Without git: the manifests' folder, then the working folder, and nothing between."""
    _tree(tmp_path, "a/reconcile.yaml", "a/b/x.yaml", "cwd/reconcile.yaml")
    folder = tmp_path / "a" / "b"
    assert find_config([folder], cwd=tmp_path / "cwd") == tmp_path / "cwd" / "reconcile.yaml"
    assert find_config([folder], cwd=tmp_path) is None


def test_two_configurations_in_one_run_are_refused(tmp_path: Path) -> None:
    """Manifests that belong to different configurations are not run together."""
    _tree(tmp_path, "a/reconcile.yaml", "b/reconcile.yaml")
    with pytest.raises(InputError, match="belong to different configurations"):
        find_config([tmp_path / "a", tmp_path / "b"], cwd=tmp_path)


def test_a_configuration_may_not_be_a_link_to_elsewhere(tmp_path: Path) -> None:
    """A link out of the folder would show another file's lines in messages."""
    _tree(tmp_path, "elsewhere.yaml", "a/x.yaml")
    (tmp_path / "a" / "reconcile.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    with pytest.raises(InputError, match="a symbolic link leads outside"):
        find_config([tmp_path / "a"], cwd=tmp_path)


def test_a_configuration_with_the_wrong_ending_is_not_overlooked(tmp_path: Path) -> None:
    """`reconcile.yml` would be ignored silently: it is refused with the right name."""
    (tmp_path / "reconcile.yml").write_text("defaultTarget: sandbox\n")
    (tmp_path / "sub").mkdir()
    with pytest.raises(InputError) as caught:
        find_config([tmp_path / "sub"], tmp_path)
    (problem,) = caught.value.problems
    assert Path(problem.place.file).name == "reconcile.yml"
    assert problem.help == "did you mean reconcile.yaml? Rename it"
    (tmp_path / "reconcile.yaml").write_text("defaultTarget: sandbox\n")
    assert find_config([tmp_path / "sub"], tmp_path) == tmp_path / "reconcile.yaml"
