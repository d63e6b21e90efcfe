// Files that claim to be exported snapshots: refused as such, or taken. One that is taken can be listed,
// removed and gone back to, whatever it holds; what firn then finds wrong in it is an error, never the end of
// firn.
#include "storage/snapshots/snapshot_file.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "server/glacier/due_work.hpp"
#include "storage/blobs/synthetic.hpp"
#include "storage/hash/content_hash.hpp"
#include "tests/fuzz/world.hpp"
#include "tests/support/temporary_directory.hpp"

namespace firn::fuzz {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t input_bytes_max = 4096;
constexpr int sql_steps_max = 1'000'000;

std::string read_file(fs::path const& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(fs::path const& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

std::shared_ptr<storage::StagedBlob> staged(storage::Store& store, std::string const& text) {
    auto blob = store.stage(0);
    blob->write(std::as_bytes(std::span(text)));
    blob->finish();
    blob->make_durable();
    return blob;
}

// An export with something of everything in it.
class Sample {
public:
    Sample() {
        auto& store = world_.store;
        auto const small = staged(store, "hello");
        auto const large = staged(store, std::string(storage::inline_size_bytes_max + 1, 'x'));
        store.write_and_wait([&](storage::Transaction& transaction) { fill(transaction, small, large); });
        glacier::DueWork(store, world_.rules).run(now + std::chrono::minutes(10));
        store.write_and_wait([&](storage::Transaction& transaction) {
            auto request = world_.request_to("v");
            request.body = R"({"Type":"inventory-retrieval","Format":"CSV","Description":"d"})";
            FUZZ_CHECK(call("InitiateJob", request, transaction).status == 202);
        });
        store.save_snapshot("s", "the note");
        store.export_snapshot("s", folder_.path() / "exported");
        exported = read_file(folder_.path() / "exported");
        world_.store.restore_snapshot("s");
        store.export_snapshot("s", folder_.path() / "exported");
        storage::Connection connection(folder_.path() / "exported", storage::Connection::Immutable());
        auto query = connection.query("SELECT bytes FROM chunks WHERE name = 'firn.db' ORDER BY number");
        while (query.step()) {
            std::span<std::byte const> bytes;
            query.read(bytes);
            database.append(reinterpret_cast<char const*>(bytes.data()), bytes.size());
        }
    }

    std::string exported;
    std::string database;  // the one inside

private:
    void fill(storage::Transaction& transaction, std::shared_ptr<storage::StagedBlob> const& small,
              std::shared_ptr<storage::StagedBlob> const& large) {
        auto request = world_.request_to("v");
        call("CreateVault", request, transaction);
        request.body = R"({"Tags":{"a":"b"}})";
        call("AddTagsToVault", request, transaction);
        request.body = R"({"SNSTopic":"arn:aws:sns:us-east-1:a:n","Events":["ArchiveRetrievalCompleted"]})";
        call("SetVaultNotifications", request, transaction);
        request.body = R"({"Policy":{"Rules":[{"Strategy":"FreeTier"}]}})";
        call("SetDataRetrievalPolicy", request, transaction);
        call("PurchaseProvisionedCapacity", request, transaction);
        request.head.fields.add("x-amz-part-size", "1048576");
        call("InitiateMultipartUpload", request, transaction);
        auto const vault_pk = transaction.find_vault(owner, "v")->vault_pk;
        transaction.set_vault_lock(vault_pk, {"lock", "{}", now, now + std::chrono::hours(24)});
        transaction.put_part(transaction.list_uploads(vault_pk, 0, 1).at(0), 0, small,
                             now + std::chrono::hours(24));
        for (auto const& content : {small, large, std::shared_ptr<storage::StagedBlob>()}) {
            storage::Archive archive;
            archive.vault_pk = vault_pk;
            archive.archive_pk = archive.created_number = transaction.next_number();
            archive.archive_id = "archive-" + std::to_string(archive.archive_pk);
            archive.created_at = now;
            archive.size_bytes = content ? content->size_bytes() : 3 << 20;
            archive.tree_hash =
                content ? content->digests().tree : storage::SyntheticContent(1, 3 << 20).tree_hash();
            if (content) {
                transaction.add_archive(archive, content, now + std::chrono::hours(1));
            } else {
                transaction.add_synthetic_archive(archive, 1, now + std::chrono::hours(1));
            }
            request.body = R"({"Type":"archive-retrieval","Tier":"Expedited","ArchiveId":")" +
                           archive.archive_id + "\"}";
            FUZZ_CHECK(call("InitiateJob", request, transaction).status == 202);
        }
        request.body = R"({"Type":"inventory-retrieval","Description":"d"})";
        FUZZ_CHECK(call("InitiateJob", request, transaction).status == 202);
    }

    World world_;
    test::TemporaryDirectory folder_;
};

// Each edit is five characters: a place, a length that is cut out there, and a byte that is put there.
std::string edited(std::string bytes, std::string_view edits) {
    for (; edits.size() >= 5 && !bytes.empty(); edits.remove_prefix(5)) {
        auto const number = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(edits[i])}; };
        auto const place = (number(0) << 16 | number(1) << 8 | number(2)) % bytes.size();
        bytes[place] = edits[4];
        if (edits[3] < 0) bytes.erase(place, std::size_t{1} << (number(3) & 15));
    }
    return bytes;
}

