"""A server that answers requests of the control surface with fixed data and keeps the requests."""
import dataclasses
import http.server
import json
import threading

from contract import Contract

EVENT = {"at": "2026-03-01T15:00:00.000Z", "kind": "job_completes", "account": "000000000000", "region": "us-east-1",
         "vault": "photos", "id": "-JobOne"}
CLOCK = {"now": "2026-03-01T12:00:00.000Z", "frozen": False, "rate": 3600, "next_event": EVENT, "jobs_in_progress": 2}
JOB = {"job_id": "-JobOne", "account": "000000000000", "region": "us-east-1", "vault": "photos",
       "action": "ArchiveRetrieval", "status": "InProgress", "status_message": None, "description": "holiday",
       "sns_topic": None, "tier": "Standard", "archive_id": "ArchiveOne", "archive_size_bytes": 12,
       "archive_tree_hash": "ab" * 32, "retrieval_byte_range": "0-11", "range_tree_hash": "ab" * 32, "format": None,
       "start_date": None, "end_date": None, "limit": None, "marker": None, "next_marker": None,
       "output_size_bytes": 12, "created_at": "2026-03-01T11:00:00.000Z", "due_at": "2026-03-01T15:00:00.000Z",
       "completed_at": None, "expires_at": None, "planned_failure": "Lost"}
SECOND_JOB = JOB | {"job_id": "JobTwo", "action": "InventoryRetrieval", "status": "Succeeded", "tier": None,
                    "status_message": "Succeeded", "archive_id": None, "archive_size_bytes": None,
                    "archive_tree_hash": None, "retrieval_byte_range": None, "range_tree_hash": None, "format": "CSV",
                    "completed_at": "2026-03-01T11:30:00.000Z", "expires_at": "2026-03-01T15:00:00.000Z",
                    "planned_failure": None}
PLACE = {"account": "000000000000", "region": "us-east-1", "vault": "photos"}
VAULT = PLACE | {"created_at": "2026-02-01T00:00:00.000Z", "archive_count": 12, "archive_bytes": 345,
                 "written_at": "2026-02-02T00:00:00.000Z", "inventory_due_at": "2026-03-02T00:00:00.000Z",
                 "inventory": {"at": "2026-02-03T00:00:00.000Z", "archive_count": 11, "archive_bytes": 344},
                 "lock": "InProgress", "tags": {"team": "film", "cost": "7"}, "access_policy": True,
                 "notifications": False}
ARCHIVE = PLACE | {"archive_id": "-ArchiveOne", "description": "the beach", "size_bytes": 12, "tree_hash": "ab" * 32,
                   "created_at": "2026-02-02T00:00:00.000Z", "deleted": False}
UPLOAD = PLACE | {"upload_id": "-UploadOne", "description": None, "part_size_bytes": 1048576, "part_count": 3,
                  "part_bytes": 3145728, "created_at": "2026-02-28T00:00:00.000Z",
                  "expires_at": "2026-03-01T13:00:00.000Z"}
LOCK = PLACE | {"lock_id": "LockOne", "state": "InProgress", "created_at": "2026-02-28T00:00:00.000Z",
                "expires_at": "2026-03-01T13:00:00.000Z", "policy": "{}"}
UNIT = {"account": "000000000000", "region": "us-east-1", "capacity_id": "-UnitOne",
        "started_at": "2026-02-28T00:00:00.000Z", "expires_at": "2026-03-28T00:00:00.000Z"}
SNAPSHOT = {"name": "full", "saved_at": "2026-03-01T12:00:00.000Z", "size_bytes": 4096}
FAULT = {"id": "f1", "matched": 7, "fired": 2,
         "rule": {"operation": "Upload*", "nth": 3, "times": 1,
                  "effect": {"error": {"code": "ThrottlingException", "status": 429}, "latency": "2s", "after": True}}}
REQUEST = {"number": 41, "time": "2026-03-01T11:59:00.000Z", "operation": "UploadArchive", "method": "POST",
           "path": "/-/vaults/photos/archives", "query": None, "headers": {"x-amz-archive-description": "holiday"},
           "body": None, "cut": ["headers"], "account": "000000000000", "region": "us-east-1", "vault": "photos",
           "status": 201, "error": None, "fault": None, "duration_ms": 1.25, "received_bytes": 1048576,
           "sent_bytes": 311, "complete": True, "request_id": "RequestOne"}
