"""What a client needs without an SDK: bytes of archives, their hashes, and a connection."""
import functools
import hashlib
import http.client
import json
import random

from waiting import patient

MEBIBYTE = 1 << 20


def tree_nodes(data):
    """All nodes of the tree over the MiB of `data`, as {(first MiB, MiB after the last): digest}.

    Follows the definition: each level joins pairs of neighbours, and the last node of an odd level goes up unchanged.
    """
    level = [(i, i + 1, hashlib.sha256(data[i * MEBIBYTE:(i + 1) * MEBIBYTE]).digest())
             for i in range(max(1, -(-len(data) // MEBIBYTE)))]
    nodes = {}
    while True:
        nodes.update({(first, end): digest for first, end, digest in level})
        if len(level) == 1:
            return nodes
        level = [(pair[0][0], pair[-1][1],
                  hashlib.sha256(pair[0][2] + pair[1][2]).digest() if len(pair) == 2 else pair[0][2])
                 for pair in (level[i:i + 2] for i in range(0, len(level), 2))]


def tree_hash(data):
    nodes = tree_nodes(data)
    return nodes[max(nodes, key=lambda node: node[1] - node[0])].hex()


def linear_hash(data):
    return hashlib.sha256(data).hexdigest()


def random_bytes(size, seed):
    return random.Random(seed).randbytes(size)


def patterned_bytes(size, seed):
    """Bytes that compress well and yet differ at any distance of a power of two, where parts and blocks begin."""
    return (random_bytes(1021, seed) * (size // 1021 + 1))[:size]


def named_bytes(name, size):
    """At most 8 MiB, which begin with the name, so that they show which archive they are."""
    assert size <= 8 * MEBIBYTE
    return (name.encode() + _pool())[:size]


@functools.cache
def _pool():
    return random_bytes(8 * MEBIBYTE, "pool")


def signed_by(account, region):
    """The header that names the caller. firn reads account and region there and does not check the signature."""
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={account}/20300101/{region}/glacier/aws4_request, "
                             "SignedHeaders=host, Signature=00"}


def upload_headers(data, description=None):
    headers = {
        "x-amz-glacier-version": "2012-06-01",
        "x-amz-content-sha256": linear_hash(data),
        "x-amz-sha256-tree-hash": tree_hash(data),
    }
    if description is not None:
        headers["x-amz-archive-description"] = description
    return headers


class Glacier:
    """One connection that sends requests as they are: no retry, no check of anything. `headers` go with each."""

    def __init__(self, port, timeout=20, headers=None):
        self._headers = {"x-amz-glacier-version": "2012-06-01"} | (headers or {})
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patient(timeout))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._connection.close()

    def call(self, method, path, body=b"", headers=None):
        """The response, its body, and the body as JSON if it is. A header that is None is not sent."""
        all_headers = self._headers | (headers or {})
        all_headers = {name: value for name, value in all_headers.items() if value is not None}
        self._connection.request(method, path, body, all_headers)
        response = self._connection.getresponse()
        content = response.read()
        is_json = response.getheader("Content-Type") == "application/json"
        return response, content, json.loads(content) if is_json and content else None

    def create_vault(self, vault):
        response, _, _ = self.call("PUT", f"/-/vaults/{vault}")
        assert response.status == 201

    def upload(self, vault, data, description=None):
        """The response of an upload; its header x-amz-archive-id is the id."""
        response, _, _ = self.call("POST", f"/-/vaults/{vault}/archives", data, upload_headers(data, description))
        return response

    def start_job(self, vault, **parameters):
        response, content, _ = self.call("POST", f"/-/vaults/{vault}/jobs", json.dumps(parameters))
        assert response.status == 202, content
        return response.getheader("x-amz-job-id")

    def output(self, vault, job_id):
        response, content, _ = self.call("GET", f"/-/vaults/{vault}/jobs/{job_id}/output")
        assert response.status == 200, content
        return content

    def inventory(self, vault):
        """The archives that an inventory lists. For servers whose jobs finish at once."""
        return json.loads(self.output(vault, self.start_job(vault, Type="inventory-retrieval")))["ArchiveList"]

    def retrieve(self, vault, archive_id):
        """The bytes of an archive. For servers whose jobs finish at once."""
        return self.output(vault, self.start_job(vault, Type="archive-retrieval", ArchiveId=archive_id))
