#include "storage/blobs/staged_blob.hpp"

namespace firn::storage {

StagedBlob::StagedBlob(BlobDirectory& directory, std::uint64_t expected_size_bytes) : directory_(directory) {
    if (expected_size_bytes <= inline_size_bytes_max) return;
    try {
        move_to_file(expected_size_bytes);
    } catch (...) {
        // The destructor does not run when the constructor throws.
        directory_.discard_incoming(file_name_);
        directory_.release(file_name_);
        throw;
    }
}

StagedBlob::~StagedBlob() {
    if (file_name_.empty()) return;
    directory_.release(file_name_);
    if (kept_) return;
    if (published_) {
        directory_.remove(0, {file_name_});
    } else {
        directory_.discard_incoming(file_name_);
    }
}

void StagedBlob::write(std::span<std::byte const> bytes) {
    if (is_inline() && size_bytes_ + bytes.size() > inline_size_bytes_max) move_to_file(0);
    if (is_inline()) {
        inline_bytes_.insert(inline_bytes_.end(), bytes.begin(), bytes.end());
    } else {
        file_.write_all(bytes);
    }
    hash_.update(bytes);
    size_bytes_ += bytes.size();
}

void StagedBlob::move_to_file(std::uint64_t expected_size_bytes) {
    file_name_ = directory_.new_name();
    file_ = directory_.create_incoming(file_name_);
    if (expected_size_bytes > 0) file_.reserve(expected_size_bytes);
    file_.write_all(inline_bytes_);
    inline_bytes_ = {};
}

void StagedBlob::finish() {
    digests_ = hash_.finish();
}

std::vector<std::byte> StagedBlob::read_back() const {
    if (is_inline()) return inline_bytes_;
    std::vector<std::byte> bytes(size_bytes_);
    file_.read_all(bytes);
    return bytes;
}

void StagedBlob::make_durable() {
    if (is_inline()) return;
    directory_.publish(file_, file_name_);
    published_ = true;
    file_ = File();
}

}  // namespace firn::storage
