"""What can be wrong with a client's own page, ``client.toml``."""

from __future__ import annotations

from datetime import date

from kpi_toolkit.method.checks.places import PROFILE_FILE
from kpi_toolkit.method.colour import READABLE, contrast, nearest_readable
from kpi_toolkit.method.issues import Issues, Place, error, warning
from kpi_toolkit.method.profile import Profile

_FAR = 10
"""Ours: years from today; a launch beyond them is a slip of the year."""


def check_profile(profile: Profile, today: date) -> Issues:
    """Return what is wrong with a client's own page: colours that cannot be read, days that cannot be meant."""
    found = []
    for key in ("primary", "accent"):
        colour = getattr(profile.brand, key)
        if contrast(colour) < READABLE:
            place = Place(PROFILE_FILE, key=f"brand.{key}")
            found.append(error("low-contrast", place, colour=colour, nearest=nearest_readable(colour)))
    first, last = profile.calendar.appraisal_days
    if first > last:
        place = Place(PROFILE_FILE, key="calendar.appraisal_days")
        found.append(error("days-reversed", place, first=first, last=last))
    if profile.launch is not None and abs(profile.launch.year - today.year) > _FAR:
        found.append(warning("launch-far", Place(PROFILE_FILE, key="launch"), date=profile.launch, years=_FAR))
    return Issues(found)
