from firn_server import firn_logs, start_firn

__all__ = ["firn_logs", "start_firn"]
