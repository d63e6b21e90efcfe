"""The program as its user meets it: start and stop, settings, refusals, memory, and noise on the wire."""
import datetime
import hashlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import socket
import sqlite3
import time

import pytest
from firn_server import is_sanitized, run_firn
from glacier_data import MEBIBYTE, Glacier, linear_hash, random_bytes, tree_hash, upload_headers
from raw_http import RawConnection, ask, head
from waiting import wait_for

SHARED_MEMORY = pathlib.Path("/dev/shm")


def assert_refuses_to_start(*arguments, names, **variables):
    """One line on stderr that names the trouble; nothing on stdout."""
    result = run_firn(*arguments, **variables)
    assert result.returncode > 0, result
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert result.stderr.startswith("firn: ")
    for name in names:
        assert str(name) in result.stderr


# --- Start


def test_the_first_line_tells_where(start_firn):
    server = start_firn()
    assert server.first_line == f"firn listening on http://127.0.0.1:{server.port}\n"
    assert 0 < server.port < 65536
    assert server.port_file.read_text() == f"{server.port}\n"
    # The line and the file are there once requests are answered, not before.
    status, body = server.health()
    assert (status, body["status"]) == (200, "ok")
    assert (server.data_dir / "firn.db").is_file()


def test_two_servers_get_two_ports(start_firn):
    assert start_firn().port != start_firn().port


