"""The key with which secrets that no read shows are compared. Semantics, section 4."""

from typing import Final

from reconciler.cli.world import World
from reconciler.model.errors import InputError
from reconciler.model.fingerprint import MIN_KEY_CHARACTERS, Fingerprinter
from reconciler.model.sealed import Sealed

VARIABLE: Final = "RECONCILE_FINGERPRINT_KEY"


def fingerprinter(world: World | None) -> Fingerprinter | None:
    """The fingerprinter of this run, None where no key is set (or an empty one: a CI has no other
    way to leave a variable out).

    Blank characters around the key do not count: a line break pasted along would be another key.
    Raises InputError for one that could be guessed.
    """
    given = "" if world is None else world.environ.get(VARIABLE, "")
    if not given:
        return None
    try:
        return Fingerprinter(Sealed(given.strip(), f"env:{VARIABLE}"))
    except ValueError:
        text = (
            f"{VARIABLE} is shorter than {MIN_KEY_CHARACTERS} characters: whoever sees a "
            "fingerprint could guess it, and then the secrets; set a random one, for example from "
            "`openssl rand -hex 32`, and keep it as it keeps fingerprints comparable"
        )
        raise InputError(text) from None
