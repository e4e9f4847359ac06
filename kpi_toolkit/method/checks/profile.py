"""What can be wrong with a client's own page, ``client.toml``."""

from __future__ import annotations

from kpi_toolkit.method.checks.places import PROFILE_FILE
from kpi_toolkit.method.colour import READABLE, contrast, nearest_readable
from kpi_toolkit.method.issues import Issues, Place, error
from kpi_toolkit.method.profile import Profile


def check_profile(profile: Profile) -> Issues:
    """Return what is wrong with a client's own page: brand colours that cannot be read."""
    found = []
    for key in ("primary", "accent"):
        colour = getattr(profile.brand, key)
        if contrast(colour) < READABLE:
            place = Place(PROFILE_FILE, key=f"brand.{key}")
            found.append(error("low-contrast", place, colour=colour, nearest=nearest_readable(colour)))
    return Issues(found)
