"""Large bodies: how much of what disk, hashing and network allow firn makes use of."""
import time

from load import bulk
from measure import Row, at_most, figures, in_turn, ratio_at_least
from stage import BenchError, Client


def size_mib(stage):
    return 128 if stage.quick else 1024


def rounds(stage):
    return 1 if stage.quick else 5


def speeds(results, mib):
    """MB/s, as disks and networks count."""
    return [mib * (1 << 20) / seconds / 1e6 for seconds in figures(results, "seconds")]


def to_sink(sink, command, *sizes):
    result = bulk(command, sink.port, "/", *sizes)
    for file in sink.data_dir.iterdir():
        file.unlink()
    return result


def upload(stage):
    """one connection, both hashes given; against a sink that receives, hashes on a second thread, writes and syncs"""
    mib = size_mib(stage)
    stage.require_disk(3 * mib << 20)
    firn, sink = stage.firn(), stage.sink()
    client = Client(firn.port)
    client.create_vault("bench")

    def to_firn():
        result = bulk("post", firn.port, "/-/vaults/bench/archives", mib)
        client.call("DELETE", f"/-/vaults/bench/archives/{result['archive_id']}", expect=204)
        return result

    mine, other = in_turn(rounds(stage), to_firn, lambda: to_sink(sink, "post", mib))
    yield Row(f"UploadArchive of {mib} MiB", "MB/s", speeds(mine, mib), speeds(other, mib), ratio_at_least(0.9))
    hashing = [bulk("hash", mib) for _ in range(rounds(stage))]

    def hashed(way):
        return [mib * (1 << 20) / result[f"{way}_seconds"] / 1e6 for result in hashing]

    yield Row("  both hashes in memory, against OpenSSL in series", "MB/s", hashed("firn"), hashed("series"),
              ratio_at_least(1))
    yield Row("  the same against one hash by OpenSSL", "MB/s", hashed("firn"), hashed("once"))
    firn.stop()
    sink.stop()


class MultipartUpload:
    def __init__(self, firn, vault, mib, part_mib):
        self._client = Client(firn.port)
        self._vault, self._mib = vault, mib
        response, _ = self._client.call("POST", f"/-/vaults/{vault}/multipart-uploads", expect=201,
                                        x_amz_part_size=part_mib << 20)
        self._target = f"/-/vaults/{vault}/multipart-uploads/{response.getheader('x-amz-multipart-upload-id')}"
        self.sent = bulk("put", firn.port, self._target, mib, part_mib, 4)

    def complete(self):
        """Seconds that the call took. The hash of the whole must be right, or firn refuses."""
        start = time.perf_counter()
        response, _ = self._client.call("POST", self._target, expect=201, x_amz_archive_size=self._mib << 20,
                                        x_amz_sha256_tree_hash=self.sent["tree_hash"])
        seconds = time.perf_counter() - start
        self._archive_id = response.getheader("x-amz-archive-id")
        return seconds

    def delete_archive(self):
        self._client.call("DELETE", f"/-/vaults/{self._vault}/archives/{self._archive_id}", expect=204)


def multipart(stage):
    """parts over 4 connections against 4 such sinks; then the time of the one call that makes them an archive"""
    mib = size_mib(stage)
    stage.require_disk(3 * mib << 20)
    firn, sink = stage.firn(), stage.sink()
    Client(firn.port).create_vault("bench")

    def to_firn():
        uploaded = MultipartUpload(firn, "bench", mib, 16)
        uploaded.complete()
        uploaded.delete_archive()
        return uploaded.sent

    mine, other = in_turn(rounds(stage), to_firn, lambda: to_sink(sink, "put", mib, 16, 4))
    yield Row(f"{mib} MiB in parts of 16 MiB", "MB/s", speeds(mine, mib), speeds(other, mib), ratio_at_least(0.9))
    sink.stop()
    for parts, repetitions in {10: 1, 100: 1}.items() if stage.quick else {10: 5, 1_000: 3, 10_000: 3}.items():
        yield completion_row(stage, firn, parts, repetitions)
    firn.stop()


def completion_row(stage, firn, parts, repetitions):
    stage.require_disk(parts << 20)
    milliseconds = []
    for _ in range(repetitions):
        uploaded = MultipartUpload(firn, "bench", parts, 1)
        milliseconds.append(uploaded.complete() * 1000)
        uploaded.delete_archive()
    return Row(f"CompleteMultipartUpload, {parts:,} parts", "ms", milliseconds, target=at_most(10))


def stored_archive(firn, mib):
    """The path of the output of a job that retrieves an archive of so many MiB."""
    client = Client(firn.port)
    client.create_vault("bench")
    archive_id = bulk("post", firn.port, "/-/vaults/bench/archives", mib)["archive_id"]
    job_id = client.start_job("bench", Type="archive-retrieval", ArchiveId=archive_id)
    return f"/-/vaults/bench/jobs/{job_id}/output"


def download(stage):
    """one connection, from memory; against nginx with sendfile"""
    mib = size_mib(stage)
    stage.require_disk(2 * mib << 20)
    firn, nginx = stage.firn("--timing", "instant"), stage.nginx()
    output = stored_archive(firn, mib)
    bulk("write", stage.www / "large", mib)
    for range_mib, name in ((0, "whole"), (64, "in ranges of 64 MiB")):
        # Every byte once, which also brings the files into memory; later only the number of each MiB.
        bulk("get", firn.port, output, mib, range_mib, "check")
        bulk("get", nginx.port, "/large", mib, range_mib, "check")
        mine, other = in_turn(rounds(stage), lambda: bulk("get", firn.port, output, mib, range_mib),
                              lambda: bulk("get", nginx.port, "/large", mib, range_mib))
        yield Row(f"GetJobOutput of {mib} MiB, {name}", "MB/s", speeds(mine, mib), speeds(other, mib),
                  ratio_at_least(0.9))
    (stage.www / "large").unlink()
    firn.stop()


def memory(stage):
    """one firn: before, during and after the upload and the download of one archive; targets are above rest"""
    mib = size_mib(stage)
    stage.require_disk(mib << 20)
    firn = stage.firn("--timing", "instant")
    Client(firn.port).call("GET", "/_firn/health")
    time.sleep(0.5)
    rest = firn.memory_bytes("VmRSS")
    bulk("get", firn.port, stored_archive(firn, mib), mib, 0, "check")
    peak = firn.memory_bytes("VmHWM")
    time.sleep(0.5)
    after = firn.memory_bytes("VmRSS")
    if peak < rest:
        raise BenchError("the peak is below the rest")
    yield Row("at rest", "MiB", [rest / (1 << 20)], target=at_most(12))
    yield Row(f"added at the peak, {mib} MiB up and down", "MiB", [(peak - rest) / (1 << 20)], target=at_most(16))
    yield Row("added when all is done", "MiB", [(after - rest) / (1 << 20)], target=at_most(4))
    firn.stop()
