"""Which target is meant. The sandbox is there for everyone and is never chosen silently."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from reconciler.loader.config import SANDBOX, Config
from reconciler.loader.hosts import allowed_hosts, check_endpoint
from reconciler.loader.words import did_you_mean, listed, quoted
from reconciler.model.errors import CredentialsMissing, InputError, Problem
from reconciler.model.manifest import Place
from reconciler.model.policy import Policy
from reconciler.model.target import Target

__all__ = ["IMPLIED", "allowed_hosts", "check_endpoint", "choose"]

IMPLIED: Final = "default"
"""The target's name where no file names one and credentials are set."""


def choose(
    config: Config | None,
    *,
    name: str | None,
    has_credentials: bool,
    implied: Callable[[], Mapping[str, Any]],
    credential_help: str,
    half: str = "",
) -> Target:
    """The target of this run.

    `name` is what `--target` says. `implied` gives the settings of every provider where no file
    says anything. `credential_help` names the variables to set, `half` those that are missing where
    others of their set are there. Raises InputError for a name that
    nobody defined or a file that makes no choice, CredentialsMissing where there is nothing to go
    by.
    """
    if name is not None:
        return replace(_named(config, name, has_credentials, implied), chosen_by="flag")
    if config is not None:
        return _default(config)
    if not has_credentials:
        sandbox = f"try it without an account with --target {SANDBOX}"
        if half:
            raise CredentialsMissing(
                "there is no reconcile.yaml and only a part of the credentials is set: "
                f"{half}; set the rest, or {sandbox}"
            )
        raise CredentialsMissing(
            "there is no reconcile.yaml and there are no credentials; "
            f"{sandbox}, or {credential_help}"
        )
    return _implied(implied)


def _implied(implied: Callable[[], Mapping[str, Any]]) -> Target:
    return Target(IMPLIED, settings=implied(), chosen_by="environment")


def _named(
    config: Config | None,
    name: str,
    has_credentials: bool,
    implied: Callable[[], Mapping[str, Any]],
) -> Target:
    targets = config.targets if config is not None else {}
    if name in targets:
        return targets[name]
    if name == SANDBOX:
        policy = config.policy if config is not None else Policy()
        return Target(SANDBOX, sandbox=True, policy=policy)
    if config is None and name == IMPLIED and has_credentials:
        return _implied(implied)
    known = sorted({*targets, SANDBOX})
    text = f"there is no target {quoted(name)}"
    if config is None:
        text += ", as there is no reconcile.yaml"
    help_text = did_you_mean(name, known) or f"there is {listed(known, last='and')}"
    raise InputError(
        f"{text}; {help_text}", [Problem(Place("--target", 1, 1), "target", text, help_text)]
    )


def _default(config: Config) -> Target:
    if config.default_target is not None:
        return _named(config, config.default_target, has_credentials=False, implied=dict)
    known = listed(sorted({*config.targets, SANDBOX}))
    text = "no target was chosen: the file has no defaultTarget"
    help_text = f"type --target {known}, or write defaultTarget"
    raise InputError(f"{text}; {help_text}", [Problem(config.place, "target", text, help_text)])
