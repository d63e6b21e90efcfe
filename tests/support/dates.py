"""Times as firn writes them, like 2030-01-31T12:00:00.000Z."""
import datetime


def parse(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def after(text, **amount):
    """`text` and what datetime.timedelta takes: after("2030-01-31T12:00:00.000Z", hours=3)"""
    moment = parse(text) + datetime.timedelta(**amount)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
