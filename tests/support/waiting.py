"""Waits until a condition holds, with a time limit."""
import os
import time


def patient(seconds):
    """A time limit, multiplied by FIRN_PATIENCE on machines and in builds that are slower."""
    return seconds * float(os.environ.get("FIRN_PATIENCE") or 1)


def wait_for(condition, seconds, what, interval=0.05):
    """The first true value of condition(). Fails the test after `seconds`."""
    end = time.monotonic() + patient(seconds)
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(f"{what}: not true after {seconds} s, last value {value!r}")
        time.sleep(interval)
