"""firn as the HTTP proxy of clients that keep Glacier's own endpoint."""
import subprocess

import boto3
import pytest
from aws_cli import Aws
from botocore.config import Config
from glacier_data import random_bytes, tree_hash

ENDPOINT = "http://glacier.us-east-1.amazonaws.com"
VERSION = "x-amz-glacier-version: 2012-06-01"


@pytest.fixture(scope="module")
def firn(start_firn):
    return start_firn("--in-memory", "--timing", "instant")


def curl(firn, *arguments):
    """The body and, after a space, the status."""
    result = subprocess.run(["curl", "-sS", "-w", " %{http_code}", "-x", firn.url, *arguments],
                            capture_output=True, text=True, timeout=30, check=False)
    return result.stdout, result.returncode


def test_curl(firn):
    assert curl(firn, "-H", VERSION, "-X", "PUT", f"{ENDPOINT}/-/vaults/curl") == ("{} 201", 0)
    listing, _ = curl(firn, "-H", VERSION, f"{ENDPOINT}:80/-/vaults?limit=1")
    assert listing.startswith('{"Marker":') and listing.endswith(" 200")
    assert curl(firn, "-H", VERSION, ENDPOINT)[0].endswith(" 400")


def test_a_tunnel_is_refused(firn):
    output, code = curl(firn, "-H", VERSION, "https://glacier.us-east-1.amazonaws.com/-/vaults")
    assert code != 0 and output.endswith(" 000")


def test_the_name_in_the_address_decides_who_may_use_the_control_surface(firn):
    assert curl(firn, "http://evil.example/_firn/clock", "-H", "Host: localhost")[0].endswith(" 403")
    assert curl(firn, "http://127.0.0.2:1/_firn/clock", "-H", "Host: evil.example")[0].endswith(" 200")


def test_boto3(firn):
    glacier = boto3.client("glacier", endpoint_url=ENDPOINT, region_name="us-east-1", aws_access_key_id="test",
                           aws_secret_access_key="test",
                           config=Config(proxies={"http": firn.url}, retries={"max_attempts": 0}))
    content = random_bytes(5000, "proxy")
    assert glacier.create_vault(vaultName="boto3")["location"] == "/000000000000/vaults/boto3"
    archive = glacier.upload_archive(vaultName="boto3", body=content)
    assert archive["checksum"] == tree_hash(content)
    job = glacier.initiate_job(vaultName="boto3", jobParameters={
        "Type": "archive-retrieval", "ArchiveId": archive["archiveId"]})["jobId"]
    assert glacier.get_job_output(vaultName="boto3", jobId=job)["body"].read() == content


def test_the_aws_command(firn, tmp_path):
    aws = Aws(ENDPOINT, tmp_path)
    assert aws("create-vault", "--vault-name", "aws", http_proxy=firn.url) == {
        "location": "/000000000000/vaults/aws"}
