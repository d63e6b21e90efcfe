#include "storage/store.hpp"

#include <future>

#include "storage/schema.hpp"

namespace firn::storage {

Store::Reading::Reading(Store& store)
    : store_(store), connection_(store.take_reader()), snapshot_(*connection_, *store.blobs_) {
    connection_->query("BEGIN").run();
}

Store::Reading::~Reading() {
    try {
        connection_->query("COMMIT").run();
        store_.give_back_reader(std::move(connection_));
    } catch (std::exception const&) {
        // The connection is closed instead of being used again.
    }
}

Store::Store(DataDirectory directory) try
    : directory_(std::move(directory)),
      database_file_(directory_.path() / "firn.db"),
      durable_(!directory_.is_temporary()),
      writer_connection_(std::make_unique<Connection>(database_file_, durable_)) {
    migrate(*writer_connection_);
    blobs_ = std::make_unique<BlobDirectory>(directory_.path(), durable_);
    writer_ = std::make_unique<Writer>(*writer_connection_, *blobs_);
    blobs_->sweep([this](std::string const& name) { return read()->is_blob_file_known(name); });
} catch (SQLite::Exception const& error) {
    throw OpenError("the database cannot be opened: " + std::string(error.what()));
} catch (std::system_error const& error) {
    throw OpenError(error.what());
}

Store::~Store() {
    writer_.reset();
    blobs_.reset();
    idle_readers_.clear();
    writer_connection_->database().tryExec("PRAGMA wal_checkpoint(TRUNCATE)");
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

std::shared_ptr<StagedBlob> Store::stage(std::uint64_t expected_size_bytes) {
    return std::make_shared<StagedBlob>(*blobs_, expected_size_bytes);
}

std::unique_ptr<Connection> Store::take_reader() {
    {
        std::lock_guard const lock(readers_mutex_);
        if (!idle_readers_.empty()) {
            auto connection = std::move(idle_readers_.back());
            idle_readers_.pop_back();
            return connection;
        }
    }
    return std::make_unique<Connection>(database_file_, durable_);
}

void Store::give_back_reader(std::unique_ptr<Connection> connection) {
    std::lock_guard const lock(readers_mutex_);
    idle_readers_.push_back(std::move(connection));
}

}  // namespace firn::storage