STRAY_REQUEST = REQUEST | {"number": 42, "operation": None, "method": "GET", "path": "/nowhere", "vault": None,
                           "status": 404, "error": "ResourceNotFoundException", "fault": "f1", "complete": False}

# By operationId: status and JSON, text or bytes.
ANSWERS = {
    "health": (200, {"status": "ok", "version": "1.2.3", "uptime_seconds": 1.5,
                     "clock": {"now": CLOCK["now"], "frozen": False}}),
    "metrics": (200, "# TYPE firn_requests_total counter\nfirn_requests_total 42\n"),
    "reset": (200, CLOCK),
    "clock_events": (200, {"events": [EVENT]}),
    "clock_show": (200, CLOCK), "clock_freeze": (200, CLOCK | {"frozen": True, "rate": 0}),
    "clock_resume": (200, CLOCK), "clock_set": (200, CLOCK | {"next_event": None}), "clock_advance": (200, CLOCK),
    "jobs_list": (200, {"jobs": [JOB, SECOND_JOB], "marker": None}),
    "jobs_show": (200, JOB), "jobs_complete": (200, SECOND_JOB), "jobs_fail": (200, JOB | {"status": "Failed"}),
    "jobs_expire": (204, None), "jobs_reschedule": (200, JOB | {"due_at": "2026-03-01T14:00:00.000Z"}),
    "vaults_list": (200, {"vaults": [VAULT, VAULT | {"vault": "empty", "inventory": None, "lock": None, "tags": {}}],
                          "marker": None}),
    "archives_list": (200, {"archives": [ARCHIVE], "marker": None}),
    "uploads_list": (200, {"uploads": [UPLOAD], "marker": None}), "uploads_expire": (204, None),
    "locks_list": (200, {"locks": [LOCK], "marker": None}), "locks_expire": (204, None),
    "capacity_list": (200, {"capacity": [UNIT], "marker": None}), "capacity_expire": (204, None),
    "inventories_take": (200, {"inventories": [{
        "account": "000000000000", "region": "us-east-1", "vault": "photos", "at": CLOCK["now"], "archive_count": 12,
        "archive_bytes": 123456789012345}]}),
    "seed": (200, {"vaults": 1, "existing_vaults": 0, "archives": 12, "archive_bytes": 123456789012345, "jobs": 0}),
    "snapshots_list": (200, {"snapshots": [SNAPSHOT]}), "snapshots_show": (200, SNAPSHOT),
    "snapshots_save": (200, SNAPSHOT | {"replaced": False}),
    "snapshots_delete": (204, None), "snapshots_restore": (200, CLOCK), "snapshots_import": (200, SNAPSHOT | {"replaced": True}),
    "snapshots_export": (200, bytes(range(256)) * 5000),
    "faults_list": (200, {"faults": [FAULT, FAULT | {"id": "f2", "rule": {"effect": {"reset": True}}}]}),
    "faults_add": (201, FAULT), "faults_clear": (200, {"faults": [FAULT]}), "faults_remove": (200, FAULT),
    "faults_show": (200, FAULT),
    "requests_list": (200, {"count": 90, "dropped": 0, "last_dropped": None, "requests": [REQUEST, STRAY_REQUEST]}),
    "requests_show": (200, REQUEST), "requests_clear": (204, None),
}


@dataclasses.dataclass
class Asked:
    operation_id: str
    path: list
    query: dict
    body: object


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        double = self.server.double
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            asked = Asked(*double.contract.check_request(self.command, self.path, self.headers["Content-Type"], body))
            status, content = double.answer_to(asked)
        except AssertionError as error:
            double.breaches.append(f"{self.command} {self.path} {body!r}: {error}")
            status, content = 500, "a breach of the contract"
        data = content if isinstance(content, bytes) else b"" if content is None else (
            content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) + double.bytes_withheld))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


class ControlDouble:
    """Answers until stop(). `answers` overrides ANSWERS by operationId; a list gives one answer to each request."""

    def __init__(self):
        self.contract = Contract()
        self.breaches = []
        self.reset()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.double = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def reset(self):
        self.asked, self.answers, self.bytes_withheld = [], {}, 0

    def answer_to(self, asked):
        self.asked.append(asked)
        answer = self.answers.get(asked.operation_id, ANSWERS[asked.operation_id])
        return answer.pop(0) if isinstance(answer, list) else answer

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


if __name__ == "__main__":
    # By hand: python3 control_double.py, then firn --endpoint URL.
    print(ControlDouble().url, flush=True)
    threading.Event().wait()
