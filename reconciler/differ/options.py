"""What the user asked for beyond the manifests."""

from dataclasses import dataclass

from reconciler.model.fingerprint import Fingerprinter


@dataclass(frozen=True, slots=True)
class Options:
    """The switches that change a decision. Semantics, sections 4, 7 and 8.

    `resend_secrets` sends objects that hold secrets no read can compare. `retry_failed` sends the
    same state once more to an agent that equals its manifest but is failed, `restart` to any.
    `write_unverifiable`
    writes where a read cannot show what is there (with `metadata.complete`). `show_live_values`
    shows live values that nobody declared in plain text. Without `unmanaged` an agent in sync does
    not say what of it is not managed: of ten thousand it costs more than comparing them.
    `fingerprinter` compares secrets that no read shows (None: they cannot be compared).
    """

    resend_secrets: bool = False
    retry_failed: bool = False
    restart: bool = False
    write_unverifiable: bool = False
    show_live_values: bool = False
    unmanaged: bool = True
    fingerprinter: Fingerprinter | None = None
