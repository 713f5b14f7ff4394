"""Which target a run is about, and where credentials may go."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.loader.config import Config
from reconciler.loader.quantities import parse_duration, parse_percent
from reconciler.loader.target import allowed_hosts, check_endpoint, choose
from reconciler.model.errors import CredentialsMissing, InputError
from reconciler.model.manifest import Place
from reconciler.model.target import Target

PLACE = Place("reconcile.yaml", 1, 1)
FILE = Config(
    Path("reconcile.yaml"), PLACE, "prod", {name: Target(name) for name in ("prod", "staging")}
)
SILENT = Config(Path("reconcile.yaml"), PLACE, None, FILE.targets)
HELP = "set CLOUD_KEY and CLOUD_SECRET"


def _choose(config: Config | None, name: str | None, *, credentials: bool = False) -> Target:
    def implied() -> Mapping[str, Any]:
        return {"cloud": "implied"}

    return choose(
        config, name=name, has_credentials=credentials, implied=implied, credential_help=HELP
    )


def test_the_flag_wins_over_the_file() -> None:
    """`--target` picks its target whatever the file's default is."""
    target = _choose(FILE, "staging")
    assert (target.name, target.chosen_by) == ("staging", "flag")


def test_the_files_default_is_taken() -> None:
    """Without a flag the file's default is the target."""
    target = _choose(FILE, None, credentials=True)
    assert (target.name, target.chosen_by) == ("prod", "file")


def test_credentials_alone_imply_a_target() -> None:
    """No file but credentials: the target `default`, with what the environment implies."""
    target = _choose(None, None, credentials=True)
    assert (target.name, target.settings) == ("default", {"cloud": "implied"})
    assert target.chosen_by == "environment"
    assert _choose(None, "default", credentials=True).chosen_by == "flag"


@pytest.mark.parametrize("config", [None, FILE, SILENT])
def test_the_sandbox_always_exists(config: Config | None) -> None:
    """`--target sandbox` needs no file and no credentials."""
    target = _choose(config, "sandbox")
    assert (target.sandbox, target.chosen_by, target.settings) == (True, "flag", {})


def test_a_file_may_make_the_sandbox_its_default() -> None:
    """The sandbox as a default is the file's choice, and says so."""
    target = _choose(Config(Path("r"), PLACE, "sandbox"), None)
    assert (target.sandbox, target.chosen_by) == (True, "file")


def test_nothing_to_go_by_is_an_error_that_shows_both_ways_on() -> None:
    """No file, no credentials: the variables are named and the sandbox offered, never chosen."""
    with pytest.raises(CredentialsMissing) as caught:
        _choose(None, None)
    assert HELP in str(caught.value)
    assert "--target sandbox" in str(caught.value)


def test_half_of_the_credentials_is_not_none() -> None:
    """Who has set one variable of three is told which are missing, not that there is none."""
    with pytest.raises(CredentialsMissing) as caught:
        choose(
            None,
            name=None,
            has_credentials=False,
            implied=dict,
            credential_help=HELP,
            half="B is missing beside A",
        )
    assert "only a part of the credentials is set: B is missing beside A" in str(caught.value)
    assert "there are no credentials" not in str(caught.value)


def test_a_file_without_a_default_lists_its_targets() -> None:
    """Who must choose is told among what."""
    with pytest.raises(InputError, match="--target prod, sandbox or staging"):
        _choose(SILENT, None, credentials=True)


def test_an_unknown_target_gets_a_suggestion() -> None:
    """A mistyped target is an error with the one that was probably meant."""
    with pytest.raises(InputError, match='did you mean "staging"'):
        _choose(FILE, "stagin")
    with pytest.raises(InputError, match="as there is no reconcile"):
        _choose(None, "prod")


