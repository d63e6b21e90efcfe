"""Clients that behave. Each has a connection and a vault of its own, and knows what has to be in it."""
import contextlib
import json
import random
import threading
import time

from glacier_data import MEBIBYTE, Glacier, linear_hash, named_bytes, tree_hash, upload_headers

SIZES = [1, 1000, 64 << 10, (64 << 10) + 1, 300_000, MEBIBYTE + 1]  # kept in the database and in files
ARCHIVES_MAX = 10
# For a machine that has a lot else to do: nothing here is about speed.
PATIENCE_SECONDS = 60


class Worker:
    def __init__(self, port, name):
        self.port, self.name, self.vault = port, name, f"v-{name}"
        self.generator = random.Random(name)
        self.glacier = Glacier(port, PATIENCE_SECONDS)
        self.archives = {}  # description -> (id, size)
        self.tags = {}
        self.names = 0
        self.steps = self.requests = 0
        self.slowest_seconds = 0.0
        self.ask("PUT", "")

    def work(self):
        """[(what to do, how often)]"""
        return [(self.upload, 4), (self.upload_parts, 1), (self.delete, 2), (self.retrieve, 3), (self.tag, 2),
                (self.look, 4), (self.err, 1)]

    def step(self):
        kinds, weights = zip(*self.work())
        self.generator.choices(kinds, weights)[0]()
        self.steps += 1

    def ask(self, method, path, body=b"", headers=None, status=(200, 201, 202, 204), vault=None):
        """Response, body, and the body as JSON. `path` follows the name of the vault."""
        began = time.monotonic()
        answer = self.glacier.call(method, f"/-/vaults/{vault or self.vault}{path}", body, headers)
        self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
        self.requests += 1
        assert answer[0].status in status, (method, path, answer[0].status, answer[1])
        return answer

    def new_name(self):
        self.names += 1
        return f"{self.name}-{self.names}"

    def upload(self):
        name, size = self.new_name(), self.generator.choice(SIZES)
        data = named_bytes(name, size)
        response, _, _ = self.ask("POST", "/archives", data, upload_headers(data, name))
        self.archives[name] = (response.getheader("x-amz-archive-id"), size)

    def upload_parts(self):
        """Gives up one of three uploads."""
        name, size = self.new_name(), self.generator.choice([1, MEBIBYTE, MEBIBYTE + 1])
        data = named_bytes(name, size)
        response, _, _ = self.ask("POST", "/multipart-uploads", headers={
            "x-amz-part-size": str(MEBIBYTE), "x-amz-archive-description": name})
        path = f"/multipart-uploads/{response.getheader('x-amz-multipart-upload-id')}"
        for first in range(0, size, MEBIBYTE):
            part = data[first:first + MEBIBYTE]
            self.ask("PUT", path, part, {
                "Content-Range": f"bytes {first}-{first + len(part) - 1}/*",
                "x-amz-content-sha256": linear_hash(part), "x-amz-sha256-tree-hash": tree_hash(part)})
        if self.generator.random() < 1 / 3:
            self.ask("DELETE", path)
            return
        response, _, _ = self.ask("POST", path, headers={
            "x-amz-archive-size": str(size), "x-amz-sha256-tree-hash": tree_hash(data)})
        self.archives[name] = (response.getheader("x-amz-archive-id"), size)

    def delete(self):
        for name in list(self.archives)[:max(1, len(self.archives) - ARCHIVES_MAX)]:
            archive_id, _ = self.archives.pop(name)
            self.ask("DELETE", f"/archives/{archive_id}")

    def output(self, **parameters):
        """Of a new job, for servers whose jobs finish at once."""
        response, _, _ = self.ask("POST", "/jobs", json.dumps(parameters))
        _, content, _ = self.ask("GET", f"/jobs/{response.getheader('x-amz-job-id')}/output")
        return content

    def retrieve(self):
        if self.archives:
            self.check_archive(self.generator.choice(list(self.archives)))

    def check_archive(self, name):
        archive_id, size = self.archives[name]
        content = self.output(Type="archive-retrieval", ArchiveId=archive_id)
        assert content == named_bytes(name, size), f"{name}: not its bytes"

    def tag(self):
        key = self.generator.choice("xyz")
        if self.tags.pop(key, None) is None:
            self.tags[key] = self.new_name()
            self.ask("POST", "/tags?operation=add", json.dumps({"Tags": {key: self.tags[key]}}))
        else:
            self.ask("POST", "/tags?operation=remove", json.dumps({"TagKeys": [key]}))

    def look(self):
        """Reads the vault, and its tags or jobs, and compares them with what this client knows."""
        _, _, vault = self.ask("GET", "")
        sizes = sum(size + 32768 for _, size in self.archives.values())
        assert (vault["NumberOfArchives"], vault["SizeInBytes"]) == (len(self.archives), sizes)
        if self.generator.random() < 0.5:
            _, _, answer = self.ask("GET", "/tags")
            assert answer["Tags"] == self.tags
        else:
            _, _, answer = self.ask("GET", "/jobs?limit=5")
            assert all(job["VaultARN"] == vault["VaultARN"] for job in answer["JobList"])

    def err(self):
        _, _, answer = self.ask("GET", "", vault="nobodys", status=[404])
        assert answer["code"] == "ResourceNotFoundException"
        wrong = upload_headers(b"something") | {"x-amz-sha256-tree-hash": tree_hash(b"else")}
        _, _, answer = self.ask("POST", "/archives", b"something", wrong, status=[400])
        assert answer["code"] == "InvalidParameterValueException"

    def check(self):
        """Asserts that the vault holds all that was acknowledged, and nothing else."""
        entries = json.loads(self.output(Type="inventory-retrieval"))["ArchiveList"]
        found = {entry["ArchiveDescription"]: (entry["ArchiveId"], entry["Size"]) for entry in entries}
        assert found == self.archives
        for name in self.archives:
            self.check_archive(name)
        _, _, answer = self.ask("GET", "/tags")
        assert answer["Tags"] == self.tags
        _, _, answer = self.ask("GET", "/multipart-uploads")
        assert answer["UploadsList"] == []


class Crowd:
    """Workers that work at the same time."""

    def __init__(self, workers):
        self.workers = workers
        self.failures = []
        self._done = threading.Event()

    @contextlib.contextmanager
    def working(self):
        """From here to the end of the block, with steps counted anew. What failed meanwhile fails it."""
        self._done.clear()
        for worker in self.workers:
            worker.steps = 0
        threads = [threading.Thread(target=self._run, args=(worker,)) for worker in self.workers]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self._done.set()
            for thread in threads:
                thread.join()
        if self.failures:
            raise self.failures[0]

    def has_done(self, steps):
        """Whether every one has taken so many steps; also true when one has failed."""
        return bool(self.failures) or min(worker.steps for worker in self.workers) >= steps

    def requests(self):
        return sum(worker.requests for worker in self.workers)

    def slowest_seconds(self):
        return max(worker.slowest_seconds for worker in self.workers)

    def check(self):
        for worker in self.workers:
            worker.check()

    def close(self):
        for worker in self.workers:
            worker.glacier.close()

    def _run(self, worker):
        try:
            while not self._done.is_set():
                worker.step()
        except Exception as failure:  # of whatever kind: it is raised in the end
            self.failures.append(failure)