def test_health_tells_version_and_clock(start_firn):
    server = start_firn()
    status, body = server.health()
    assert status == 200
    assert run_firn("version").stdout == f"firn {body['version']}\n"
    assert run_firn("--version").stdout == f"firn {body['version']}\n"
    now = datetime.datetime.strptime(body["clock"]["now"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(
        tzinfo=datetime.timezone.utc)
    assert abs((now - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 60
    assert body["clock"]["frozen"] is False
    assert 0 <= body["uptime_seconds"] < 60


def test_the_health_command(start_firn):
    server = start_firn()
    for arguments, variables in ((("--endpoint", server.url), {}), (("--port", str(server.port)), {}),
                                 ((), {"FIRN_ENDPOINT": server.url})):
        result = run_firn("health", *arguments, **variables)
        assert result.returncode == 0, result
        assert result.stdout.startswith("firn ") and server.url in result.stdout
        assert json.loads(run_firn("health", "--json", *arguments, **variables).stdout)["status"] == "ok"
    server.stop()
    result = run_firn("health", "--endpoint", server.url)
    assert result.returncode == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert server.url in result.stderr


# --- Settings


def settings_of(server):
    """Account, region, and whether a job is done at once, as a client sees them."""
    with Glacier(server.port) as glacier:
        response, _, _ = glacier.call("PUT", "/-/vaults/settings")
        _, _, description = glacier.call("GET", "/-/vaults/settings")
        job_id = glacier.start_job("settings", Type="inventory-retrieval")
        _, _, job = glacier.call("GET", f"/-/vaults/settings/jobs/{job_id}")
    account = response.getheader("Location").split("/")[1]
    return account, description["VaultARN"].split(":")[3], job["Completed"]


def test_settings_from_the_environment(start_firn, tmp_path):
    server = start_firn(environment={
        "FIRN_ACCOUNT_ID": "111122223333", "FIRN_REGION": "eu-north-1", "FIRN_TIMING": "instant"})
    assert settings_of(server) == ("111122223333", "eu-north-1", True)
    # Also the two that the fixture gives as flags.
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refuses_to_start(names=[port], FIRN_PORT=port, FIRN_DATA_DIR=str(tmp_path / "data"))
    assert (tmp_path / "data").is_dir()
    result = run_firn(FIRN_TIMING="instants")
    assert result.returncode == 2
    assert result.stderr.startswith("firn: FIRN_TIMING: instants ")


def test_settings_from_a_file(start_firn, tmp_path):
    file = tmp_path / "firn.conf"
    file.write_text('account-id = 111122223333\nregion = "eu-north-1"\ntiming = "instant"\n')
    assert settings_of(start_firn("--config", file)) == ("111122223333", "eu-north-1", True)


def test_a_flag_beats_file_and_environment(start_firn, tmp_path):
    file = tmp_path / "firn.conf"
    file.write_text("account-id = 111122223333\n")
    server = start_firn("--config", file, "--account-id", "444455556666", "--region", "sa-east-1", "--timing", "fast",
                        environment={"FIRN_REGION": "eu-north-1", "FIRN_TIMING": "instant"})
    assert settings_of(server) == ("444455556666", "sa-east-1", False)


def test_the_environment_beats_the_file(start_firn, tmp_path):
    file = tmp_path / "firn.conf"
    file.write_text('account-id = 111122223333\nregion = "eu-north-1"\n')
    server = start_firn("--config", file, environment={"FIRN_REGION": "sa-east-1", "FIRN_TIMING": "instant"})
    assert settings_of(server) == ("111122223333", "sa-east-1", True)


def test_the_environment_can_name_the_file(start_firn, tmp_path):
    file = tmp_path / "firn.conf"
    file.write_text('account-id = 111122223333\nregion = "eu-north-1"\ntiming = "instant"\n')
    server = start_firn(environment={"FIRN_CONFIG": str(file)})
    assert settings_of(server) == ("111122223333", "eu-north-1", True)


@pytest.mark.parametrize("content, word", [
    ("prot = 4522\n", "prot"), ("threads = many\n", "many"), ("timing = warp\n", "warp"),
    ("standard = soon\n", "soon"), ("[clock]\njson = true\n", "sections: [clock]"),
    ("[serve]\nport = 4522\n", "sections: [serve]"), ("serve.port = 4522\n", "sections: [serve]")])
def test_a_wrong_line_in_the_file_is_refused(tmp_path, content, word):
    file = tmp_path / "firn.conf"
    file.write_text(content)
    result = run_firn("--config", str(file), "--port", "0", "--data-dir", str(tmp_path / "data"))
    assert (result.returncode, result.stdout) == (2, "")
    assert word in result.stderr
    assert f"{file}:1: " in result.stderr


@pytest.mark.parametrize("arguments", [
    ["--prot", "1"], ["serv"], ["--port", "65536"], ["--port", "-1"], ["--timing", "warp"], ["--standard", "-1s"],
    ["--standard", "1y"], ["--account-id", "12345"], ["--config", "/nonexistent/firn.conf"],
    ["--max-header-bytes", "1"], ["--standard", "5h-3h"], ["--clock", "9999-01-01"],
    ["--endpoint", "http://127.0.0.1:4522"]])
def test_a_wrong_flag_is_refused(tmp_path, arguments):
    result = run_firn("--data-dir", str(tmp_path / "data"), *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("firn: ")
    assert not (tmp_path / "data").exists()


def test_the_last_of_a_repeated_flag_counts(start_firn):
    server = start_firn("--account-id", "111122223333", "--account-id", "444455556666", "--timing", "aws",
                        "--timing", "instant")
    assert settings_of(server) == ("444455556666", "us-east-1", True)


def test_the_help_of_serve_has_all_options():
    page, of_serve = run_firn("--help").stdout, run_firn("serve", "--help").stdout
    options = page[page.index("Options:"):page.index("Subcommands:")].strip()
    assert options in of_serve and "Usage: firn serve" in of_serve and "Subcommands:" not in of_serve
    for words in ("(default: 4522) (Env:FIRN_PORT)", "(default: by --timing) (Env:FIRN_STANDARD)",
                  "(default: 30s) (Env:FIRN_BODY_TIMEOUT)", "Exit codes: 0 "):
        assert words in page


def test_a_seed_makes_ids_repeatable(start_firn):
    def ids(server):
        with Glacier(server.port) as glacier:
            glacier.create_vault("v")
            archive_id = glacier.upload("v", b"hello").getheader("x-amz-archive-id")
            return archive_id, glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive_id)

    assert ids(start_firn("--seed", "one")) == ids(start_firn("--seed", "one", "--in-memory"))
    assert ids(start_firn("--seed", "one")) != ids(start_firn("--seed", "two"))
    assert ids(start_firn()) != ids(start_firn())


# --- Options without effect


def warnings_of(server):
    return [line for line in server.log().splitlines() if " warning " in line]


def test_options_with_an_effect_give_no_warning(start_firn, tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text('{"vaults": []}')
    server = start_firn("--clock", "2030-01-31T12:00Z", "--seed-file", seed,
                        environment={"FIRN_TIMING": "aws", "FIRN_PATIENCE": "2", "FIRN_ENDPOINT": "http://nowhere"})
    assert server.health()[1]["clock"]["now"] == "2030-01-31T12:00:00.000Z"
    server.restart("--clock", "2030-01-31T12:00Z")
    assert warnings_of(server) == []


@pytest.mark.parametrize("flags, word", [
    (["--clock", "2040-01-01"], "--clock 2040-01-01"), (["--seed-file", "/nonexistent/seed.json"], "--seed-file")])
def test_an_option_for_a_new_data_directory_is_warned_of_in_an_old_one(start_firn, flags, word):
    server = start_firn("--clock", "2030-01-01")
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
    server.restart(*flags)
    assert [word in line for line in warnings_of(server)] == [True]
    assert server.health()[1]["clock"]["now"] == "2030-01-01T00:00:00.000Z"


def test_a_data_directory_beside_memory_is_warned_of(start_firn, tmp_path):
    server = start_firn("--in-memory", "--data-dir", tmp_path / "data")
    assert ["--data-dir" in line for line in warnings_of(server)] == [True]
    assert not (tmp_path / "data").exists()


def test_a_misspelled_variable_is_warned_of(start_firn):
    server = start_firn("--in-memory", environment={"FIRN_TIMNG": "aws"})
    assert ["FIRN_TIMNG" in line and "FIRN_TIMING?" in line for line in warnings_of(server)] == [True]


# --- Refusals to start


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refuses_to_start("--port", port, "--data-dir", str(tmp_path / "data"), names=[port, "in use"])


def test_a_data_directory_that_another_firn_uses(start_firn):
    server = start_firn()
    assert_refuses_to_start("--port", "0", "--data-dir", str(server.data_dir), names=[server.data_dir, "another firn"])
    assert server.health()[0] == 200
    # A killed one does not hold it any longer.
    server.kill()
    server.start()
    assert server.health()[0] == 200


def test_a_data_directory_below_a_file(tmp_path):
    (tmp_path / "file").write_text("a file")
    for path in (tmp_path / "file", tmp_path / "file" / "data"):
        assert_refuses_to_start("--port", "0", "--data-dir", str(path), names=[path])


def test_a_database_of_a_newer_firn(start_firn):
    server = start_firn()
    server.stop()
    database = sqlite3.connect(server.data_dir / "firn.db")
    database.execute("PRAGMA user_version = 99")
    database.commit()
    database.close()
    before = (server.data_dir / "firn.db").read_bytes()
    assert_refuses_to_start("--port", "0", "--data-dir", str(server.data_dir), names=["99", "newer"])
    assert (server.data_dir / "firn.db").read_bytes() == before


def test_a_database_that_is_none(tmp_path):
    (tmp_path / "firn.db").write_bytes(random_bytes(20_000, "no database"))
    assert_refuses_to_start("--port", "0", "--data-dir", str(tmp_path), names=["database"])


def test_the_port_file_is_there_while_the_port_is(start_firn, tmp_path):
    server = start_firn("--in-memory")
    assert server.port_file.exists()
    server.stop()
    assert not server.port_file.exists()
    # That of a run that was killed is gone before the next one begins.
    server.port_file.write_text("1\n")
    server.start("--in-memory")
    assert server.port_file.read_text() == f"{server.port}\n"
    # Whoever cannot start takes away nobody's file.
    refused = run_firn("--port", str(server.port), "--in-memory", "--port-file", str(server.port_file))
    assert refused.returncode == 1 and server.port_file.exists()


@pytest.mark.parametrize("line", ["threads = []", "seed = [a", "port-file = [x", "control-host = []", "host = ''"])
def test_a_setting_without_a_value(line, tmp_path):
    file = tmp_path / "firn.conf"
    file.write_text(line + "\n")
    result = run_firn("--config", str(file), "--in-memory", "--port", "0")
    assert (result.returncode, result.stdout) == (2, "") and f"{file}:1" in result.stderr


def test_hosts_that_are_none():
    for flags in (["--host", ""], ["--control-host", "a b"]):
        result = run_firn("--in-memory", "--port", "0", *flags)
        assert result.returncode == 2 and flags[0] in result.stderr, result.stderr


def test_a_port_file_that_cannot_be_written(tmp_path):
    file = tmp_path / "absent" / "port"
    assert_refuses_to_start("--port", "0", "--data-dir", str(tmp_path / "data"), "--log-level", "off",
                            "--port-file", str(file), names=[file])


# --- Stop


def test_an_idle_server_stops_at_once(start_firn):
    server = start_firn()
    # Also with connections open: one that asked something, and one that never said a word.
    with Glacier(server.port) as glacier, RawConnection(server.port):
        glacier.create_vault("v")
        begin = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begin < 2
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), 5)


def test_a_stop_lets_an_upload_finish(start_firn):
    server = start_firn("--timing", "instant")
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
    data = random_bytes(MEBIBYTE, "slow upload")
    headers = {name.replace("-", "_"): value for name, value in upload_headers(data).items()
               if name != "x-amz-glacier-version"}
    with RawConnection(server.port) as connection:
        connection.send(head("POST", "/-/vaults/v/archives", Content_Length=len(data), **headers))
        pieces = [data[i * len(data) // 8:(i + 1) * len(data) // 8] for i in range(8)]
        connection.send(pieces[0])
        time.sleep(0.2)
        server.terminate()
        for piece in pieces[1:]:
            time.sleep(0.1)
            assert server.is_running()
            assert connection.send(piece)
        answer = connection.read_answer()
    assert answer.status == 201
    assert server.wait() == 0
    server.start("--timing", "instant")
    with Glacier(server.port) as glacier:
        assert glacier.retrieve("v", answer.fields["x-amz-archive-id"]) == data


def test_a_stop_waits_only_so_long(start_firn):
    server = start_firn("--stop-timeout", "1s")
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
    with RawConnection(server.port) as connection:
        connection.send(head("POST", "/-/vaults/v/archives", Content_Length=100, x_amz_content_sha256="0" * 64,
                             x_amz_sha256_tree_hash="0" * 64) + b"never finished")
        time.sleep(0.3)
        begin = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begin < 5


# --- Data in memory


def memory_directory(server):
    """Where a server with --in-memory keeps its data: it has files open there."""
    for link in pathlib.Path(f"/proc/{server.pid}/fd").iterdir():
        try:
            target = pathlib.Path(os.readlink(link))
        except FileNotFoundError:
            continue
        if target.parent.name.startswith("firn-in-memory-"):
            return target.parent
    raise AssertionError("no directory in memory is open")


def test_data_in_memory_are_gone_after_a_stop(start_firn):
    server = start_firn("--in-memory", "--timing", "instant")
    directory = memory_directory(server)
    assert directory.parent == SHARED_MEMORY
    data = random_bytes(MEBIBYTE, "in memory")
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
        archive_id = glacier.upload("v", data).getheader("x-amz-archive-id")
        assert glacier.retrieve("v", archive_id) == data
    assert server.stop() == 0
    assert not directory.exists()
    assert not server.data_dir.exists()


def test_leftovers_of_a_killed_server_in_memory_are_removed(start_firn):
    killed, alive = start_firn("--in-memory"), start_firn("--in-memory")
    left, used = memory_directory(killed), memory_directory(alive)
    killed.kill()
    try:
        # Younger than a minute: it may be about to be used.
        start_firn("--in-memory").stop()
        assert left.is_dir()
        an_hour_ago = time.time() - 3600
        for directory in (left, used):
            os.utime(directory, (an_hour_ago, an_hour_ago))
        start_firn("--in-memory").stop()
        assert not left.exists()
        assert used.is_dir()
        assert alive.health()[0] == 200
    finally:
        shutil.rmtree(left, ignore_errors=True)


# --- Memory and time


def test_a_large_archive_needs_little_memory(start_firn):
    server = start_firn("--timing", "instant")
    count = 256
    seed = random_bytes(MEBIBYTE - 8, "large")
    pieces = [number.to_bytes(8, "big") + seed for number in range(count)]
    linear = hashlib.sha256()
    level = []
    for piece in pieces:
        linear.update(piece)
        level.append(hashlib.sha256(piece).digest())
    while len(level) > 1:
        level = [hashlib.sha256(level[i] + level[i + 1]).digest() for i in range(0, len(level), 2)]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    version = {"x-amz-glacier-version": "2012-06-01"}
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
        connection.request("POST", "/-/vaults/v/archives", iter(pieces), version | {
            "Content-Length": str(count * MEBIBYTE), "x-amz-content-sha256": linear.hexdigest(),
            "x-amz-sha256-tree-hash": level[0].hex()})
        response = connection.getresponse()
        assert (response.status, response.read()) == (201, b"{}")
        job_id = glacier.start_job("v", Type="archive-retrieval", ArchiveId=response.getheader("x-amz-archive-id"))
    connection.request("GET", f"/-/vaults/v/jobs/{job_id}/output", headers=version)
    response = connection.getresponse()
    assert (response.status, response.getheader("Content-Length")) == (200, str(count * MEBIBYTE))
    for number, piece in enumerate(pieces):
        assert response.read(MEBIBYTE) == piece, number
    connection.close()
    assert server.peak_memory_bytes() < 64 * MEBIBYTE or is_sanitized()


def test_a_slow_body_is_timed_out(start_firn):
    server = start_firn("--body-timeout", "1s")
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
    with RawConnection(server.port) as connection:
        connection.send(head("POST", "/-/vaults/v/archives", Content_Length=1000, x_amz_content_sha256="0" * 64,
                             x_amz_sha256_tree_hash="0" * 64))
        begin = time.monotonic()
        while not connection.has_answer():
            assert time.monotonic() - begin < 10
            connection.send(b"x")
            time.sleep(1)
        answer = connection.read_answer()
        assert connection.is_closed_by_peer()
    assert answer.status == 408
    assert json.loads(answer.body) == {
        "code": "RequestTimeoutException", "message": "Request timed out.", "type": "Client"}
    with Glacier(server.port) as glacier:
        _, _, description = glacier.call("GET", "/-/vaults/v")
        assert description["NumberOfArchives"] == 0
    wait_for(lambda: not list((server.data_dir / "incoming").iterdir()), 10, "the half of the upload is gone")


# --- Noise on the wire


@pytest.fixture(scope="module")
def noisy(start_firn):
    """A server with a vault `v`, an archive in it, and a job `job` for it that is done."""
    server = start_firn("--timing", "instant")
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
        server.archive_id = glacier.upload("v", random_bytes(MEBIBYTE, "noise")).getheader("x-amz-archive-id")
        server.job_id = glacier.start_job("v", Type="archive-retrieval", ArchiveId=server.archive_id)
    return server


@pytest.fixture(autouse=True)
def lives_and_stays_inside(request):
    """After each test with noise the server answers, and there is nothing new beside its data directory."""
    if "noisy" not in request.fixturenames:
        yield
        return
    server = request.getfixturevalue("noisy")
    pid, outside = server.pid, listing_outside_data(server)
    yield
    assert server.is_running() and server.pid == pid
    assert server.health()[0] == 200
    with Glacier(server.port) as glacier:
        assert len(glacier.output("v", server.job_id)) == MEBIBYTE
    assert listing_outside_data(server) == outside
    assert {path.name for path in server.data_dir.iterdir()} <= {
        "firn.db", "firn.db-wal", "firn.db-shm", "lock", "blobs", "incoming", "states"}
    assert all(re.fullmatch(r"[0-9a-f]{2}(/[0-9a-f]+)?", str(path.relative_to(server.data_dir / "blobs")))
               for path in (server.data_dir / "blobs").rglob("*"))


def listing_outside_data(server):
    return sorted(str(path) for path in server.directory.rglob("*") if server.data_dir not in path.parents)


def assert_refused_or_closed(server, data, statuses=(400,)):
    answer = ask(server.port, data)
    assert answer is None or answer.status in statuses, (data[:200], answer)
    return answer


def test_random_bytes(noisy):
    generator = random.Random("random bytes")
    for size in (1, 2, 10, 100, 1_000, 10_000, 100_000):
        for _ in range(10):
            assert_refused_or_closed(noisy, generator.randbytes(size))
    # A TLS client by mistake.
    assert_refused_or_closed(noisy, bytes.fromhex("1603010200010001fc0303") + generator.randbytes(500))


def test_changed_bytes_in_a_good_request(noisy):
    body = b'{"Type":"inventory-retrieval"}'
    good = head("POST", "/-/vaults/v/jobs", Content_Length=len(body)) + body
    generator = random.Random("changed bytes")
    for _ in range(150):
        data = bytearray(good)
        for _ in range(generator.randint(1, 4)):
            data[generator.randrange(len(data))] = generator.randrange(256)
        # Some changes make another good request, or one that lacks the rest of its body.
        answer = ask(noisy.port, bytes(data))
        assert answer is None or answer.status < 500 or answer.status in (501, 505), (bytes(data), answer)


def test_half_a_request(noisy):
    body = b'{"Type":"inventory-retrieval"}'
    whole = head("POST", "/-/vaults/v/jobs", Content_Length=len(body)) + body
    for length in (1, 4, 20, len(whole) - len(body) - 3, len(whole) - len(body), len(whole) - 1):
        assert_refused_or_closed(noisy, whole[:length])
        with RawConnection(noisy.port) as connection:
            connection.send(whole[:length])
    upload = head("POST", "/-/vaults/v/archives", Content_Length=MEBIBYTE,
                  x_amz_content_sha256="0" * 64, x_amz_sha256_tree_hash="0" * 64)
    for sent in (0, 1, 1000, MEBIBYTE // 2):
        with RawConnection(noisy.port) as connection:
            connection.send(upload + bytes(sent))
    wait_for(lambda: not list((noisy.data_dir / "incoming").iterdir()), 10, "halves of uploads are gone")
    with Glacier(noisy.port) as glacier:
        assert len(glacier.inventory("v")) == 1


@pytest.mark.parametrize("line", [b"X-Long: " + b"a" * (1 << 16), b"X-Many: value\r\n" * 4096],
                         ids=["one long line", "many lines"])
def test_a_head_of_100_megabytes_is_cut_off(noisy, line):
    before = noisy.peak_memory_bytes()
    with RawConnection(noisy.port) as connection:
        connection.send(b"GET /-/vaults HTTP/1.1\r\n")
        sent = 0
        while sent < 100_000_000 and not connection.has_answer():
            connection.send(line)
            sent += len(line)
        assert sent < 10_000_000
        answer = connection.read_answer()
        assert answer is None or answer.status in (400, 431)
        # Who goes on regardless gets nowhere.
        begin = time.monotonic()
        while connection.send(line):
            assert time.monotonic() - begin < 5
    assert noisy.peak_memory_bytes() < before + 16 * MEBIBYTE or is_sanitized()


@pytest.mark.parametrize("body", [
    b'{"Type":"inventory-retrieval","Description":"\xff\xfe"}', b"\xc0\x80", b"\xff" * 1000, b"\x00", b"nonsense",
    b'{"Type":"inventory-retrieval"', b'{"Type":"inventory-retrieval"}}', b"null", b'"text"', b"1e999999", b"-",
    b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b'{"Type":{"Type":{"Type":{}}}}',
    b'{"Type":"inventory-retrieval","InventoryRetrievalParameters":{"Limit":true}}',
], ids=lambda body: repr(body[:40]))
def test_broken_json(noisy, body):
    answer = ask(noisy.port, head("POST", "/-/vaults/v/jobs", Content_Length=len(body)) + body)
    assert (answer.status, answer.error_code()) == (400, "SerializationException")


def test_a_json_body_that_is_too_large(noisy):
    for fields in ({"Content_Length": 100_000_000}, {"Transfer_Encoding": "chunked"}):
        with RawConnection(noisy.port) as connection:
            connection.send(head("POST", "/-/vaults/v/jobs", **fields))
            sent = 0
            while sent < 100_000_000 and not connection.has_answer():
                connection.send(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
                sent += 0x10000
            assert sent < 20_000_000
            assert connection.read_answer().status in (400, 413)


NUMBERS = ["-1", "-0", "0x10", "1e3", "+1", " 1", "", "1.5", "NaN", "9" * 30, "-" + "9" * 30, str(2**63), str(2**64),
           "%00", "%31%00"]


@pytest.mark.parametrize("number", NUMBERS)
def test_strange_limits(noisy, number):
    for path in ("/-/vaults", "/-/vaults/v/jobs"):
        target = f"{path}?limit={number.replace(' ', '%20').replace('+', '%2B')}"
        answer = ask(noisy.port, head("GET", target))
        # None counts as no limit, a large one as the largest.
        fine = number == "" or (number.isdigit() and int(number) > 50)
        assert answer.status == (200 if fine else 400), (target, answer)


@pytest.mark.parametrize("number", NUMBERS)
def test_strange_content_lengths(noisy, number):
    for path in ("/-/vaults/v/jobs", "/-/vaults/v/archives"):
        # One with a space before it is a good one, of a body whose hash is wrong.
        assert_refused_or_closed(noisy, head("POST", path, Content_Length=number, x_amz_content_sha256="0" * 64,
                                             x_amz_sha256_tree_hash="0" * 64) + b"{}", (400, 403))


def test_two_content_lengths(noisy):
    two = head("POST", "/-/vaults/v/jobs", Content_Length=2).replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n")
    assert_refused_or_closed(noisy, two + b"{} ")
    both = head("POST", "/-/vaults/v/jobs", Content_Length=2, Transfer_Encoding="chunked")
    assert_refused_or_closed(noisy, both + b"2\r\n{}\r\n0\r\n\r\n")


@pytest.mark.parametrize("chunks", [b"-1\r\n", b"FFFFFFFFFFFFFFFFFF\r\n", b"7FFFFFFFFFFFFFFF\r\n", b"zz\r\n", b"\r\n",
                                    b"2\r\n{}xx"])
def test_strange_chunks(noisy, chunks):
    assert_refused_or_closed(noisy, head("POST", "/-/vaults/v/jobs", Transfer_Encoding="chunked") + chunks)


@pytest.mark.parametrize("number", NUMBERS)
def test_strange_ranges(noisy, number):
    for range_ in (f"bytes={number}-{number}", f"bytes={number}-", f"bytes=-{number}", f"bytes=0-{number}",
                   f"bytes=0-1,{number}-{number}"):
        answer = ask(noisy.port, head("GET", f"/-/vaults/v/jobs/{noisy.job_id}/output", Range=range_))
        # Not understood and ignored, cut to what there is, or behind the end.
        assert answer.status in (200, 206, 400), (range_, answer)
        if answer.status != 400:
            assert len(answer.body) == int(answer.fields["content-length"])
        body = json.dumps({"Type": "archive-retrieval", "ArchiveId": noisy.archive_id,
                           "RetrievalByteRange": range_.removeprefix("bytes=")})
        answer = ask(noisy.port, head("POST", "/-/vaults/v/jobs", Content_Length=len(body)) + body.encode())
        assert answer.status == 400, (body, answer)


# Raw targets that mean a file elsewhere to who takes them for paths.
STRANGE_NAMES = ["%2e%2e%2f", "%2e%2e%2fescaped", "..%2fescaped", "%2F", "%2Fescaped", "%2Ftmp%2Fescaped", "%00",
                 "v%00", "%", "%zz", "%5c..%5cescaped", "%c0%ae%c0%ae", "%ff", "v%0d%0aX:%20y", "a b", "a%20b", "v:z",
                 "%7e", "n" * 256, "n" * 5000]


@pytest.mark.parametrize("name", STRANGE_NAMES, ids=lambda name: name[:20])
def test_strange_vault_names(noisy, name):
    assert_refused_or_closed(noisy, head("PUT", f"/-/vaults/{name}"))
    for method, rest in (("GET", ""), ("GET", "/jobs"), ("GET", "/jobs/x/output"), ("DELETE", "/archives/x")):
        assert_refused_or_closed(noisy, head(method, f"/-/vaults/{name}{rest}"), (400, 404))
    data = random_bytes(100_000, "escape")
    upload = head("POST", f"/-/vaults/{name}/archives", Content_Length=len(data),
                  x_amz_content_sha256=linear_hash(data), x_amz_sha256_tree_hash=tree_hash(data))
    assert_refused_or_closed(noisy, upload + data, (400, 404))


@pytest.mark.parametrize("name", [".", "..", "...", "%2e", "%2e%2e"])
def test_dots_are_a_vault_name_like_any_other(noisy, name):
    legal = name.replace("%2e", ".")
    data = random_bytes(100_000, "dots")
    assert ask(noisy.port, head("PUT", f"/-/vaults/{name}")).status == 201
    answer = ask(noisy.port, head("GET", f"/-/vaults/{name}"))
    assert (answer.status, json.loads(answer.body)["VaultName"]) == (200, legal)
    upload = head("POST", f"/-/vaults/{name}/archives", Content_Length=len(data),
                  x_amz_content_sha256=linear_hash(data), x_amz_sha256_tree_hash=tree_hash(data)) + data
    answer = ask(noisy.port, upload)
    assert answer.status == 201
    with Glacier(noisy.port) as glacier:
        assert glacier.retrieve(name, answer.fields["x-amz-archive-id"]) == data


@pytest.mark.parametrize("target", [
    "/", "", "*", "//", "/-", "/-/", "/-//", "/-/vaults/v/../../../etc/passwd", "/../../etc/passwd", "/%2e%2e/%2e%2e/x",
    "http://user@example.com/-/vaults", "/-/vaults/v/jobs/../archives", "/-/vaults?limit=1&limit=%", "/-/vaults/v#fragment",
    "/-/vaults/v/jobs/" + "j" * 10_000 + "/output", "/-/vaults/v/jobs/%2e%2e%2f%2e%2e/output", "/12345/vaults",
    "/-/vaults?marker=" + "m" * 10_000, "/-/vaults/v/jobs?marker=%00", "/_firn/", "/_firn/../-/vaults", "/_firn/%00"],
    ids=lambda target: target[:30])
def test_strange_targets(noisy, target):
    for method in ("GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH", "BREW", "CONNECT"):
        assert_refused_or_closed(noisy, head(method, target), (400, 403, 404, 405))


def test_strange_versions_and_fields(noisy):
    for data in (b"GET /-/vaults HTTP/9.9\r\n\r\n", b"GET /-/vaults\r\n\r\n", b"GET  /-/vaults  HTTP/1.1\r\n\r\n",
                 b"GET /-/vaults HTTP/1.1\r\nno colon\r\n\r\n", b"GET /-/vaults HTTP/1.1\r\n: no name\r\n\r\n",
                 b"GET /-/vaults HTTP/1.1\r\nname : value\r\n\r\n", b"GET /-/vaults HTTP/1.1\r\na: \x00\r\n\r\n",
                 head("GET", "/-/vaults", Authorization="AWS4-HMAC-SHA256 Credential=" + "/" * 5000),
                 head("GET", "/-/vaults", Authorization="\xff" * 100)):
        assert_refused_or_closed(noisy, data, (400, 403, 505))
