"""`reconcile.yaml` and what it names."""

from typing import Final

from reconciler.report.story import Example, File, Story, configured, runtime

_SANDBOX: Final = "defaultTarget: sandbox\n"
_ENDPOINT: Final = (
    "defaultTarget: staging\ntargets:\n  staging:\n    agentrun:\n      endpoint: {}\n"
)

STORIES: Final = (
    Story(
        code="target",
        summary="A target that is not there, or none was chosen",
        means="A target is a name below `targets` in `reconcile.yaml`; `sandbox` always exists. "
        "`--target` picks one, else `defaultTarget` does.",
        why="The wrong target could be the wrong account, so none is ever guessed.",
        wrong=configured(_SANDBOX, command="reconcile validate manifests --target sandbx"),
        right=configured(_SANDBOX, command="reconcile validate manifests --target sandbox"),
    ),
    Story(
        code="no-section",
        summary="The target has no section for a cloud that a manifest needs",
        means="A target names at most one account per cloud, each in its own section (`agentrun`, "
        "`appstage`). There are manifests for a cloud that the chosen target does not name.",
        why="Without the section it is not known which account and region are meant. An empty one, "
        "`agentrun: {}`, takes all defaults.",
        wrong=configured("defaultTarget: staging\ntargets:\n  staging: {}\n"),
        right=configured("defaultTarget: staging\ntargets:\n  staging: {agentrun: {}}\n"),
    ),
    Story(
        code="endpoint",
        summary="Credentials may not go to this endpoint",
        means="An endpoint is a scheme, a host and perhaps a port. Credentials go to the vendors' "
        "own hosts (`*.aliyuncs.com`, `*.myhuaweicloud.com`) and to this machine; any other host "
        "has to stand in the environment variable `RECONCILE_ALLOW_HOSTS`. `http://` is for this "
        "machine only.",
        why="Whoever can open a pull request can edit this file, and could have your credentials "
        "sent to a host of theirs. The environment of the pipeline they cannot edit.",
        wrong=configured(_ENDPOINT.format("https://agentrun.example.com")),
        right=configured(_ENDPOINT.format("https://agentrun.cn-shanghai.aliyuncs.com")),
    ),
    Story(
        code="host",
        summary="An entry of RECONCILE_ALLOW_HOSTS is no host name",
        means="The variable holds exact host names separated by commas: no scheme, no port, no "
        "pattern.",
        why="A pattern would allow more hosts than somebody looked at.",
        wrong=configured(
            _ENDPOINT.format("https://agentrun.example.com"),
            command="RECONCILE_ALLOW_HOSTS='*.example.com' reconcile validate manifests",
        ),
        right=configured(
            _ENDPOINT.format("https://agentrun.example.com"),
            command="RECONCILE_ALLOW_HOSTS=agentrun.example.com reconcile validate manifests",
        ),
    ),
    Story(
        code="config",
        summary="There is more than one configuration",
        means="`reconcile.yaml` is one document. And the manifests of one run belong to one "
        "`reconcile.yaml`, the nearest above each of them.",
        why="Two could name different accounts for the same target.",
        wrong=configured(_SANDBOX + "---\ntargets: {}\n"),
        right=Example(
            (
                File("manifests/reconcile.yaml", _SANDBOX + "targets: {}\n"),
                *runtime("cpu: 2\n").files,
            )
        ),
    ),
)
