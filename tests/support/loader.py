"""A cloud that exists in the loader's tests only: two kinds, with every shape a rule can have."""

from collections.abc import Mapping, Set
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from reconciler.loader.config import Config, read_config
from reconciler.loader.diagnostics import render_problem
from reconciler.loader.load import Loaded, load
from reconciler.model.errors import InputError
from reconciler.model.rules import BodyStyle, Readiness, Rules, Shape, Trait
from reconciler.model.rules import Field as Rule
from reconciler.ports.provider import Kind
from reconciler.providers.fields import OpenSpec, Spec, parse_document


class _Auth(Spec):
    userName: str | None = None
    password: str | None = None


class _Registry(Spec):
    authConfig: _Auth | None = None


class _Container(Spec):
    image: str | None = None
    command: list[str] | None = None
    imageType: Literal["PUBLIC", "PRIVATE"] | None = None
    registryConfig: _Registry | None = None


class _Mount(Spec):
    mountDir: Annotated[str, StringConstraints(min_length=2, max_length=64)] | None = None
    readOnly: bool | None = None


class _Health(Spec):
    httpGetUrl: str | None = None
    periodSeconds: Annotated[int, Field(ge=1, le=120)] | None = None


class RuntimeSpec(Spec):
    """A runtime."""

    cpu: Annotated[float, Field(gt=0, le=16)] | None = None
    memory: Annotated[int, Field(ge=128)] | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    description: Annotated[str, StringConstraints(max_length=256)] | None = None
    region: Annotated[str, StringConstraints(pattern="^[a-z-]+$")] | None = None
    paused: bool | None = None
    containerConfiguration: _Container | None = None
    environmentVariables: dict[str, str] | None = None
    systemTags: list[str] | None = None
    mounts: list[_Mount] | None = None
    healthCheck: _Health | None = None
    runtimeId: str | None = None
    licenseKey: str | None = None


class _Sampling(OpenSpec):
    temperature: float | None = None


class _Properties(OpenSpec):
    name: Annotated[str, StringConstraints(max_length=20)] | None = None
    instructions: str | None = None
    model_setting: Annotated[_Sampling | None, BeforeValidator(parse_document)] = None
    api_key: str | None = None
    tools: list[Any] | None = None


class BotSpec(Spec):
    """A bot that is named by its id."""

    botId: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9]{1,64}$")] | None = Field(
        None, description="1 to 64 letters and digits. Twelve as a rule."
    )
    properties: _Properties | None = None


_TEXT: Final = Rule(Shape.STRING)
_COUNT: Final = Rule(Shape.NUMBER)
_FLAG: Final = Rule(Shape.BOOLEAN)


def _object(**members: Rule) -> Rule:
    return Rule(Shape.OBJECT, members=members)


_PASSWORD: Final = Rule(Shape.STRING, Trait.SECRET | Trait.MASKED)
_RUNTIME: Final = _object(
    cpu=_COUNT,
    memory=_COUNT,
    port=_COUNT,
    description=_TEXT,
    region=_TEXT,
    paused=_FLAG,
    containerConfiguration=_object(
        image=_TEXT,
        command=Rule(Shape.LIST, item=_TEXT),
        imageType=_TEXT,
        registryConfig=_object(authConfig=_object(userName=_TEXT, password=_PASSWORD)),
    ),
    environmentVariables=Rule(Shape.MAP, Trait.HIDDEN, item=_TEXT),
    systemTags=Rule(Shape.LIST, Trait.TAGS | Trait.UNORDERED, item=_TEXT),
    mounts=Rule(Shape.LIST, item=_object(mountDir=_TEXT, readOnly=_FLAG), key="mountDir"),
    healthCheck=_object(httpGetUrl=_TEXT, periodSeconds=_COUNT),
    runtimeId=Rule(Shape.STRING, Trait.SERVER),
    status=Rule(Shape.STRING, Trait.SERVER),
    licenseKey=_PASSWORD,
)
_BOT: Final = _object(
    botId=_TEXT,
    properties=Rule(
        Shape.OBJECT,
        open=True,
        members={
            "name": _TEXT,
            "instructions": _TEXT,
            "model_setting": Rule(Shape.DOCUMENT, members={"temperature": _COUNT}, open=True),
            "api_key": Rule(Shape.STRING, Trait.SERVER | Trait.SECRET),
            "tools": Rule(Shape.LIST, item=Rule(Shape.ANY)),
        },
    ),
)

RUNTIME: Final = Kind(
    "cloud.example.com/v1",
    "Runtime",
    RuntimeSpec,
    Rules(_RUNTIME, BodyStyle.CHANGED, Readiness.STATUS),
    not_yet=("endpoints",),
)
BOT: Final = Kind(
    "bots.example.org/v1",
    "Bot",
    BotSpec,
    Rules(
        _BOT,
        BodyStyle.WHOLE,
        Readiness.VALUES,
        parameters=("botId",),
        secret_names=frozenset({"apikey"}),
    ),
)
KINDS: Final = (RUNTIME, BOT)


class _Tokens(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    endpoint: str | None = None
    region: str = "north-1"


class CloudSettings(BaseModel):
    """The settings of the cloud that exists in these tests only."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    region: str = "north-1"
    endpoint: Annotated[str, Field(pattern="^https?://[^ ]+$")] | None = None
    maxConcurrency: Annotated[int, Field(ge=1, le=10)] = 10
    tokens: _Tokens = _Tokens()


SETTINGS: Final = {"cloud": CloudSettings}

HEAD: Final = "apiVersion: cloud.example.com/v1\nkind: Runtime\nmetadata: {name: a}\n"
"""Three lines; what follows begins on line 4."""

BOT_HEAD: Final = "apiVersion: bots.example.org/v1\nkind: Bot\nmetadata: {name: b}\n"


def load_text(folder: Path, text: str | bytes, *, name: str = "a.yaml", **options: Any) -> Loaded:
    """Load one file of this text."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load([path], kinds=KINDS, **options)


def complaints(folder: Path, text: str | bytes, *, name: str = "a.yaml") -> list[str]:
    """Everything that is wrong with one file of this text, as rendered, the folder's path cut."""
    try:
        loaded = load_text(folder, text, name=name)
    except InputError as error:
        problems = error.problems
    else:
        problems = loaded.warnings
    return [render_problem(problem).replace(f"{folder}/", "") for problem in problems]


def first_lines(folder: Path, text: str | bytes, *, name: str = "a.yaml") -> list[str]:
    """The first line of each complaint."""
    return [complaint.splitlines()[0] for complaint in complaints(folder, text, name=name)]


def load_config(
    path: Path, *, settings: Mapping[str, type[Any]], allowed: Set[str] = frozenset()
) -> Config:
    """The configuration in a file. Raises InputError with every problem and every warning."""
    config, problems = read_config(path, settings=settings, allowed=allowed)
    if config is None or problems:
        warnings = config.warnings if config is not None else ()
        told = "; ".join(problem.text for problem in problems)
        raise InputError(told, sorted([*problems, *warnings]))
    return config
