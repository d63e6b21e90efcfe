-- Times are milliseconds since the Unix epoch. Every record takes the next value of one counter as its key, so that a
-- key is never used twice and tells the order of creation.

CREATE TABLE counter (
    last_number INTEGER NOT NULL
);
INSERT INTO counter VALUES (0);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE vaults (
    vault_pk          INTEGER PRIMARY KEY,
    account           TEXT NOT NULL,
    region            TEXT NOT NULL,
    name              TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    -- The live state.
    archive_count     INTEGER NOT NULL DEFAULT 0,
    archive_bytes     INTEGER NOT NULL DEFAULT 0,
    written_at        INTEGER,            -- last upload or deletion of an archive
    -- The last inventory, which knows all changes up to inventory_number.
    inventory_at      INTEGER,
    inventory_number  INTEGER,
    inventory_count   INTEGER NOT NULL DEFAULT 0,
    inventory_bytes   INTEGER NOT NULL DEFAULT 0,
    inventory_first_at INTEGER,           -- when the vault's first inventory was made
    inventory_due_at  INTEGER,            -- set by a write, cleared by the inventory that sees it
    UNIQUE (account, region, name)
);
CREATE INDEX vaults_by_inventory_due ON vaults (inventory_due_at) WHERE inventory_due_at IS NOT NULL;

-- A deleted archive stays as a row until its vault goes: the last inventory may still list it, jobs refer to it, and
-- deleting it again must succeed. Its bytes do not stay.
CREATE TABLE archives (
    archive_pk      INTEGER PRIMARY KEY,
    vault_pk        INTEGER NOT NULL,
    archive_id      TEXT NOT NULL UNIQUE,
    description     TEXT NOT NULL,
    size_bytes      INTEGER NOT NULL,
    tree_hash       BLOB NOT NULL,
    created_at      INTEGER NOT NULL,
    created_number  INTEGER NOT NULL,
    deleted_number  INTEGER
);
CREATE INDEX archives_by_vault ON archives (vault_pk, created_number);

-- The bytes of archives and of inventory outputs, in pieces. owner_pk is an archive_pk or a job_pk.
CREATE TABLE blobs (
    blob_pk     INTEGER PRIMARY KEY,
    owner_pk    INTEGER NOT NULL,
    first_byte  INTEGER NOT NULL,
    size_bytes  INTEGER NOT NULL,
    tree_hash   BLOB NOT NULL,
    file        TEXT,                     -- name in the blob directory, or
    data        BLOB,                     -- the bytes themselves when they are few
    leaves      BLOB,                     -- digests of each MiB; NULL for one leaf, which is tree_hash
    UNIQUE (owner_pk, first_byte)
);

CREATE INDEX blobs_by_file ON blobs (file) WHERE file IS NOT NULL;

CREATE TABLE jobs (
    job_pk             INTEGER PRIMARY KEY,
    vault_pk           INTEGER NOT NULL,
    job_id             TEXT NOT NULL UNIQUE,
    action             INTEGER NOT NULL,  -- storage::JobAction
    status             INTEGER NOT NULL,  -- storage::JobStatus
    status_message     TEXT,
    description        TEXT,
    sns_topic          TEXT,
    created_at         INTEGER NOT NULL,
    due_at             INTEGER NOT NULL,  -- the next change: completion, then expiry
    completed_at       INTEGER,
    -- Archive retrieval.
    tier               TEXT,
    archive_pk         INTEGER,
    archive_id         TEXT,
    archive_size_bytes INTEGER,
    archive_tree_hash  BLOB,
    first_byte         INTEGER,
    last_byte          INTEGER,
    range_tree_hash    BLOB,              -- NULL when the range is not tree-hash aligned
    -- Inventory retrieval.
    format             TEXT,
    start_at           INTEGER,
    end_at             INTEGER,
    entry_limit        INTEGER,
    from_number        INTEGER,           -- where the page begins: an archive's created_number
    next_number        INTEGER,           -- where the next page begins, known after completion
    output_size_bytes  INTEGER
);
CREATE INDEX jobs_by_vault ON jobs (vault_pk, status, job_pk);
CREATE INDEX jobs_by_due ON jobs (due_at);
CREATE INDEX jobs_by_archive ON jobs (archive_pk) WHERE archive_pk IS NOT NULL;
