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

-- A deleted archive stays as a row until its vault is deleted: the last inventory may still list it, jobs refer to it, and
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

-- A multipart upload has the key that its archive will have, so that completing it moves no blob. A completed or aborted
-- one is remembered for a while: both calls may be repeated.
CREATE TABLE uploads (
    upload_pk       INTEGER PRIMARY KEY,
    vault_pk        INTEGER NOT NULL,
    upload_id       TEXT NOT NULL UNIQUE,
    description     TEXT,
    part_size_bytes INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    state           INTEGER NOT NULL,     -- storage::UploadState
    archive_id      TEXT,                 -- once completed
    due_at          INTEGER NOT NULL      -- when it is dropped
);
CREATE INDEX uploads_by_vault ON uploads (vault_pk, state, upload_pk);
CREATE INDEX uploads_by_due ON uploads (due_at);

-- The bytes of archives, of parts and of inventory outputs, in pieces. owner_pk is an archive_pk (or upload_pk) or a
-- job_pk.
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

-- Access policies and notification configurations: stored and given back as they are.
CREATE TABLE vault_documents (
    vault_pk INTEGER NOT NULL,
    kind     INTEGER NOT NULL,            -- storage::VaultDocument
    text     TEXT NOT NULL,
    PRIMARY KEY (vault_pk, kind)
) WITHOUT ROWID;

CREATE TABLE tags (
    vault_pk INTEGER NOT NULL,
    key      TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (vault_pk, key)
) WITHOUT ROWID;

CREATE TABLE vault_locks (
    vault_pk   INTEGER PRIMARY KEY,
    lock_id    TEXT NOT NULL,
    policy     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at     INTEGER                    -- when the attempt ends; NULL once locked
);
CREATE INDEX vault_locks_by_due ON vault_locks (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE data_retrieval_policies (
    account        TEXT NOT NULL,
    region         TEXT NOT NULL,
    strategy       TEXT NOT NULL,
    bytes_per_hour INTEGER,
    PRIMARY KEY (account, region)
) WITHOUT ROWID;

CREATE TABLE capacity_units (
    unit_pk     INTEGER PRIMARY KEY,
    account     TEXT NOT NULL,
    region      TEXT NOT NULL,
    capacity_id TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    due_at      INTEGER NOT NULL          -- when it ends
);
CREATE INDEX capacity_units_by_owner ON capacity_units (account, region);
CREATE INDEX capacity_units_by_due ON capacity_units (due_at);
