#include "storage/snapshots/snapshot_file.hpp"

#include <algorithm>
#include <system_error>

#include "storage/hash/content_hash.hpp"
#include "storage/sqlite/schema.hpp"

namespace firn::storage {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t chunk_size_bytes = 1 << 20;
constexpr char database_entry[] = "firn.db";
// "firn" in PRAGMA application_id, by which file(1) and this program recognise the file.
constexpr int application_id = 0x6669726e;

constexpr char schema[] = R"(
    CREATE TABLE files (name TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, tree_hash BLOB NOT NULL);
    CREATE TABLE chunks (
        name TEXT NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (name, number)))";

// Calls `visit` with the bytes of a file, a MiB at a time. Returns their tree hash.
Digest visit_file(File const& file, std::function<void(std::span<std::byte const>)> const& visit) {
    ContentHash hash;
    std::vector<std::byte> buffer(chunk_size_bytes);
    for (auto left = file.size_bytes(), offset = std::uint64_t{0}; left > 0;) {
        auto const chunk = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), left));
        file.read_all(chunk, offset);
        hash.update(chunk);
        visit(chunk);
        left -= chunk.size();
        offset += chunk.size();
    }
    return hash.finish().tree;
}

Digest write_entry(Connection& target, std::string const& name, File const& file) {
    std::int64_t number = 0;
    auto const tree_hash = visit_file(file, [&](std::span<std::byte const> chunk) {
        target.query("INSERT INTO chunks VALUES (?1, ?2, ?3)").bind(name, number++, chunk).run();
    });
    auto query = target.query("INSERT INTO files VALUES (?1, ?2, ?3)");
    query.bind(name, file.size_bytes(), tree_hash).run();
    return tree_hash;
}

void write_entries(Connection& target, File const& database_file, fs::path const& database,
                   BlobDirectory const& blobs) {
    // Nobody reads the file before it is complete, so it needs neither log nor journal.
    target.execute("PRAGMA journal_mode = DELETE");
    target.execute("PRAGMA journal_mode = OFF");
    target.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
    target.execute("BEGIN");
    target.execute(schema);
    write_entry(target, database_entry, database_file);
    Connection snapshot(database, Connection::Immutable());
    auto query = snapshot.query("SELECT DISTINCT file, tree_hash FROM blobs WHERE file IS NOT NULL");
    while (query.step()) {
        std::string name;
        Digest tree_hash;
        query.read(name, tree_hash);
        if (write_entry(target, name, blobs.open(name)) != tree_hash) {
            throw std::runtime_error("blob file " + name + " is damaged");
        }
    }
    target.execute("COMMIT");
}

// Runs `function` on data from elsewhere, where an error of SQLite is the data's fault.
template <typename Function>
auto as_import(Function const& function) {
    try {
        return function();
    } catch (SQLite::Exception const& error) {
        throw ImportError("the file is not an exported snapshot or is damaged: " + std::string(error.what()));
    }
}

// Allows two million years on both sides of 1970, so that no calculation with times overflows.
void require_times(Connection& database) {
    auto query = database.query(R"(
        SELECT m.name, c.name FROM sqlite_schema AS m, pragma_table_xinfo(m.name) AS c
        WHERE m.type = 'table' AND c.name LIKE '%\_at' ESCAPE '\')");
    while (query.step()) {
        std::string table;
        std::string column;
        query.read(table, column);
        std::string sql = "SELECT count(*) FROM ";
        sql.append(table).append(" WHERE ").append(column).append(" IS NOT NULL AND (typeof(");
        sql.append(column).append(") <> 'integer' OR ").append(column);
        sql.append(" NOT BETWEEN -(1 << 56) AND 1 << 56)");
        if (database.database().execAndGet(sql).getInt64() > 0) {
            throw ImportError("the snapshot holds a value that is not a valid time");
        }
    }
}

void require_restorable(Connection& database) {
    auto const count = [&](char const* sql) { return database.database().execAndGet(sql).getInt64(); };
    auto const version = count("PRAGMA user_version");
    auto const newest = static_cast<std::int64_t>(migrations.size());
    if (version > newest) {
        throw ImportError("the snapshot has schema version " + std::to_string(version) +
                          ", this firn knows " + std::to_string(newest) +
                          ": it was written by a newer version of firn");
    }
    // The hash proves that these bytes were exported, not that SQLite can read them.
    auto const verdict = database.database().execAndGet("PRAGMA quick_check(1)").getString();
    if (verdict != "ok") throw ImportError("the file holds a damaged database: " + verdict);
    // Nothing may be missing, and nothing added: a foreign trigger would run in every transaction.
    if (version < 1 || !has_schema_of_its_version(database)) {
        throw ImportError("the file does not hold a database of firn");
    }
    require_times(database);
}

}  // namespace

