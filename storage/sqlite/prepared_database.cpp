#include "storage/sqlite/prepared_database.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>

namespace firn::storage {

PreparedDatabase::PreparedDatabase(std::filesystem::path const& folder, std::string const& name, bool durable)
    : path_(folder / name), durable_(durable) {
    // A new file, because overwriting an old one takes four times as long.
    remove_files();
    file_ = File::open(path_, O_CREAT | O_EXCL | O_RDWR, 0644);
}

PreparedDatabase::~PreparedDatabase() {
    remove_files();
}

void PreparedDatabase::remove_files() noexcept {
    for (auto const* const suffix : {"", "-wal", "-shm"}) ::unlink((path_.string() + suffix).c_str());
}

void PreparedDatabase::change(std::function<void(Connection&)> const& change) {
    {
        Connection connection(path_, Connection::Unjournaled());
        change(connection);
        connection.use_log();  // recorded in the first page, so that opening it later writes nothing
    }
    if (std::filesystem::exists(path_.string() + "-wal")) {
        throw std::runtime_error("the log of " + path_.string() + " cannot be written into it");
    }
}

void PreparedDatabase::finish() {
    if (durable_) file_.sync_data();
}

}  // namespace firn::storage
