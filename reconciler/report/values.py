"""How one value is written on one line."""

import json

from reconciler.model.plan import NOTHING
from reconciler.model.tree import PUBLIC_HIDDEN, PUBLIC_SEALED, Json
from reconciler.report.plain import plain


def shown(value: Json) -> str:
    """A value on one line: JSON, with what a terminal would act on escaped."""
    if value is NOTHING:
        return "(absent)"
    if value in (PUBLIC_SEALED, PUBLIC_HIDDEN):
        return str(value)
    return plain(json.dumps(value, ensure_ascii=False))
