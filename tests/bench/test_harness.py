"""That the benchmark runs, not how fast: two groups that need no other server and no other load generator."""
import json
import os
import pathlib
import subprocess

BENCH = pathlib.Path(__file__).parent
BUILD = BENCH.parent.parent / "build"
MEASURED = 0, 1  # 1: a target was missed, as it may be beside other tests


def test_measures_and_cleans_up(tmp_path):
    before = set(BUILD.glob("bench-*"))
    done = subprocess.run([BENCH / "run", "--quick", "upload", "memory", "--json", tmp_path / "report.json"],
                          capture_output=True, text=True, timeout=240, check=False, env=os.environ)
    assert done.returncode in MEASURED, done.stdout + done.stderr
    upload, memory = json.loads((tmp_path / "report.json").read_text())["groups"]
    assert len(upload["rows"]) == len(memory["rows"]) == 3
    assert all(row["firn"] >= 0 for row in [*upload["rows"], *memory["rows"]])
    assert upload["rows"][0]["ratio"] > 0
    assert set(BUILD.glob("bench-*")) <= before


def test_a_group_that_cannot_run_is_an_error():
    done = subprocess.run([BENCH / "run", "--quick", "memory"], capture_output=True, text=True, timeout=240,
                          check=False, env={**os.environ, "FIRN_BINARY": "/bin/true"})
    assert done.returncode == 2
    assert "ERROR" in done.stdout