GOOD_ENDPOINTS = [
    "https://agentrun.cn-hangzhou.aliyuncs.com",
    "https://AIAE.appstage.myhuaweicloud.com/",
    "https://iam.cn-north-4.myhuaweicloud.com:443",
    "http://127.0.0.1:8080",
    "http://127.8.9.1",
    "http://localhost:1/",
    "https://[::1]:8443",
    "https://proxy.example.com",
    "https://PROXY.example.com:8443",
]
BAD_ENDPOINTS = [
    "https://example.com",
    "https://sub.proxy.example.com",
    "https://aliyuncs.com",
    "https://evilaliyuncs.com",
    "https://x.aliyuncs.com.evil.example",
    "https://x.aliyuncs.com.",
    "http://agentrun.cn-hangzhou.aliyuncs.com",
    "http://proxy.example.com",
    "https://user:pass@x.aliyuncs.com",
    "https://evil.example\\@x.aliyuncs.com",
    "https://evil.example#.aliyuncs.com",
    "https://evil.example?.aliyuncs.com",
    "https://evil.example/.aliyuncs.com",
    "https://x.aliyuncs.com/path",
    "https://x.aliyuncs.com//",
    "https://x.aliyuncs.com?a=b",
    "https://x.aliyuncs.com:99999",
    "https://x.aliyuncs.com:0",
    "https://.aliyuncs.com",
    "https://x..aliyuncs.com",
    "https://-.aliyuncs.com",
    "https://x.aliyuncs.com\n",
    " https://x.aliyuncs.com",
    "https://х.aliyuncs.com",
    "ftp://127.0.0.1",
    "http://127.0.0.1.evil.example",
    "http://127.1",
    "http://2130706433",
    "http://0.0.0.0",
    "http://localhost.evil.example",
    "http://[::]",
    "http://[::ffff:8.8.8.8]",
    "x.aliyuncs.com",
    "//x.aliyuncs.com",
    "https://",
    "",
]


@pytest.mark.parametrize("url", GOOD_ENDPOINTS)
def test_credentials_go_to_the_vendors_loopback_and_allowed_hosts(url: str) -> None:
    """The clouds' own hosts, this machine, and what the environment names are taken."""
    assert check_endpoint(url, frozenset({"proxy.example.com"})) is None


@pytest.mark.parametrize("url", BAD_ENDPOINTS)
def test_credentials_go_nowhere_else(url: str) -> None:
    """Look-alikes, plain http, users, paths and odd spellings are refused with a reason."""
    assert check_endpoint(url, frozenset({"proxy.example.com"}))


def test_the_reason_never_repeats_a_password_in_an_endpoint() -> None:
    """An endpoint with a password is refused without showing it."""
    reason = check_endpoint("https://user:hunter2@x.aliyuncs.com", frozenset())
    assert reason == "an endpoint holds no user name and no password"


def test_allowed_hosts_are_exact_names() -> None:
    """The variable holds names separated by commas; patterns, schemes and ports are refused."""
    assert allowed_hosts({}) == frozenset()
    assert allowed_hosts({"RECONCILE_ALLOW_HOSTS": " A.example.com,b.example.com, "}) == {
        "a.example.com",
        "b.example.com",
    }
    for value in ("*.example.com", "https://a.example.com", "a.example.com:443", "a b"):
        with pytest.raises(InputError, match="RECONCILE_ALLOW_HOSTS: item 1 is not a host name"):
            allowed_hosts({"RECONCILE_ALLOW_HOSTS": value})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15s", 15), ("10m", 600), ("1h30m", 5400), ("500ms", 0.5), ("1.5s", 1.5), ("0s", 0)],
)
def test_durations_have_units(text: str, seconds: float) -> None:
    """Hours, minutes, seconds and milliseconds, alone or joined."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "value", [10, 1.5, "10", "", "s", "-1s", "1d", "1s1s", "1m1h", "1 m", "200h", None, True, []]
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    """A bare number has no unit, and no unit is guessed."""
    with pytest.raises(ValueError, match=r"^a duration"):
        parse_duration(value)


def test_percentages_have_their_sign() -> None:
    """From 0% to 100%, with its sign."""
    assert [parse_percent(text) for text in ("0%", "30%", "12.5%", "100%")] == [0, 30, 12.5, 100]
    for value in (30, "30", "101%", "-1%", "%", None, True):
        with pytest.raises(ValueError, match=r"^a percentage"):
            parse_percent(value)
