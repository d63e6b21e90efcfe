"""kill -9 under everything at once: uploads whole and in parts, deletions, jobs, tags, vaults, clock moves, snapshots.

After each kill all that was acknowledged is there, what was not is there wholly or not at all, and nothing else is.
FIRN_LOAD_SEED repeats a run's choices (the moments depend on the machine all the same); FIRN_LONG makes it 1,000
rounds, FIRN_LOAD_ROUNDS any number.
"""
import datetime
import hashlib
import http.client
import json
import os
import random
import threading
import time

from control import Control
from data_files import check_files
from dates import parse
from glacier_data import MEBIBYTE, Glacier, linear_hash, named_bytes, tree_hash, upload_headers
from ledger import Ledger

ROUNDS = int(os.environ.get("FIRN_LOAD_ROUNDS") or (1000 if os.environ.get("FIRN_LONG") else 20))
CLIENTS = 8
LIFE_SECONDS = (0.05, 1.2)
SIZES = [1, 1000, 64 << 10, (64 << 10) + 1, 300_000, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE]
PART_COUNTS = [1, 2, 4]
ARCHIVES_MAX = 12  # of one client
REREAD = 10        # archives whose bytes are read again though nothing was done with them

START = "2030-01-01T00:00:00.000Z"
END_OF_TIME = datetime.datetime.max.replace(tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
OUTPUT_LIFETIME = 24 * HOUR
DURATIONS = {"Expedited": HOUR / 12, "Standard": HOUR, "Bulk": 5 * HOUR, "inventory": HOUR / 2}
FLAGS = ["--timing", "fast", "--clock", START, "--expedited", "5m", "--standard", "1h", "--bulk", "5h",
         "--inventory-job", "30m", "--output-lifetime", "24h", "--upload-lifetime", "100000d", "--log-level", "error"]


class Clock:
    """Where the server's clock may stand: a move that has no answer may have been made."""

    def __init__(self):
        self.earliest = self.latest = parse(START)


class Load:
    """The server, what is known of it, and the clients that make it work."""

    def __init__(self, server, generator):
        self.server = server
        self.control = Control(server)
        self.generator = generator
        self.ledger = Ledger()
        self.clock = Clock()
        self.archive_ids = {}  # description -> id, once acknowledged
        self.upload_ids = {}
        self.jobs = {}         # description -> (duration, earliest and latest creation, archive's description or None)
        self.failures = []
        self.touched = set()   # descriptions of archives since the last check

    def run_clients(self, round_number):
        """Until the server is killed."""
        work = [Client(self, f"c{number}", round_number, random.Random(self.generator.random())).run
                for number in range(CLIENTS)]
        work += [self.move_clock, self.take_snapshots]
        threads = [threading.Thread(target=self.guard, args=(one,)) for one in work]
        for thread in threads:
            thread.start()
        time.sleep(self.generator.uniform(*LIFE_SECONDS))
        self.server.kill()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        assert not self.failures, self.failures

    def guard(self, work):
        try:
            work()
        except (OSError, http.client.HTTPException):
            pass  # The kill.
        except Exception as failure:
            self.failures.append(failure)

    def move_clock(self):
        generator = random.Random(self.generator.random())
        while True:
            time.sleep(generator.uniform(0, 0.1))
            step = datetime.timedelta(minutes=generator.choice([1, 7, 31, 61, 400, 1500]))
            self.clock.latest = self.clock.earliest + step
            answer = self.control.post("clock/advance", {"by": f"{int(step.total_seconds())}s"})
            assert parse(answer["now"]) == self.clock.latest
            self.clock.earliest = self.clock.latest

    def take_snapshots(self):
        generator = random.Random(self.generator.random())
        while True:
            time.sleep(generator.uniform(0, 0.3))
            name = generator.choice("abc")
            with self.ledger.change() as change:
                if generator.random() < 0.7 or self.ledger.get("snapshot", name) is None:
                    change.put("snapshot", name, value=True)
                    self.control.put(f"snapshots/{name}", {})
                else:
                    change.put("snapshot", name, value=None)
                    self.control.delete(f"snapshots/{name}")


class Client:
    """One connection. No other client changes what it creates."""

    def __init__(self, load, name, round_number, generator):
        self.load, self.ledger = load, load.ledger
        self.vault = f"v-{name}"
        self.spare_vault = f"spare-{name}"
        self.generator = generator
        self.prefix = f"{name}-{round_number}-"
        self.count = 0

    def run(self):
        with Glacier(self.load.server.port) as glacier:
            self.glacier = glacier
            self.create_vault(self.vault)
            while True:
                self.generator.choices(
                    [self.upload, self.upload_parts, self.delete, self.start_job, self.end_job, self.tag,
                     self.change_vault], [5, 2, 2, 3, 1, 2, 1])[0]()

    def ask(self, method, path, body=b"", headers=None, status=(200, 201, 202, 204)):
        response, content, _ = self.glacier.call(method, f"/-/vaults/{path}", body, headers)
        assert response.status in status, (method, path, response.status, content)
        return response

    def new_name(self):
        self.count += 1
        return f"{self.prefix}{self.count}"

    def own(self, kind):
        return [key[2] for key in self.ledger.keys(kind) if key[1] == self.vault]

    def create_vault(self, name):
        with self.ledger.change() as change:
            change.put("vault", name, value=True)
            self.ask("PUT", name)

    def change_vault(self):
        """Its tags go with a vault, and do not come back with the next one of that name."""
        name = self.spare_vault
        if self.ledger.get("vault", name) is None:
            self.create_vault(name)
            with self.ledger.change() as change:
                change.put("tag", name, "t", value=self.prefix)
                self.ask("POST", f"{name}/tags?operation=add", json.dumps({"Tags": {"t": self.prefix}}))
            return
        with self.ledger.change() as change:
            change.put("vault", name, value=None)
            change.put("tag", name, "t", value=None)
            self.ask("DELETE", name)

    def tag(self):
        key, value = self.generator.choice("xyz"), self.new_name()
        with self.ledger.change() as change:
            if self.generator.random() < 0.7:
                change.put("tag", self.vault, key, value=value)
                self.ask("POST", f"{self.vault}/tags?operation=add", json.dumps({"Tags": {key: value}}))
            else:
                change.put("tag", self.vault, key, value=None)
                self.ask("POST", f"{self.vault}/tags?operation=remove", json.dumps({"TagKeys": [key]}))

    def upload(self):
        name = self.new_name()
        data = named_bytes(name, self.generator.choice(SIZES))
        self.load.touched.add(name)
        with self.ledger.change() as change:
            change.put("archive", self.vault, name, value=(len(data), tree_hash(data)))
            response = self.ask("POST", f"{self.vault}/archives", data, upload_headers(data, name))
            self.load.archive_ids[name] = response.getheader("x-amz-archive-id")

    def upload_parts(self):
        """Begins an upload, or goes on with one that a kill has left. Parts come in any order, some of them twice."""
        unfinished = [name for name in self.own("upload") if name in self.load.upload_ids]
        name = unfinished[0] if unfinished else self.new_name()
        # The same for everybody who goes on with it.
        generator = random.Random(name)
        data = named_bytes(name, (generator.choice(PART_COUNTS) - 1) * MEBIBYTE + generator.randint(1, MEBIBYTE))
        if not unfinished:
            with self.ledger.change() as change:
                change.put("upload", self.vault, name, value=())
                response = self.ask("POST", f"{self.vault}/multipart-uploads", headers={
                    "x-amz-part-size": str(MEBIBYTE), "x-amz-archive-description": name})
                self.load.upload_ids[name] = response.getheader("x-amz-multipart-upload-id")
        path = f"{self.vault}/multipart-uploads/{self.load.upload_ids[name]}"
        sent = [first for first, _ in self.ledger.get("upload", self.vault, name)]
        left = [first for first in range(0, len(data), MEBIBYTE) if first not in sent or self.generator.random() < 0.2]
        self.generator.shuffle(left)
        for first in left:
            self.send_part(name, path, first, data[first:first + MEBIBYTE])
        with self.ledger.change() as change:
            change.put("upload", self.vault, name, value=None)
            if self.generator.random() < 0.2:
                self.ask("DELETE", path)
                return
            self.load.touched.add(name)
            change.put("archive", self.vault, name, value=(len(data), tree_hash(data)))
            response = self.ask("POST", path, headers={
                "x-amz-archive-size": str(len(data)), "x-amz-sha256-tree-hash": tree_hash(data)})
            self.load.archive_ids[name] = response.getheader("x-amz-archive-id")

    def send_part(self, name, path, first, data):
        parts = dict(self.ledger.get("upload", self.vault, name)) | {first: tree_hash(data)}
        with self.ledger.change() as change:
            change.put("upload", self.vault, name, value=tuple(sorted(parts.items())))
            self.ask("PUT", path, data, {
                "Content-Range": f"bytes {first}-{first + len(data) - 1}/*", "x-amz-content-sha256": linear_hash(data),
                "x-amz-sha256-tree-hash": tree_hash(data)})

    def delete(self):
        names = self.own("archive")
        for name in names[:max(1, len(names) - ARCHIVES_MAX)]:
            with self.ledger.change() as change:
                change.put("archive", self.vault, name, value=None)
                self.ask("DELETE", f"{self.vault}/archives/{self.load.archive_ids[name]}")

    def start_job(self):
        name, names = self.new_name(), self.own("archive")
        archive = self.generator.choice(names) if names else None
        if archive is None or self.generator.random() < 0.2:
            archive, kind, parameters = None, "inventory", {"Type": "inventory-retrieval"}
        else:
            kind = self.generator.choice(["Expedited", "Standard", "Bulk"])
            parameters = {"Type": "archive-retrieval", "ArchiveId": self.load.archive_ids[archive], "Tier": kind}
        earliest = self.load.clock.earliest
        # Known before it is sent, for the case that nobody learns its id.
        self.load.jobs[name] = (DURATIONS[kind], earliest, END_OF_TIME, archive)
        with self.ledger.change() as change:
            change.put("job", self.vault, name, value="by the clock")
            self.ask("POST", f"{self.vault}/jobs", json.dumps(parameters | {"Description": name}))
            self.load.jobs[name] = (DURATIONS[kind], earliest, self.load.clock.latest, archive)

    def end_job(self):
        """Lets a running job fail at once."""
        shown = self.load.control.get("jobs", vault=self.vault, status="InProgress")["jobs"]
        shown = [job for job in shown if self.ledger.get("job", self.vault, job["description"]) is not None]
        if not shown:
            return
        job = self.generator.choice(shown)
        with self.ledger.change() as change:
            change.put("job", self.vault, job["description"], value="failed by hand")
            status, answer = self.load.control.ask("POST", f"jobs/{job['job_id']}/fail", {"message": "by hand"})
            assert status in (200, 404, 409), (status, answer)
            if status != 200:  # It was done before.
                change.refuse()


class Inspection:
    """All that a server shows when nobody else asks, and whether it can be so."""

    def __init__(self, load):
        self.load = load
        self.seen = {}
        self.jobs = {}         # key -> as the control surface shows it
        self.now = parse(load.control.get("clock")["now"])
        with Glacier(load.server.port) as glacier:
            self.glacier = glacier
            self.look()

    def pages(self, path, member):
        """The members of all pages, and the rest of the last one."""
        found, marker = [], None
        while True:
            separator = "&" if "?" in path else "?"
            page = path if marker is None else f"{path}{separator}marker={marker}"
            response, content, answer = self.glacier.call("GET", page)
            assert response.status == 200, (page, content)
            found += answer[member]
            marker = answer["Marker"]
            if marker is None:
                return found

    def look(self):
        for snapshot in self.load.control.get("snapshots")["snapshots"]:
            self.see("snapshot", snapshot["name"], value=True)
        for vault in self.pages("/-/vaults", "VaultList"):
            name = vault["VaultName"]
            self.see("vault", name, value=True)
            _, _, tags = self.glacier.call("GET", f"/-/vaults/{name}/tags")
            for key, value in tags["Tags"].items():
                self.see("tag", name, key, value=value)
            self.look_at_uploads(name)
            self.look_at_jobs(name)
            self.look_at_archives(vault)

    def see(self, *key, value):
        assert key not in self.seen, f"twice: {key}"
        self.seen[key] = value

    def look_at_uploads(self, vault):
        path = f"/-/vaults/{vault}/multipart-uploads"
        for upload in self.pages(path, "UploadsList"):
            name, upload_id = upload["ArchiveDescription"], upload["MultipartUploadId"]
            assert self.load.upload_ids.setdefault(name, upload_id) == upload_id
            parts = [(int(part["RangeInBytes"].split("-")[0]), part["SHA256TreeHash"])
                     for part in self.pages(f"{path}/{upload_id}", "Parts")]
            self.see("upload", vault, name, value=tuple(parts))

    def look_at_jobs(self, vault):
        marker = {}
        while True:
            answer = self.load.control.get("jobs", vault=vault, **marker)
            for job in answer["jobs"]:
                if job["description"] is None:  # an inspection's own
                    continue
                key = ("job", vault, job["description"])
                by_hand = job["status_message"] == "by hand"
                self.see(*key, value="failed by hand" if by_hand else "by the clock")
                self.jobs[key] = job
            if answer.get("marker") is None:
                return
            marker = {"marker": answer["marker"]}

    def look_at_archives(self, vault):
        """By an inventory; counters and bytes have to agree with it."""
        name = vault["VaultName"]
        entries = json.loads(self.output(name, Type="inventory-retrieval"))["ArchiveList"]
        for entry in entries:
            description, archive_id = entry["ArchiveDescription"], entry["ArchiveId"]
            assert self.load.archive_ids.setdefault(description, archive_id) == archive_id
            self.see("archive", name, description, value=(entry["Size"], entry["SHA256TreeHash"]))
        size = sum(entry["Size"] + 32768 for entry in entries)
        assert (vault["NumberOfArchives"], vault["SizeInBytes"]) == (len(entries), size)
        again = set(random.sample(range(len(entries)), min(len(entries), max(1, REREAD // CLIENTS))))
        for number, entry in enumerate(entries):
            description = entry["ArchiveDescription"]
            if description in self.load.touched or number in again:
                content = self.output(name, Type="archive-retrieval", ArchiveId=entry["ArchiveId"])
                wanted = named_bytes(description, entry["Size"])
                assert hashlib.sha256(content).digest() == hashlib.sha256(wanted).digest(), description

    def output(self, vault, **parameters):
        """The output of a job that is completed early."""
        job_id = self.glacier.start_job(vault, **parameters)
        self.load.control.post(f"jobs/{job_id}/complete")
        return self.glacier.output(vault, job_id)

    def judge(self, ledger):
        ledger.forget({key for key, values in ledger.may_be().items()
                       if key[0] == "job" and key not in self.seen and self.may_have_expired(key, values)})
        ledger.resolve(self.seen)
        for key, job in self.jobs.items():
            self.judge_job(ledger, key, job)

    def may_have_expired(self, key, values):
        duration, earliest, _, _ = self.load.jobs[key[2]]
        least = datetime.timedelta() if "failed by hand" in values else duration
        return self.now >= earliest + least + OUTPUT_LIFETIME

    def judge_job(self, ledger, key, job):
        duration, earliest, latest, archive = self.load.jobs[key[2]]
        created = parse(job["created_at"])
        completed = parse(job["completed_at"]) if job["completed_at"] else None
        assert earliest <= created <= latest, (key, job, earliest, latest)
        if self.seen[key] == "failed by hand":
            assert job["status"] == "Failed" and created <= completed <= min(self.now, created + duration), job
        elif self.now < created + duration:
            assert job["status"] == "InProgress", (self.now, job)
        else:
            archive_is_there = archive is None or ledger.get("archive", key[1], archive) is not None
            assert job["status"] == "Succeeded" or (job["status"] == "Failed" and not archive_is_there), (self.now, job)
            assert completed == created + duration, job
        assert completed is None or self.now < completed + OUTPUT_LIFETIME, (self.now, job)


def inspect(load):
    """After a start."""
    check_files(load.server.data_dir)
    # What is due is done when a move of the clock returns.
    clock = load.control.get("clock")
    assert parse(clock["now"]) in (load.clock.earliest, load.clock.latest), (clock, vars(load.clock))
    load.clock.earliest = parse(load.control.post("clock/advance", {"by": "1s"})["now"])
    load.clock.latest = load.clock.earliest
    Inspection(load).judge(load.ledger)
    load.touched.clear()


def start_with_kills(load):
    """Kills some of the starts, too."""
    while load.generator.random() < 0.3:
        load.server.start(*load.server.flags)
        time.sleep(load.generator.uniform(0, 0.03))
        load.server.kill()
    load.server.start(*load.server.flags)


class QuietState:
    """A snapshot that was saved when nothing else happened, and what the world was then."""

    def __init__(self, load):
        self.load = load
        self.saved = None

    def save(self):
        self.load.control.put("snapshots/quiet", {})
        self.load.ledger.values["snapshot", "quiet"] = True
        self.saved = (self.load.ledger.copy(), self.load.clock.earliest, dict(self.load.archive_ids),
                      dict(self.load.upload_ids))

    def restore(self):
        """Afterwards the state is either the snapshot or the present one, as a whole, also after a kill."""
        load = self.load
        acknowledged = []

        def ask():
            load.control.post("snapshots/quiet/restore")
            acknowledged.append(True)

        thread = threading.Thread(target=load.guard, args=(ask,))
        thread.start()
        if load.generator.random() < 0.7:
            time.sleep(load.generator.uniform(0, 0.05))
            load.server.kill()
        thread.join(30)
        assert not thread.is_alive() and not load.failures
        load.server.kill()
        start_with_kills(load)
        ledger, clock, archive_ids, upload_ids = self.saved
        now = parse(load.control.get("clock")["now"])
        if acknowledged or (now == clock and now != load.clock.earliest):
            snapshots = {key: True for key in load.ledger.keys("snapshot")}
            unanswered = load.ledger.unanswered, load.ledger.survivors, load.ledger.changes
            load.ledger = ledger.copy()
            load.ledger.unanswered, load.ledger.survivors, load.ledger.changes = unanswered
            # Snapshots are no part of the world.
            load.ledger.values = {key: value for key, value in load.ledger.values.items() if key[0] != "snapshot"}
            load.ledger.values |= snapshots
            load.clock.earliest = load.clock.latest = clock
            load.archive_ids, load.upload_ids = dict(archive_ids), dict(upload_ids)
        inspect(load)


def test_kill_under_mixed_load(start_firn):
    seed = os.environ.get("FIRN_LOAD_SEED") or str(random.SystemRandom().randrange(1 << 32))
    print(f"FIRN_LOAD_SEED={seed}")
    load = Load(start_firn(*FLAGS), random.Random(seed))
    quiet = QuietState(load)
    restores = 0
    began = time.monotonic()
    for number in range(ROUNDS):
        load.run_clients(number)
        start_with_kills(load)
        if number % 50 == 49 or number == ROUNDS - 1:
            load.touched.update(load.archive_ids)  # all are read again
        inspect(load)
        if quiet.saved is None or load.generator.random() < 0.2:
            quiet.save()
        elif load.generator.random() < 0.3:
            quiet.restore()
            restores += 1
        if number % 50 == 49:
            print(f"round {number + 1}, {time.monotonic() - began:.0f} s, {len(load.ledger.values)} things", flush=True)
    print(f"{ROUNDS} rounds, {restores} restores: {load.ledger.changes} changes acknowledged, {load.ledger.unanswered} "
          f"unanswered at a kill, {load.ledger.survivors} of them done")
    # Otherwise this test has not tried anything.
    assert load.ledger.changes >= 10 * ROUNDS
    assert load.ledger.unanswered >= ROUNDS