int authorize(void*, int action, char const* name, char const*, char const*, char const*) {
    // Other files are no part of the try.
    bool const is_allowed = action != SQLITE_ATTACH && action != SQLITE_DETACH &&
                            (action != SQLITE_PRAGMA || std::string_view(name) == "user_version" ||
                             std::string_view(name) == "writable_schema");
    return is_allowed ? SQLITE_OK : SQLITE_DENY;
}

// The database after these statements, as far as they are any.
std::string changed(fs::path const& path, std::string const& database, std::string const& sql) {
    write_file(path, database);
    {
        storage::Connection connection(path, false);
        auto* const handle = connection.database().getHandle();
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 1 << 20);
        sqlite3_progress_handler(
            handle, sql_steps_max, [](void*) { return 1; }, nullptr);
        sqlite3_set_authorizer(handle, authorize, nullptr);
        sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
        sqlite3_set_authorizer(handle, nullptr, nullptr);
        sqlite3_exec(handle, "ROLLBACK", nullptr, nullptr, nullptr);
        sqlite3_exec(handle, "PRAGMA journal_mode = DELETE", nullptr, nullptr, nullptr);
    }
    return read_file(path);
}

// An export of that database whose hashes are right.
void write_export(fs::path const& path, std::string const& exported, std::string const& database) {
    write_file(path, exported);
    storage::Connection connection(path, false);
    auto const bytes = std::as_bytes(std::span(database));
    storage::ContentHash hash;
    hash.update(bytes);
    auto const tree_hash = hash.finish().tree;
    connection.query("UPDATE files SET size_bytes = ?1, tree_hash = ?2 WHERE name = 'firn.db'")
        .bind(std::uint64_t{bytes.size()}, tree_hash)
        .run();
    connection.execute("DELETE FROM chunks WHERE name = 'firn.db'");
    connection.query("INSERT INTO chunks VALUES ('firn.db', 0, ?1)").bind(bytes).run();
    connection.execute("PRAGMA journal_mode = DELETE");
}

// What is wrong in a snapshot may be said in any words.
template <typename Function>
void attempt(Function const& function) {
    try {
        function();
    } catch (std::exception const&) {
    }
}

void read_output(http::Response& response) {
    auto* const stream = std::get_if<std::unique_ptr<http::BodyStream>>(&response.body);
    for (int pieces = 0; stream != nullptr && pieces < 4; ++pieces) {
        auto const piece = (*stream)->next();
        if (!piece) return;
        // Every byte of it.
        if (auto const* const text = std::get_if<std::string>(&*piece)) {
            FUZZ_CHECK(std::count(text->begin(), text->end(), '\0') >= 0);
        }
    }
}

// Every call that reads, for all that is there, and the work that is due.
void use(World& world) {
    glacier::Request request = world.request_to("v");
    std::vector<std::string> ids = {""};
    attempt([&] {
        auto const reading = world.store.read();
        for (auto const& job : reading->list_jobs({}, std::nullopt, 20)) ids.push_back(job.job_id);
        auto const vault = reading->find_vault(owner, "v");
        for (auto const& upload : reading->list_uploads(vault.value().vault_pk, 0, 5))
            ids.push_back(upload.upload_id);
    });
    attempt([&] { glacier::DueWork(world.store, world.rules).run(now + std::chrono::minutes(20)); });
    for (auto const& operation : glacier::operations()) {
        for (auto const& id : ids) {
            request.resource_id = id;
            attempt([&] {
                if (!is_read(operation)) return;
                auto const reading = world.store.read();
                try {
                    auto response = read(operation, request, *reading);
                    read_output(response);
                } catch (glacier::ServiceError const& error) {
                    check_refusal(error);
                }
            });
            if (operation.pattern.find("{id}") == std::string_view::npos) break;
        }
    }
    attempt([&] { glacier::DueWork(world.store, world.rules).run(now + std::chrono::hours(24 * 3)); });
}

void check_import(World& world, fs::path const& file) {
    auto& store = world.store;
    try {
        store.import_snapshot("imported", file);
    } catch (storage::ImportError const& error) {
        FUZZ_CHECK(*error.what() != '\0' && store.snapshots().empty());
        return;
    }
    FUZZ_CHECK(store.snapshots().size() == 1 && store.snapshots()[0].name == "imported");
    attempt([&] {
        store.restore_snapshot("imported");
        use(world);
    });
    store.remove_snapshot("imported");
    FUZZ_CHECK(store.snapshots().empty());
    store.reset();
    FUZZ_CHECK(store.read()->all_vaults().empty());
}

}  // namespace

// The first line says what the rest is: a whole file, edits of an exported one, edits of the database in it,
// or SQL that changes that database.
void try_input(std::string_view input) {
    static Sample const sample;
    static World world;
    static test::TemporaryDirectory const folder;
    auto const file = folder.path() / "snapshot";
    if (input.size() > input_bytes_max) return;
    auto const kind = take_line(input);
    if (kind == "raw") {
        write_file(file, input);
    } else if (kind == "file") {
        write_file(file, edited(sample.exported, input));
    } else if (kind == "database") {
        write_export(file, sample.exported, edited(sample.database, input));
    } else if (kind == "sql") {
        write_export(file, sample.exported,
                     changed(folder.path() / "database", sample.database, std::string(input)));
    } else {
        return;
    }
    check_import(world, file);
}

}  // namespace firn::fuzz
