"""boto3 clients of a server under test."""
import boto3
from botocore.config import Config
from waiting import patient


def client_of(server, access_key="test", region="us-east-1", retries=0, read_timeout=patient(30)):
    """A client without retries by default, because a retry would hide an error."""
    return boto3.client("glacier", endpoint_url=server.url, region_name=region, aws_access_key_id=access_key,
                        aws_secret_access_key="any",
                        config=Config(retries={"mode": "standard", "max_attempts": retries}, connect_timeout=10,
                                      read_timeout=read_timeout))
