"""From paths and options to checked manifests and a target, with the target told first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from reconciler.cli.failures import tell_problems
from reconciler.cli.options import Request
from reconciler.cli.terminal import Terminal
from reconciler.cli.world import World
from reconciler.loader.config import Config, read_config
from reconciler.loader.find import require
from reconciler.loader.home import find_config
from reconciler.loader.load import Loaded, load
from reconciler.loader.target import allowed_hosts, choose
from reconciler.model.errors import CredentialsMissing, GuardError, InputError, Problem
from reconciler.model.manifest import Address
from reconciler.model.target import Target
from reconciler.ports import Kind, Provider
from reconciler.report.plain import plain

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every kind of manifest and the provider that it belongs to."""

    providers: tuple[Provider, ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """All kinds of all providers."""
        return tuple(kind for provider in self.providers for kind in provider.kinds)

    @property
    def settings(self) -> Mapping[str, type[Any]]:
        """The model of each provider's section of a target."""
        return {provider.name: provider.settings for provider in self.providers}

    def owner(self, address: Address) -> tuple[Provider, Kind]:
        """Whose manifest this is."""
        return next(
            (provider, kind)
            for provider in self.providers
            for kind in provider.kinds
            if (kind.api_version, kind.name) == (address.api_version, address.kind)
        )

    def signed_in(self, environ: Mapping[str, str]) -> tuple[Provider, ...]:
        """The providers for which a whole set of credential variables is set."""
        return tuple(
            provider
            for provider in self.providers
            if any(all(environ.get(name) for name in names) for names in provider.credentials)
        )

    def half_signed_in(self, environ: Mapping[str, str]) -> str:
        """Which variables are missing beside those that are set, empty where none is set."""
        found: list[str] = []
        for provider in self.providers:
            sets = [
                (
                    [name for name in names if environ.get(name)],
                    [name for name in names if not environ.get(name)],
                )
                for names in provider.credentials
            ]
            begun = [(given, missing) for given, missing in sets if given and missing]
            if begun and all(missing for _, missing in sets):
                given, missing = min(begun, key=lambda one: len(one[1]))
                found.append(
                    f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing "
                    f"beside {' and '.join(given)} ({provider.title})"
                )
        return "; ".join(found)

    @property
    def credential_help(self) -> str:
        """Which variables to set, on a line for each cloud."""
        ways = (
            f"\n    {provider.title}: "
            + "; or ".join(" and ".join(names) for names in provider.credentials)
            for provider in self.providers
        )
        return "set" + "".join(ways)


@dataclass(frozen=True, slots=True)
class Setup:
    """What a run works with."""

    catalogue: Catalogue
    target: Target
    loaded: Loaded


@dataclass(frozen=True, slots=True)
class Check:
    """What could be found out about the input; `problems` holds errors only, `loaded` warnings."""

    catalogue: Catalogue
    target: Target | None
    loaded: Loaded | None
    problems: tuple[Problem, ...]


def check(
    world: World,
    request: Request,
    *,
    need_target: bool,
    tell: Terminal | None = None,
    need_sections: bool = True,
) -> Check:
    """Load configuration and manifests, and tell the target as soon as it is known.

    Without `need_target` it is a matter of course that none may be chosen: the manifests are then
    checked under every target that the file names. `tell` is where the target is told, by default
    where text for people goes. `need_sections`: the target must say something of each cloud that
    has manifests.
    """
    catalogue = Catalogue(world.providers())
    problems: list[Problem] = []
    path = find_config(request.paths, Path.cwd())
    config = _read_config(problems, world, path, catalogue)
    named = request.target is not None or _chooses_itself(config, catalogue, world.environ)
    target = None
    if not problems and (need_target or named):
        target = _collect(problems, lambda: _choose(world, request, catalogue, config))
    if target is not None:
        (tell or request.text(world)).say(target_line(target))
    loaded = None
    if config is not None or path is None:
        loaded = _collect(problems, lambda: _load_manifests(request, catalogue, config, target))
    if need_sections and target is not None and loaded is not None:
        problems += missing_sections(catalogue, target, loaded)
    return Check(catalogue, target, loaded, tuple(sorted(set(problems))))


def _chooses_itself(
    config: Config | None, catalogue: Catalogue, environ: Mapping[str, str]
) -> bool:
    """Whether there is a target for those who type none."""
    if config is None:
        return bool(catalogue.signed_in(environ))
    return config.default_target is not None


def prepare(
    world: World, request: Request, *, tell: Terminal | None = None, need_sections: bool = True
) -> Setup:
    """Choose the target, tell it, and load the manifests.

    Raises InputError with every problem of configuration and manifests together.
    """
    found = check(world, request, need_target=True, tell=tell, need_sections=need_sections)
    if found.problems or found.target is None or found.loaded is None:
        raise InputError("the input has problems", found.problems)
    if not request.quiet:
        tell_problems(found.loaded.warnings, world.err)
    return Setup(found.catalogue, found.target, found.loaded)


def prepare_target(world: World, request: Request) -> Setup:
    """Choose the target and tell it, for what reads no manifest.

    Raises InputError with every problem of the configuration.
    """
    catalogue = Catalogue(world.providers())
    problems: list[Problem] = []
    config = _read_config(problems, world, find_config(request.paths, Path.cwd()), catalogue)
    if problems:
        raise InputError("the configuration has problems", problems)
    target = _choose(world, request, catalogue, config)
    request.text(world).line(target_line(target))
    return Setup(catalogue, target, Loaded((), ()))


def _collect(problems: list[Problem], step: Callable[[], T]) -> T | None:
    """The result of `step`, or None after its problems were put to the others."""
    try:
        return step()
    except InputError as error:
        if not error.problems:
            raise
        problems += error.problems
        return None


def _read_config(
    problems: list[Problem], world: World, path: Path | None, catalogue: Catalogue
) -> Config | None:
    """What the file says as far as it could be read; what is wrong is put to the others."""
    if path is None:
        return None
    config, errors = read_configuration(world, path, catalogue)
    problems += errors
    return config


def read_configuration(
    world: World, path: Path, catalogue: Catalogue
) -> tuple[Config | None, Sequence[Problem]]:
    """See `read_config`: with the kinds and the settings of every cloud."""
    return read_config(
        path,
        settings=catalogue.settings,
        allowed=allowed_hosts(world.environ),
        kinds=sorted({kind.name for kind in catalogue.kinds}),
        today=datetime.fromtimestamp(world.clock.wall(), UTC).date(),
    )


def _load_manifests(
    request: Request, catalogue: Catalogue, config: Config | None, target: Target | None
) -> Loaded:
    """The manifests under the target, without one under every target that there is."""
    targets = () if config is None else tuple(config.targets.values())
    loaded = load(
        request.paths,
        kinds=catalogue.kinds,
        config=config.path if config is not None else None,
        targets=targets if target is None else (target,),
        overlays=config.overlays if config is not None else (),
        names=request.names,
        selector=request.selector,
    )
    if config is None:
        return loaded
    warnings = tuple(sorted([*config.warnings, *loaded.warnings]))
    return replace(loaded, warnings=warnings, ignore=config.ignore)


def _choose(world: World, request: Request, catalogue: Catalogue, config: Config | None) -> Target:
    try:
        return choose(
            config,
            name=request.target,
            has_credentials=bool(catalogue.signed_in(world.environ)),
            implied=lambda: {
                provider.name: provider.implied_settings(world.environ)
                for provider in catalogue.providers
            },
            credential_help=catalogue.credential_help,
            half=catalogue.half_signed_in(world.environ),
        )
    except CredentialsMissing:
        require(request.paths)  # a mistyped path is told first: it may be why no file was found
        raise


def target_line(target: Target) -> str:
    """The first line of every command."""
    if target.sandbox:
        return (
            f"Target: {plain(target.name)} (both clouds emulated, kept in .reconcile/sandbox.db; "
            "nothing goes to a real cloud)"
        )
    if target.place is None:
        return f"Target: {plain(target.name)} (from the environment; there is no reconcile.yaml)"
    return f"Target: {plain(target.name)} ({plain(target.place.file)}:{target.place.line})"


def missing_sections(catalogue: Catalogue, target: Target, loaded: Loaded) -> Sequence[Problem]:
    """One problem for each cloud that has manifests and no section in the target."""
    if target.sandbox:
        return ()
    first: dict[str, Problem] = {}
    for manifest in loaded.manifests:
        provider, kind = catalogue.owner(manifest.address)
        if provider.name not in target.settings and provider.name not in first:
            where = f" ({target.place})" if target.place else ""
            first[provider.name] = Problem(
                place=manifest.place,
                code="no-section",
                text=f'target "{target.name}"{where} has no section "{provider.name}", '
                f"which {kind.name} needs",
                help=f"add `{provider.name}: {{}}` to the target, or leave this agent out",
            )
    return tuple(first.values())


@contextmanager
def sandbox_notice(world: World, request: Request, setup: Setup) -> Iterator[None]:
    """Say before and after a run that the file sent it to the sandbox, though credentials are set."""
    notice = _notice(world, setup)
    if notice:
        request.text(world).say(notice)
    try:
        yield
    finally:
        if notice:
            request.text(world).say(notice)


def _notice(world: World, setup: Setup) -> str:
    signed_in = setup.catalogue.signed_in(world.environ)
    if not setup.target.sandbox or setup.target.chosen_by != "file" or not signed_in:
        return ""
    titles = " and ".join(provider.title for provider in signed_in)
    return (
        "Note: nothing went or goes to a real cloud. reconcile.yaml makes the sandbox the default "
        f"target, though credentials for {titles} are set."
    )


def refuse_silent_sandbox(world: World, setup: Setup) -> None:
    """Raise GuardError where a pipeline with credentials would only fill the sandbox."""
    if world.environ.get("CI") and _notice(world, setup):
        raise GuardError(
            "reconcile.yaml makes the sandbox the default target, though cloud credentials are set "
            "and CI is set: nothing would go to a real cloud. Name the target with --target; "
            "--target sandbox allows this one."
        )
