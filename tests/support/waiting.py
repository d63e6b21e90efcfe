"""Waiting for something to become true, never for longer than said."""
import time


def wait_for(condition, seconds, what, interval=0.05):
    """The first true value of condition(). Fails the test when there is none within the time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise AssertionError(f"{what}: not so after {seconds} s, last value {value!r}")
        time.sleep(interval)
