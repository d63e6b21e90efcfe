"""For every test in Python: servers that end with its module, and their logs in the report when it fails."""
from firn_server import firn_logs, start_firn

__all__ = ["firn_logs", "start_firn"]
