"""How the fields of an AgentRuntime compare, as one table.

A test proves that it names the members of the schema, no more and no less, but for what only
reads show. `unset` follows the API page: reads show zero values (`""`, `0`, `false`, `{}`, `[]`)
where nothing is set. `0` counts so only where no documented value can be 0.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from reconciler.model.rules import (
    BodyStyle,
    Field,
    Readiness,
    Requirement,
    Rules,
    Shape,
    Trait,
)


def _text(traits: Trait = Trait.NONE, aliases: Mapping[str, str] | None = None) -> Field:
    return Field(Shape.STRING, traits, aliases=aliases or {}, unset=("",))


def _object(traits: Trait = Trait.NONE, **members: Field) -> Field:
    return Field(Shape.OBJECT, traits, members=members, unset=({},))


def _list(item: Field, traits: Trait = Trait.NONE, key: str | None = None) -> Field:
    return Field(Shape.LIST, traits, item=item, unset=([],), key=key)


_TEXT: Final = _text()
_JSON: Final = _text(Trait.JSON)
_FLAG: Final = Field(Shape.BOOLEAN, unset=(False,))
_NUMBER: Final = Field(Shape.NUMBER)  # 0 is a value like any other
_POSITIVE: Final = Field(Shape.NUMBER, unset=(0,))
_TEXTS: Final = _list(_TEXT)
_FIXED: Final = _text(Trait.IMMUTABLE)
_SHOWN: Final = _text(Trait.SERVER)

_CODE: Final = _object(
    language=_TEXT,
    command=_TEXTS,
    ossBucketName=_TEXT,
    ossObjectName=_TEXT,
    checksum=_TEXT,
    # Code comes out of a bucket or out of an uploaded archive, and no read need show the latter.
    zipFile=replace(_text(Trait.WRITE_ONLY), absent_with="ossObjectName"),
)

_REGISTRY: Final = _object(
    authConfig=_object(
        userName=_TEXT,
        password=replace(_text(Trait.MASKED | Trait.SECRET), implied_by="userName"),
    ),
    certConfig=_object(insecure=_FLAG, rootCaCertBase64=_TEXT),
    networkConfig=_object(vpcId=_TEXT, vSwitchId=_TEXT, securityGroupId=_TEXT),
)

_CONTAINER: Final = _object(
    image=_TEXT,
    command=_TEXTS,
    port=_POSITIVE,
    imageRegistryType=_TEXT,
    acrInstanceId=_TEXT,
    registryConfig=_REGISTRY,
)

_NETWORK: Final = _object(
    networkMode=_TEXT,
    vpcId=_TEXT,
    securityGroupId=_TEXT,
    vswitchIds=_list(_TEXT, Trait.UNORDERED),  # a network has the same switches in any order
)

_PROTOCOL: Final = _object(
    Trait.UNRELIABLE,  # the vendor's own tests: "may not be returned by the API after update"
    type=_TEXT,
    protocolSettings=_list(
        _object(
            type=_TEXT,
            name=_TEXT,
            config=_JSON,
            path=_TEXT,
            pathPrefix=_TEXT,
            method=_TEXT,
            headers=_text(Trait.HIDDEN),  # may hold a bearer token
            inputBodyJsonSchema=_JSON,
            outputBodyJsonSchema=_JSON,
            requestContentType=_TEXT,
            responseContentType=_TEXT,
            a2aAgentCard=_JSON,
            a2aAgentCardUrl=_TEXT,
            A2AAgentCard=_JSON,
        ),
        key="type",  # "validated and de-duplicated by the backend"
    ),
)

_HEALTH: Final = _object(
    httpGetUrl=_TEXT,
    initialDelaySeconds=_NUMBER,
    periodSeconds=_POSITIVE,
    timeoutSeconds=_POSITIVE,
    failureThreshold=_POSITIVE,
    successThreshold=_POSITIVE,
)

_NAS: Final = _object(
    userId=_NUMBER,
    groupId=_NUMBER,
    mountPoints=_list(_object(serverAddr=_TEXT, mountDir=_TEXT, enableTLS=_FLAG), key="mountDir"),
)

_OSS: Final = _object(
    mountPoints=_list(
        _object(bucketName=_TEXT, bucketPath=_TEXT, endpoint=_TEXT, mountDir=_TEXT, readOnly=_FLAG),
        key="mountDir",
    ),
)

_ARMS: Final = _object(
    Trait.WRITE_ONLY,  # in no read model of the vendor's client 5.7.5
    armsLicenseKey=_text(Trait.SECRET),
    cmsWorkspace=_TEXT,
    enableArms=_FLAG,
)

_ROOT: Final = _object(
    description=replace(_TEXT, limit=256),
    artifactType=_FIXED,  # the vendor's tests: a PUT does not turn Code into Container
    codeConfiguration=_CODE,
    containerConfiguration=_CONTAINER,
    cpu=_POSITIVE,
    memory=_POSITIVE,
    port=_POSITIVE,
    diskSize=_POSITIVE,
    networkConfiguration=_NETWORK,
    protocolConfiguration=_PROTOCOL,
    environmentVariables=Field(Shape.MAP, Trait.HIDDEN, item=Field(Shape.STRING), unset=({},)),
    executionRoleArn=_TEXT,
    credentialName=_TEXT,
    externalAgentEndpointUrl=_TEXT,
    sessionConcurrencyLimitPerInstance=_POSITIVE,
    sessionIdleTimeoutSeconds=_POSITIVE,
    enableSessionIsolation=_FLAG,
    disableOndemand=_FLAG,
    disableSessionAffinity=_FLAG,
    sessionAffinityType=_text(aliases={"COOKIE": "GENERATED_COOKIE"}),
    headerFieldName=replace(_TEXT, limit=128),
    logConfiguration=_object(project=_TEXT, logstore=_TEXT),
    healthCheckConfiguration=_HEALTH,
    nasConfig=_NAS,
    ossMountConfig=_OSS,
    armsConfiguration=_ARMS,
    systemTags=_list(_TEXT, Trait.UNORDERED | Trait.TAGS),
    workspaceId=_FIXED,  # the vendor's clients do not agree whether an update may move it
    resourceGroupId=_FIXED,
    edition=_TEXT,
    forceEvictInstances=Field(Shape.BOOLEAN, Trait.ACTION, unset=(False,)),
    agentRuntimeId=_SHOWN,
    agentRuntimeName=_SHOWN,
    agentRuntimeArn=_SHOWN,
    agentRuntimeVersion=Field(Shape.ANY, Trait.SERVER),  # a number in one example, text in another
    status=_SHOWN,
    statusReason=_SHOWN,
    createdAt=_SHOWN,
    lastUpdatedAt=_SHOWN,
)

RULES: Final = Rules(
    root=_ROOT,
    body=BodyStyle.CHANGED,
    readiness=Readiness.STATUS,
    always=("cpu", "memory", "port"),
    create_requires=(
        Requirement("artifactType"),
        Requirement("cpu"),
        Requirement("memory"),
        Requirement("port"),
        Requirement("networkConfiguration"),
        Requirement("codeConfiguration", when=("artifactType", "Code")),
        Requirement("containerConfiguration", when=("artifactType", "Container")),
    ),
)
