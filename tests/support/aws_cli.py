"""The AWS command line, without the configuration of the user who runs the tests."""
import concurrent.futures
import json
import subprocess

from firn_server import clean_environment
from waiting import patient

# Debian's program. Where it is missing, the tests that use it fail; a skipped test of a client would prove nothing.
AWS = "/usr/bin/aws"
CLIENT_ERRORS = (254, 255)


class Aws:
    """Runs `aws glacier COMMAND …` in a folder of its own, without the user's configuration.

    Ids are given as --job-id=ID, because one may begin with a dash.
    """

    def __init__(self, url, folder):
        self.url = url
        self.folder = folder

    def environment(self, **variables):
        # PYTHONPATH would put the tests' modules before the command's own.
        kept = {name: value for name, value in clean_environment().items() if name != "PYTHONPATH"}
        return kept | {
            "HOME": str(self.folder), "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true",
        } | variables

    def run(self, command, *arguments, endpoint=True, **variables):
        where = ["--endpoint-url", self.url] if endpoint else []
        return subprocess.run([AWS, *where, "glacier", *command.split(), "--account-id", "-", *arguments],
                              cwd=self.folder, env=self.environment(**variables), capture_output=True, text=True,
                              timeout=patient(60), check=False)

    def __call__(self, command, *arguments, **options):
        """What the command prints, as JSON; None when it prints nothing."""
        result = self.run(command, *arguments, **options)
        assert result.returncode == 0, f"aws glacier {command}: {result.stderr}"
        return json.loads(result.stdout) if result.stdout.strip() else None

    def error(self, command, *arguments):
        result = self.run(command, *arguments)
        assert result.returncode in CLIENT_ERRORS, (result.returncode, result.stdout, result.stderr)
        return result.stderr.strip()


def at_once(*calls):
    """The results of several calls that run in parallel, because most of the time of `aws` is its start."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [pending.result() for pending in [pool.submit(*call) for call in calls]]
