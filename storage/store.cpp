#include "storage/store.hpp"

#include <future>
#include <system_error>

#include "storage/blobs/blob_rows.hpp"
#include "storage/sqlite/schema.hpp"

namespace firn::storage {

Store::Store(DataDirectory directory) try
    : directory_(std::move(directory)),
      durable_(!directory_.is_temporary()),
      database_(open_database()),
      snapshots_(std::make_unique<Snapshots>(directory_.path() / "states", durable_)) {
    blobs_ = std::make_unique<BlobDirectory>(
        directory_.path(), durable_, [this](std::string const& name) { return is_blob_file_known(name); });
    writer_ = std::make_unique<Writer>(*database_, *blobs_);
    blobs_->sweep();
    continue_deletions();
} catch (SQLite::Exception const& error) {
    throw OpenError("the database cannot be opened: " + std::string(error.what()));
} catch (std::system_error const& error) {
    throw OpenError(error.what());
}

std::unique_ptr<Database> Store::open_database() const {
    bool is_new = false;
    for (auto const* const folder : {"incoming", "blobs", "states"})
        is_new |= std::filesystem::create_directory(directory_.path() / folder);
    auto const file = directory_.path() / "firn.db";
    if (!std::filesystem::exists(file)) {
        // Made in another folder and moved, which takes one sync; in place SQLite would need eight.
        PreparedDatabase prepared(incoming_folder(), "new.db", durable_);
        prepared.change([](Connection& connection) { migrate(connection); });
        prepared.finish();
        rename_file(prepared.path(), file);
        is_new = true;
    }
    // The names are durable before anything is stored under them.
    if (is_new && durable_) directory_.sync();
    return std::make_unique<Database>(file, durable_);
}

Store::~Store() {
    writer_.reset();
    blobs_.reset();
}

void Store::write_and_wait(Writer::Work work) {
    std::promise<void> done;
    write(std::move(work), [&done](std::exception_ptr error) {
        if (error) {
            done.set_exception(error);
        } else {
            done.set_value();
        }
    });
    done.get_future().get();
}

void Store::renew_next_due() {
    write_and_wait([](Transaction& transaction) { transaction.renew_next_due(); });
}

void Store::continue_deletions() {
    for (auto const key : read()->keys_without_vault()) {
        write([key](Transaction& transaction) { transaction.delete_archives(key); },
              [](std::exception_ptr) {});
    }
}

std::shared_ptr<StagedBlob> Store::stage(std::uint64_t expected_size_bytes) {
    return std::make_shared<StagedBlob>(*blobs_, expected_size_bytes);
}

bool Store::is_blob_file_known(std::string const& name) {
    {
        Database::Reader const reader(*database_);
        if (names_blob_file(*reader, name)) return true;
    }
    return snapshots_->names_blob_file(name);
}

}  // namespace firn::storage
