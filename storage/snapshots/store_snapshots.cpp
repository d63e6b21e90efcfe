// Store's functions on snapshots: save, restore, reset, remove, export, import.
#include "storage/snapshots/snapshot_file.hpp"
#include "storage/sqlite/schema.hpp"
#include "storage/store.hpp"

namespace firn::storage {
namespace {

// In a folder that every start empties, so that a crash leaves nothing behind.
constexpr char prepared_name[] = "prepared.db";

std::optional<std::string> setting_of(Connection& connection, std::string const& name) {
    auto query = connection.query("SELECT value FROM settings WHERE name = ?1");
    return query.bind(name).first<std::string>();
}

void carry_over(Connection& live, Connection& prepared, Replacement const& how) {
    for (auto const& name : how.kept_settings) {
        prepared.query("DELETE FROM settings WHERE name = ?1").bind(name).run();
        auto const value = setting_of(live, name);
        if (value) prepared.query("INSERT INTO settings VALUES (?1, ?2)").bind(name, *value).run();
    }
    if (!how.keeps_counter) return;
    auto const last = live.query("SELECT last_number FROM counter").first<std::int64_t>();
    prepared.query("UPDATE counter SET last_number = max(last_number, ?1)").bind(last.value_or(0)).run();
}

// The numbers that writes to the live database may take while another one is filled.
constexpr std::int64_t numbers_of_meantime = std::int64_t{1} << 32;

// Writes to a database before it becomes the live one. Until then nothing names the blobs that were added, so
// this holds them; unless it is told to keep them, they go with it.
class Filling {
public:
    Filling() = default;
    Filling(Filling const&) = delete;
    ~Filling() {
        for (auto const& undo : undo_) undo();
    }
    void run(Connection& connection, BlobDirectory& blobs, std::int64_t last_number,
             Writer::Work const& fill) {
        Transaction transaction(connection, blobs);
        connection.execute("BEGIN");
        connection.query("UPDATE counter SET last_number = ?1").bind(last_number).run();
        try {
            fill(transaction);
        } catch (...) {
            undo_ = transaction.take_undo();
            throw;
        }
        undo_ = transaction.take_undo();
        connection.execute("COMMIT");
    }
    void keep() { undo_.clear(); }

private:
    std::vector<std::function<void()>> undo_;
};

}  // namespace

bool Store::save_snapshot(std::string const& name, std::string const& note) {
    require_snapshot_name(name);
    PreparedDatabase prepared(blobs_->incoming_folder(), prepared_name, durable_);
    // Held from before the copy until the snapshot is put: see BlobDirectory::remove_now().
    BlobDirectory::Hold const hold(*blobs_);
    {
        Writer::Pause const pause(*writer_);
        database_->copy_to(prepared.file());
    }
    prepared.change([&](Connection& connection) {
        auto query = connection.query("INSERT OR REPLACE INTO settings VALUES (?1, ?2)");
        query.bind(std::string(note_setting), note).run();
    });
    prepared.finish();
    bool const replaces = snapshots_->contains(name);
    // Kept open, so that the space of a replaced snapshot, which takes long to free, is freed after the
    // rename.
    auto const previous = replaces ? snapshots_->open(name) : File();
    // The snapshot appears whole and on disk, or not at all.
    snapshots_->put(name, prepared.path());
    if (replaces) blobs_->sweep();
    return replaces;
}

void Store::restore_snapshot(std::string const& name, Replacement const& how) {
    PreparedDatabase prepared(blobs_->incoming_folder(), prepared_name, durable_);
    prepared.file().copy_from(snapshots_->open(name));
    // The snapshot may have an older schema.
    prepared.change([](Connection& connection) { migrate(connection); });
    switch_to(prepared, how);
}

void Store::reset(Replacement const& how, Writer::Work const& fill) {
    PreparedDatabase prepared(blobs_->incoming_folder(), prepared_name, durable_);
    prepared.change([](Connection& connection) { migrate(connection); });
    if (!fill) return switch_to(prepared, how);
    auto const first_number = how.keeps_counter ? last_number() + numbers_of_meantime : 0;
    Filling filling;
    prepared.change([&](Connection& connection) { filling.run(connection, *blobs_, first_number, fill); });
    switch_to(prepared, how);
    filling.keep();
}

std::int64_t Store::last_number() {
    Database::Reader const reader(*database_);
    return (*reader).query("SELECT last_number FROM counter").first<std::int64_t>().value_or(0);
}

void Store::switch_to(PreparedDatabase& prepared, Replacement const& how) {
    // Now, so that little is left to sync while writes wait.
    prepared.finish();
    // Kept open, so that the space of the old database is freed only when the writer can go on.
    File previous;
    {
        // In this order, because the thread that removes files reads, and the writer's callbacks may read.
        BlobDirectory::Hold const hold(*blobs_);
        Writer::Pause const pause(*writer_);
        prepared.change([&](Connection& connection) { carry_over(database_->writer(), connection, how); });
        prepared.finish();
        writer_->forget_next_due();
        previous = database_->replace(prepared.path());
        if (how.switched) how.switched();
        // While the hold lasts, so that a sweep in progress respects the pins from before the restore.
        blobs_->sweep();
    }
    continue_deletions();
    writer_->announce_due(Time::min());
}

void Store::remove_snapshot(std::string const& name) {
    BlobDirectory::Hold const hold(*blobs_);
    snapshots_->remove(name);
    blobs_->sweep();
}

void Store::export_snapshot(std::string const& name, std::filesystem::path const& file) const {
    write_snapshot_file(snapshots_->open(name), snapshots_->path_of(name), *blobs_, file);
}

bool Store::import_snapshot(std::string const& name, std::filesystem::path const& file) {
    require_snapshot_name(name);
    PreparedDatabase prepared(blobs_->incoming_folder(), prepared_name, durable_);
    // Held from before a blob file is found to exist until the snapshot that names it is put.
    BlobDirectory::Hold const hold(*blobs_);
    SnapshotFileImport import(file, *blobs_);
    import.read_database(prepared);
    import.read_blobs(prepared.path());
    // The blob files and their names become durable before the snapshot that names them.
    import.sync();
    prepared.finish();
    bool const replaces = snapshots_->contains(name);
    snapshots_->put(name, prepared.path());
    import.keep();
    if (replaces) blobs_->sweep();
    return replaces;
}

}  // namespace firn::storage
