"""A server's state with something of everything in it, and all that the API shows of a state."""
import json

from control import Control
from glacier_data import MEBIBYTE, Glacier, linear_hash, patterned_bytes, tree_hash

# Up to 64 KiB lie in the database, the rest are files.
SIZES = [1, 1000, 64 << 10, (64 << 10) + 1, 3 * MEBIBYTE + 5, 5 * MEBIBYTE]
CONTENTS = {f"archive {size}": patterned_bytes(size, f"snapshot {size}") for size in SIZES}
PARTS = [patterned_bytes(MEBIBYTE, "part 0"), patterned_bytes(MEBIBYTE, "part 1"), patterned_bytes(77, "part 2")]


def policy_for(vault, effect, action):
    return json.dumps({"Policy": json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": effect, "Principal": "*", "Action": action,
        "Resource": f"arn:aws:glacier:us-east-1:000000000000:vaults/{vault}"}]})})


def done(glacier, method, path, body=b"", headers=None):
    response, content, _ = glacier.call(method, path, body, headers)
    assert response.status < 300, (method, path, content)
    return response


def send_part(glacier, upload, number):
    data, first = PARTS[number], number * MEBIBYTE
    done(glacier, "PUT", upload, data, {
        "Content-Range": f"bytes {first}-{first + len(data) - 1}/*", "x-amz-content-sha256": linear_hash(data),
        "x-amz-sha256-tree-hash": tree_hash(data)})


def build_world(server):
    """Creates something of every kind. The clock is frozen before and after. Returns the ids that tests go on with."""
    control = Control(server)
    with Glacier(server.port) as glacier:
        for vault in ("full", "locked", "empty"):
            glacier.create_vault(vault)
        done(glacier, "POST", "/-/vaults/full/tags?operation=add", '{"Tags": {"team": "archive", "year": ""}}')
        done(glacier, "PUT", "/-/vaults/full/notification-configuration",
             '{"SNSTopic": "arn:aws:sns:us-east-1:000000000000:t", "Events": ["ArchiveRetrievalCompleted"]}')
        done(glacier, "PUT", "/-/vaults/full/access-policy", policy_for("full", "Allow", "glacier:ListJobs"))
        done(glacier, "POST", "/-/vaults/full/lock-policy", policy_for("full", "Deny", "glacier:DeleteArchive"))
        lock = done(glacier, "POST", "/-/vaults/locked/lock-policy",
                    policy_for("locked", "Deny", "glacier:DeleteVault")).getheader("x-amz-lock-id")
        done(glacier, "POST", f"/-/vaults/locked/lock-policy/{lock}")
        done(glacier, "PUT", "/-/policies/data-retrieval", '{"Policy": {"Rules": [{"Strategy": "FreeTier"}]}}')
        done(glacier, "POST", "/-/provisioned-capacity")
        ids = {name: glacier.upload("full", data, name).getheader("x-amz-archive-id")
               for name, data in CONTENTS.items()}
        control.post("seed", {"vaults": [{"name": "film", "archives": [{"synthetic": 2 * MEBIBYTE + 9}]}]})
        control.post("clock/advance", {"by": "1h"})
        large, small = f"archive {SIZES[4]}", f"archive {SIZES[0]}"
        finished = glacier.start_job("full", Type="archive-retrieval", ArchiveId=ids[large], Description="finished")
        glacier.start_job("full", Type="inventory-retrieval", Format="CSV")
        glacier.start_job("film", Type="inventory-retrieval")
        failed = glacier.start_job("full", Type="archive-retrieval", ArchiveId=ids[small])
        control.post(f"jobs/{failed}/fail", {"message": "lost"})
        control.post("clock/advance", {"until": "idle"})
        running = glacier.start_job("full", Type="archive-retrieval", ArchiveId=ids[large], Tier="Bulk")
        control.post("clock/advance", {"by": "1s"})
        upload = done(glacier, "POST", "/-/vaults/full/multipart-uploads", headers={
            "x-amz-part-size": str(MEBIBYTE), "x-amz-archive-description": "parts"}).getheader("Location")
        upload = "/-/" + upload.split("/", 2)[2]
        for number in (0, 1):
            send_part(glacier, upload, number)
    return {"ids": ids, "finished": finished, "running": running, "upload": upload}


