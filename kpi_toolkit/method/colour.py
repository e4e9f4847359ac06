"""Whether a brand colour can be read on white paper (WCAG 2.2, contrast minimum 4.5 to 1)."""

from __future__ import annotations

READABLE = 4.5
_LINEAR = 0.04045


def contrast(colour: str) -> float:
    """Return the contrast ratio of a ``#rrggbb`` colour and white, 1 to 21 (formula: WCAG 2.2, relative luminance).

    >>> round(contrast("#0072B2"), 2)
    5.19
    """
    return 1.05 / (_luminance(colour) + 0.05)


def nearest_readable(colour: str) -> str:
    """Return the colour itself, or the lightest darker shade of it that can be read on white.

    >>> nearest_readable("#1F4E79"), nearest_readable("#E69F00")
    ('#1f4e79', '#9c6c00')
    """
    channels = _channels(colour)
    shades = (
        "#" + "".join(f"{round(channel * percent / 100):02x}" for channel in channels) for percent in range(100, -1, -1)
    )
    return next(shade for shade in shades if contrast(shade) >= READABLE)


def tint(colour: str, percent: int) -> str:
    """Return a colour mixed with white: so many per cent of it.

    >>> tint("#000000", 20)
    '#cccccc'
    """
    return "#" + "".join(f"{round(255 - (255 - channel) * percent / 100):02x}" for channel in _channels(colour))


def _channels(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= _LINEAR else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
