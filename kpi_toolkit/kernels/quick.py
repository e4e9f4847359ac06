"""Loading jsonschema without the dozens of grammars that it compiles for checking internationalised addresses."""

from __future__ import annotations

import sys

_GRAMMARS = "rfc3987_syntax"


def load_jsonschema() -> None:
    """Load jsonschema, which Altair and nbformat need, in a tenth of a second instead of two seconds.

    With ``rfc3987_syntax`` there (JupyterLab asks for it) jsonschema compiles 38 grammars as it loads, for a format
    that nothing here checks. It is hidden meanwhile, as where it is not installed; whoever imports it later finds it.
    """
    if "jsonschema" in sys.modules or _GRAMMARS in sys.modules:
        return
    sys.modules[_GRAMMARS] = None  # type: ignore[assignment]
    try:
        import jsonschema  # type: ignore[import-untyped]  # noqa: F401
    finally:
        del sys.modules[_GRAMMARS]