def portrait(server, headers=None):
    """All that the API shows to the caller in `headers`. Equal states have equal portraits."""
    control = Control(server)
    shown = {path: control.get(path) for path in ("clock", "jobs")}
    with Glacier(server.port, headers=headers) as glacier:
        def look(path):
            response, content, parsed = glacier.call("GET", path)
            is_output = path.endswith("/output")
            if not is_output and response.status == 404:
                parsed = parsed["code"]
            shown[path] = (response.status, linear_hash(content) if is_output else parsed)
            return parsed

        for path in ("/-/policies/data-retrieval", "/-/provisioned-capacity"):
            look(path)
        for vault in look("/-/vaults")["VaultList"]:
            path = f"/-/vaults/{vault['VaultName']}"
            for what in ("", "/tags", "/notification-configuration", "/access-policy", "/lock-policy"):
                look(path + what)
            for upload in look(f"{path}/multipart-uploads")["UploadsList"]:
                look(f"{path}/multipart-uploads/{upload['MultipartUploadId']}")
            for job in look(f"{path}/jobs")["JobList"]:
                if job["StatusCode"] == "Succeeded":
                    look(f"{path}/jobs/{job['JobId']}/output")
    return shown


def assert_alike(shown, expected):
    assert shown.keys() == expected.keys()
    for path, value in expected.items():
        assert shown[path] == value, path


def check_contents(server, world):
    """Checks the bytes of all archives with new jobs, and that the running job and upload can be finished."""
    control = Control(server)
    with Glacier(server.port) as glacier:
        due_at = control.get(f"jobs/{world['running']}")["due_at"]
        assert control.post("clock/advance", {"until_job": world["running"]})["now"] == due_at
        assert glacier.output("full", world["running"]) == CONTENTS[f"archive {SIZES[4]}"]
        jobs = {name: glacier.start_job("full", Type="archive-retrieval", ArchiveId=archive_id)
                for name, archive_id in world["ids"].items()}
        send_part(glacier, world["upload"], 2)
        whole = b"".join(PARTS)
        joined = done(glacier, "POST", world["upload"], headers={
            "x-amz-archive-size": str(len(whole)), "x-amz-sha256-tree-hash": tree_hash(whole)})
        jobs["parts"] = glacier.start_job("full", Type="archive-retrieval",
                                          ArchiveId=joined.getheader("x-amz-archive-id"))
        control.post("clock/advance", {"until": "idle"})
        for name, content in (CONTENTS | {"parts": whole}).items():
            assert glacier.output("full", jobs[name]) == content, name


def contents_of(server, vault, headers=None):
    """{description: bytes} of all archives of a vault, retrieved with new jobs. Moves the clock."""
    control = Control(server)
    with Glacier(server.port, headers=headers) as glacier:
        def outputs(*jobs):
            ids = [glacier.start_job(vault, **job) for job in jobs]
            control.post("clock/advance", {"until": "idle"})
            return [glacier.output(vault, job_id) for job_id in ids]

        (inventory,) = outputs({"Type": "inventory-retrieval"})
        entries = json.loads(inventory)["ArchiveList"]
        contents = outputs(*({"Type": "archive-retrieval", "ArchiveId": entry["ArchiveId"]} for entry in entries))
    for entry, content in zip(entries, contents, strict=True):
        assert (len(content), tree_hash(content)) == (entry["Size"], entry["SHA256TreeHash"])
    return {entry["ArchiveDescription"]: content for entry, content in zip(entries, contents, strict=True)}
