"""Two small kinds in the likeness of both clouds, for tests that need rules but no cloud."""

from typing import Any

from reconciler.model.live import Health, Live
from reconciler.model.manifest import Address, Desired, Place
from reconciler.model.rules import (
    BodyStyle,
    Field,
    Readiness,
    Requirement,
    Rules,
    Shape,
    Trait,
)

TEXT = Field(Shape.STRING, unset=("",))
NUMBER = Field(Shape.NUMBER)

RUNTIME = Rules(
    root=Field(
        Shape.OBJECT,
        members={
            "cpu": NUMBER,
            "memory": NUMBER,
            "port": NUMBER,
            "diskSize": Field(Shape.NUMBER, unset=(0,)),
            "description": TEXT,
            "artifactType": Field(Shape.STRING, Trait.IMMUTABLE, unset=("",)),
            "isolated": Field(Shape.BOOLEAN, unset=(False,)),
            "affinity": Field(Shape.STRING, aliases={"COOKIE": "GENERATED_COOKIE"}, unset=("",)),
            "environmentVariables": Field(
                Shape.MAP, Trait.HIDDEN, item=Field(Shape.STRING), unset=({},)
            ),
            "container": Field(
                Shape.OBJECT,
                unset=({},),
                members={
                    "image": TEXT,
                    "command": Field(Shape.LIST, item=Field(Shape.STRING), unset=([],)),
                    "auth": Field(
                        Shape.OBJECT,
                        unset=({},),
                        members={
                            "userName": TEXT,
                            "password": Field(
                                Shape.STRING, Trait.MASKED | Trait.SECRET, implied_by="userName"
                            ),
                        },
                    ),
                },
            ),
            "code": Field(
                Shape.OBJECT,
                unset=({},),
                members={
                    "command": TEXT,
                    "bucket": TEXT,
                    "archive": Field(
                        Shape.STRING, Trait.WRITE_ONLY, unset=("",), absent_with="bucket"
                    ),
                },
            ),
            "mounts": Field(
                Shape.LIST,
                key="dir",
                unset=([],),
                item=Field(
                    Shape.OBJECT,
                    members={"dir": TEXT, "readOnly": Field(Shape.BOOLEAN, unset=(False,))},
                ),
            ),
            "protocol": Field(Shape.OBJECT, Trait.UNRELIABLE, unset=({},), members={"type": TEXT}),
            "arms": Field(
                Shape.OBJECT,
                Trait.WRITE_ONLY,
                unset=({},),
                members={"key": Field(Shape.STRING, Trait.SECRET)},
            ),
            "forceEvict": Field(Shape.BOOLEAN, Trait.ACTION),
            "systemTags": Field(
                Shape.LIST, Trait.UNORDERED | Trait.TAGS, item=Field(Shape.STRING), unset=([],)
            ),
            "status": Field(Shape.STRING, Trait.SERVER),
        },
    ),
    body=BodyStyle.CHANGED,
    readiness=Readiness.STATUS,
    always=("cpu", "memory", "port"),
    create_requires=(
        Requirement("cpu"),
        Requirement("artifactType"),
        Requirement("container", when=("artifactType", "Container")),
    ),
)
"""Updates carry what changed; a status tells when it is back."""

PROMPT = Rules(
    root=Field(
        Shape.OBJECT,
        members={
            "agentId": Field(Shape.STRING),
            "region": Field(Shape.STRING, Trait.UNRELIABLE, unset=("",)),
            "tags": Field(
                Shape.LIST,
                Trait.UNRELIABLE | Trait.UNORDERED | Trait.TAGS,
                item=Field(Shape.STRING),
                unset=([],),
            ),
            "properties": Field(
                Shape.OBJECT,
                open=True,
                members={
                    "name": TEXT,
                    "instructions": TEXT,
                    "model_setting": Field(
                        Shape.DOCUMENT,
                        open=True,
                        unset=("", {}),
                        members={"temperature": NUMBER, "top_p": NUMBER},
                    ),
                    "tools": Field(Shape.LIST, item=Field(Shape.ANY), unset=([],)),
                    "id": Field(Shape.STRING, Trait.SERVER),
                    "api_key": Field(Shape.STRING, Trait.SERVER | Trait.SECRET),
                },
            ),
        },
    ),
    body=BodyStyle.WHOLE,
    readiness=Readiness.VALUES,
    parameters=("agentId",),
    required=("region", "tags", "properties"),
    cannot_create="no call that creates one is documented",
    secret_names=frozenset({"apikey", "authorization"}),
)
"""Updates carry everything; the values themselves tell when it is back."""

ADDRESS = Address("example/v1", "Runtime", "bot")


def desired(spec: dict[str, Any], **more: Any) -> Desired:
    """A desired state whose every top-level field stands on a line of its own."""
    places = {f"/{name}": Place("bot.yaml", 3 + i, 5) for i, name in enumerate(spec)}
    return Desired(ADDRESS, Place("bot.yaml", 1, 1), spec, places, **more)


def live(tree: dict[str, Any], health: Health = Health.READY, **more: Any) -> Live:
    """A read of the agent that the tests are about."""
    return Live("ar-1", tree, health, status=health.name, **more)
