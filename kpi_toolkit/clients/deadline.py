"""An end to what would otherwise take as long as somebody's file wants it to."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

READING_SECONDS = 10
"""Seconds of processor time that reading a client, or one of its cycles, may take; usual ones take well under one, and
20,000 rows of twelve columns in Excel take four."""


class OutOfTimeError(Exception):
    """Something took more processor time than it may."""


class _Expired(BaseException):
    """Passes through whatever would catch an exception on its way."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTimeError where the block takes more than so many seconds of processor time.

    Time spent waiting does not count, so a busy machine changes nothing. Windows has no such clock, and only a main
    thread can be interrupted: there the bounds on sizes hold alone. Within a limit another one changes nothing.
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable or signal.getitimer(signal.ITIMER_PROF)[0]:
        yield
        return
    before = signal.signal(signal.SIGPROF, _expire)
    try:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except _Expired as expired:
        raise OutOfTimeError from expired
    finally:
        signal.signal(signal.SIGPROF, before)


def _expire(*_: object) -> None:
    raise _Expired
