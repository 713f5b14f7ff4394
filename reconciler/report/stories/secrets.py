"""Secrets and the references to them."""

from typing import Final

from reconciler.report.story import Story, runtime

_LOGIN: Final = "containerConfiguration:\n  registryConfig:\n    authConfig:\n      userName: ci\n"
_SANDBOX: Final = "reconcile plan manifests --target sandbox"
_APPLY: Final = "reconcile apply manifests --target sandbox --yes"

STORIES: Final = (
    Story(
        code="plain-secret",
        summary="A secret stands in the file in plain text",
        means="The field holds a password or a key, so it takes a reference only. The value itself "
        "is shown nowhere, in this message neither. In the YAML of the vendor's own tool, which "
        "knows no references, it is only a warning.",
        why="Whoever can read the repository, now or later, could use it. If it was committed "
        "already, removing it does not help: change the secret.",
        wrong=runtime(_LOGIN + "      password: hunter2-hunter2\n"),
        right=runtime(_LOGIN + '      password: {secret: "env:REGISTRY_PASSWORD"}\n'),
    ),
    Story(
        code="secret-reference",
        summary="A reference to a secret that cannot be understood",
        means="A reference is a mapping with one member, `secret`, whose text begins with a scheme: "
        "`env:NAME` for an environment variable, `file:PATH` for a file beside the manifest, "
        "`sops:FILE#/pointer` for a value in a file that sops encrypted, `exec:COMMAND` for what a "
        "program prints. What you wrote is not repeated: it may be the secret itself.",
        why="A misread reference would send the wrong value, or send the text of the reference.",
        wrong=runtime('environmentVariables:\n  API_KEY: {secret: "SUPPORT_API_KEY"}\n'),
        right=runtime('environmentVariables:\n  API_KEY: {secret: "env:SUPPORT_API_KEY"}\n'),
    ),
    Story(
        code="secret-place",
        summary="A reference to a secret where none can stand",
        means="Secrets are texts. A number, a boolean, a list or an object takes no reference, "
        "and neither does a name that is part of a web address.",
        why="The value would have the wrong type, or would be seen in logs of addresses.",
        wrong=runtime('memory: {secret: "env:MEMORY"}\n'),
        right=runtime("memory: 2048\n"),
    ),
    Story(
        code="secret-unresolved",
        summary="A secret cannot be had",
        means="`apply` reads all secrets before its first write, and this one gave no value: the "
        "variable is not set or empty, the file is not there, is no text or lies outside the "
        "folder of the manifests, or the program that would give it failed. `plan` goes on without "
        'it and says "cannot be compared".',
        why="To send nothing or an empty text would break the agent. Nothing was written yet.",
        wrong=runtime(
            'environmentVariables:\n  API_KEY: {secret: "env:SUPPORT_API_KEY"}\n', command=_APPLY
        ),
        right=runtime(
            'environmentVariables:\n  API_KEY: {secret: "env:SUPPORT_API_KEY"}\n', command=_SANDBOX
        ),
    ),
    Story(
        code="exec-not-allowed",
        summary="A secret that a program would give, where no program may run",
        means='`{secret: "exec:COMMAND"}` runs a program and takes what it prints. That is done '
        "only where the environment variable `RECONCILE_ALLOW_EXEC` is `1`. `plan` goes on without "
        'the secret and says "cannot be compared"; `apply` stops before its first write.',
        why="Whoever can open a pull request can edit this file, and could have any program run "
        "with your credentials. The environment of the pipeline they cannot edit.",
        wrong=runtime(
            'environmentVariables:\n  API_KEY: {secret: "exec:pass show support"}\n', command=_APPLY
        ),
        right=runtime(
            'environmentVariables:\n  API_KEY: {secret: "exec:pass show support"}\n',
            command=_SANDBOX,
        ),
    ),
    Story(
        code="looks-like-secret",
        summary="A text that looks like a key or a password (a warning)",
        means="The text has the form of a known kind of key, or it stands under a name such as "
        "PASSWORD or API_KEY. It is taken as it is, and shown nowhere. Where it is no secret, list "
        "its path in `metadata.allowPlaintext`.",
        why="Whoever can read the repository, now or later, could use it. A reference keeps it "
        "out of the file.",
        wrong=runtime("environmentVariables:\n  DB_PASSWORD: hunter2-hunter2\n"),
        right=runtime('environmentVariables:\n  DB_PASSWORD: {secret: "env:DB_PASSWORD"}\n'),
    ),
)