void write_snapshot_file(File const& database_file, fs::path const& database, BlobDirectory const& blobs,
                         fs::path const& target) {
    auto const folder = fs::absolute(target).parent_path();
    PreparedDatabase prepared(folder, target.filename().string() + ".part", true);
    prepared.change(
        [&](Connection& connection) { write_entries(connection, database_file, database, blobs); });
    prepared.finish();
    rename_file(prepared.path(), target);
    sync_directory(folder);
}

SnapshotFileImport::SnapshotFileImport(fs::path const& file, BlobDirectory& blobs) try
    : connection_(file, Connection::Immutable()), blobs_(blobs) {
    as_import([this] { require_snapshot_file(); });
} catch (SQLite::Exception const& error) {
    throw ImportError(file.string() + " cannot be opened: " + error.what());
}

SnapshotFileImport::~SnapshotFileImport() {
    for (auto const& name : added_) blobs_.release(name);
    if (!kept_) blobs_.remove(0, std::move(added_));
}

void SnapshotFileImport::require_snapshot_file() {
    if (connection_.database().execAndGet("PRAGMA application_id").getInt() != application_id) {
        throw ImportError("the file is not an exported snapshot");
    }
}

SnapshotFileImport::Entry SnapshotFileImport::entry_of(std::string const& name) {
    auto query = connection_.query("SELECT size_bytes, tree_hash FROM files WHERE name = ?1");
    query.bind(name);
    if (!query.step()) throw ImportError("the file is damaged: " + name + " is missing");
    Entry entry{name};
    query.read(entry.size_bytes, entry.tree_hash);
    return entry;
}

void SnapshotFileImport::read_chunks(Entry const& entry, Visit const& visit) {
    auto query = connection_.query("SELECT bytes FROM chunks WHERE name = ?1 ORDER BY number");
    query.bind(entry.name);
    ContentHash hash;
    std::uint64_t size_bytes = 0;
    while (query.step()) {
        std::span<std::byte const> bytes;
        query.read(bytes);
        size_bytes += bytes.size();
        if (size_bytes > entry.size_bytes) break;
        hash.update(bytes);
        visit(bytes);
    }
    if (size_bytes != entry.size_bytes || hash.finish().tree != entry.tree_hash) {
        throw ImportError("the file is damaged: the bytes of " + entry.name +
                          " are not those that were exported");
    }
}

void SnapshotFileImport::read_database(PreparedDatabase& prepared) {
    as_import([&] {
        read_chunks(entry_of(database_entry),
                    [&](std::span<std::byte const> bytes) { prepared.file().write_all(bytes); });
        Connection database(prepared.path(), Connection::Immutable());
        require_restorable(database);
    });
}

void SnapshotFileImport::read_blobs(fs::path const& database) {
    as_import([&] {
        Connection snapshot(database, Connection::Immutable());
        auto query = snapshot.query("SELECT file, size_bytes, tree_hash FROM blobs WHERE file IS NOT NULL");
        while (query.step()) {
            Entry blob;
            query.read(blob.name, blob.size_bytes, blob.tree_hash);
            // The name becomes a part of a path.
            if (!BlobDirectory::is_name(blob.name)) {
                throw ImportError("the snapshot holds the name of a blob file that is not one of firn's");
            }
            read_blob(blob);
        }
    });
}

bool SnapshotFileImport::is_there(Entry const& blob) {
    File file;
    try {
        file = blobs_.open(blob.name);
    } catch (std::system_error const&) {
        return false;
    }
    if (file.size_bytes() == blob.size_bytes &&
        visit_file(file, [](std::span<std::byte const>) {}) == blob.tree_hash) {
        return true;
    }
    throw ImportError("blob file " + blob.name + " exists here already with different bytes");
}

void SnapshotFileImport::read_blob(Entry const& blob) {
    if (is_there(blob)) return;
    added_.push_back(blob.name);
    auto file = blobs_.create_incoming(blob.name);
    try {
        read_chunks(blob, [&](std::span<std::byte const> bytes) { file.write_all(bytes); });
        blobs_.publish_unsynced(blob.name);
    } catch (...) {
        blobs_.discard_incoming(blob.name);
        throw;
    }
}

}  // namespace firn::storage
