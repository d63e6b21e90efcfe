"""Waiting for something to become true, never for longer than said."""
import os
import time


def patient(seconds):
    """How long to wait at most for what takes so long at most: more where FIRN_PATIENCE says that all is slower."""
    return seconds * float(os.environ.get("FIRN_PATIENCE") or 1)


def wait_for(condition, seconds, what, interval=0.05):
    """The first true value of condition(). Fails the test when there is none within the time."""
    end = time.monotonic() + patient(seconds)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(f"{what}: not so after {seconds} s, last value {value!r}")
        time.sleep(interval)
