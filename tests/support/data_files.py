"""Compares the files of a data directory with the rows of its databases."""
import contextlib
import sqlite3

from waiting import wait_for

# Archives whose bytes are incomplete, and bytes without an owner.
_INCOMPLETE = ("SELECT archive_id FROM archives WHERE deleted_number IS NULL AND size_bytes <>"
               " (SELECT coalesce(sum(size_bytes), 0) FROM blobs WHERE owner_pk = archive_pk)")
_LEFT_OVER = ("SELECT owner_pk FROM blobs WHERE owner_pk NOT IN (SELECT archive_pk FROM archives"
              " UNION SELECT upload_pk FROM uploads UNION SELECT job_pk FROM jobs)")


def _files_named_by(database_file):
    database = sqlite3.connect(f"file:{database_file}?mode=ro", uri=True)
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], database_file
        assert database.execute(_INCOMPLETE).fetchall() == [], database_file
        assert database.execute(_LEFT_OVER).fetchall() == [], database_file
        return dict(database.execute("SELECT file, size_bytes FROM blobs WHERE file IS NOT NULL"))
    finally:
        database.close()


def blob_files(data_dir):
    """The names of the files that hold bytes of archives, parts and outputs."""
    return {path.name for path in (data_dir / "blobs").rglob("*") if path.is_file()}


def check_files(data_dir):
    """Asserts that the databases are sound and that exactly the files exist that their rows name. For a server that has
    just started: it deletes files without a row in the background."""
    assert list((data_dir / "incoming").iterdir()) == []
    known = _files_named_by(data_dir / "firn.db")
    for snapshot in (data_dir / "states").glob("*.db"):
        known |= _files_named_by(snapshot)

    def files():
        found = {}
        for path in (data_dir / "blobs").glob("*/*"):
            with contextlib.suppress(FileNotFoundError):  # swept meanwhile
                found[path.name] = path.stat().st_size
        return found

    without_file = known.keys() - files().keys()
    assert not without_file, f"rows without a file: {without_file}"
    wait_for(lambda: files().keys() <= known.keys(), 10, "every file is named by a row")
    assert files() == known
