#include "storage/snapshots/snapshots.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cctype>

#include "storage/blobs/blob_rows.hpp"

namespace firn::storage {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t name_length_max = 64;
constexpr char extension[] = ".db";

std::string note_of(fs::path const& database) {
    Connection connection(database, Connection::Immutable());
    auto query = connection.query("SELECT value FROM settings WHERE name = ?1");
    return query.bind(std::string_view(note_setting)).first<std::string>().value_or("");
}

bool is_snapshot_name(std::string const& name) {
    auto const is_allowed = [](unsigned char c) {
        return c < 128 && (std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-');
    };
    return !name.empty() && name.size() <= name_length_max && name[0] != '.' &&
           std::all_of(name.begin(), name.end(), is_allowed);
}

}  // namespace

void require_snapshot_name(std::string const& name) {
    if (!is_snapshot_name(name)) {
        throw std::invalid_argument(
            "the name of a snapshot is 1 to 64 letters, digits, '.', '_' and '-', and does "
            "not begin with a dot");
    }
}

Snapshots::Snapshots(fs::path folder, bool durable) : folder_(std::move(folder)), durable_(durable) {
    fs::create_directories(folder_);
}

fs::path Snapshots::path_of(std::string const& name) const {
    require_snapshot_name(name);
    return folder_ / (name + extension);
}

bool Snapshots::contains(std::string const& name) const {
    return fs::exists(path_of(name));
}

void Snapshots::require(std::string const& name) const {
    if (!contains(name)) throw UnknownSnapshot("there is no snapshot " + name);
}

File Snapshots::open(std::string const& name) const {
    require(name);
    return File::open(path_of(name), O_RDONLY);
}

std::vector<std::string> Snapshots::names() const {
    std::vector<std::string> names;
    for (auto const& entry : fs::directory_iterator(folder_)) {
        if (entry.path().extension() != extension) continue;
        if (auto const name = entry.path().stem().string(); is_snapshot_name(name)) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

Snapshot Snapshots::find(std::string const& name) const {
    require(name);
    auto const path = path_of(name);
    return {name, fs::file_size(path), note_of(path)};
}

std::vector<Snapshot> Snapshots::list() const {
    std::vector<Snapshot> snapshots;
    for (auto const& name : names()) snapshots.push_back(find(name));
    return snapshots;
}

void Snapshots::put(std::string const& name, fs::path const& database) {
    rename_file(database, path_of(name));
    forget_connections();
    if (durable_) sync_directory(folder_);
}

void Snapshots::remove(std::string const& name) {
    require(name);
    fs::remove(path_of(name));
    forget_connections();
    if (durable_) sync_directory(folder_);
}

void Snapshots::forget_connections() {
    std::lock_guard const lock(mutex_);
    connections_.reset();
}

bool Snapshots::names_blob_file(std::string const& file) {
    std::lock_guard const lock(mutex_);
    if (!connections_) {
        // All or none: the files of a snapshot that cannot be opened must not be removed.
        std::vector<std::unique_ptr<Connection>> connections;
        for (auto const& name : names()) {
            connections.push_back(std::make_unique<Connection>(path_of(name), Connection::Immutable()));
        }
        connections_ = std::move(connections);
    }
    return std::any_of(connections_->begin(), connections_->end(),
                       [&](auto const& connection) { return storage::names_blob_file(*connection, file); });
}

}  // namespace firn::storage
