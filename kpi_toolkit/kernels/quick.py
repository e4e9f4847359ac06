"""jsonschema, loaded without the dozens of grammars that it compiles for checking internationalised addresses.

Altair, nbformat and pytest's plug-in for notebooks load it: whoever imports this before them waits a tenth of a second
instead of two. With ``rfc3987_syntax`` there (JupyterLab asks for it) jsonschema compiles 38 grammars as it loads, for
a format that nothing here checks. They are hidden meanwhile, as where they are not installed; whoever imports them
later finds them.
"""

import sys

_GRAMMARS = "rfc3987_syntax"

if "jsonschema" not in sys.modules and _GRAMMARS not in sys.modules:
    sys.modules[_GRAMMARS] = None  # type: ignore[assignment]
    try:
        import jsonschema  # type: ignore[import-untyped]  # noqa: F401
    finally:
        del sys.modules[_GRAMMARS]
