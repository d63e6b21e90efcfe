// Multipart uploads beside a small model: parts in any order, again, misplaced, too long, then all the calls
// that end an upload or list it. The model says which calls succeed, and what comes of them.
#include <map>
#include <string>

#include "server/glacier/limits.hpp"
#include "storage/hash/tree_hash.hpp"
#include "tests/fuzz/world.hpp"

namespace firn::fuzz {
namespace {
using storage::Digest;

constexpr std::uint64_t mib = 1 << 20;

// Bytes that parts are made of, staged once for all tries. Two of each size, so that a part can be replaced.
struct Content {
    std::shared_ptr<storage::StagedBlob> blob;
    std::vector<Digest> leaves;  // hashed one by one
};

struct Stage {
    World world;
    std::vector<Content> contents;

    Stage() {
        world.store.write_and_wait([this](storage::Transaction& transaction) {
            call("CreateVault", world.request_to("v"), transaction);
        });
        for (auto const size : {mib, 2 * mib, std::uint64_t{1}, mib - 1, mib + 1, 2 * mib - 1}) {
            for (char const byte : {'a', 'b'}) add(std::string(size, byte));
        }
    }

    void add(std::string const& text) {
        Content content{world.store.stage(text.size()), {}};
        auto const bytes = std::as_bytes(std::span(text));
        content.blob->write(bytes);
        content.blob->finish();
        content.blob->make_durable();
        for (std::size_t at = 0; at < bytes.size(); at += mib) {
            content.leaves.push_back(storage::sha256(bytes.subspan(at, std::min(mib, bytes.size() - at))));
        }
        contents.push_back(std::move(content));
    }
};

// From the top down, as the definition has it: the left half is the largest full tree.
Digest tree_hash_of(std::span<Digest const> leaves) {
    if (leaves.size() == 1) return leaves[0];
    std::size_t left = 1;
    while (left * 2 < leaves.size()) left *= 2;
    Digest const pair[] = {tree_hash_of(leaves.first(left)), tree_hash_of(leaves.subspan(left))};
    return storage::sha256(std::as_bytes(std::span(pair)));
}

class Upload {
public:
    Upload(Stage& stage, std::uint64_t part_size, storage::Transaction& transaction)
        : stage_(stage), part_size_(part_size), transaction_(transaction) {
        auto request = stage.world.request_to("v");
        request.head.fields.add("x-amz-part-size", std::to_string(part_size));
        auto const answer = call("InitiateMultipartUpload", request, transaction);
        FUZZ_CHECK(answer.status == 201);
        upload_id_ = answer.field("x-amz-multipart-upload-id");
    }

    void put(Content const& content, std::uint64_t first, bool says_another_size) {
        auto const size = content.blob->size_bytes();
        auto request = this->request();
        request.content = content.blob;
        request.head.content_length = size;
        auto const last = first + size - 1 + (says_another_size ? 1 : 0);
        request.head.fields.add("Content-Range",
                                "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/*");
        request.head.fields.add("x-amz-content-sha256", storage::to_hex(content.blob->digests().linear));
        request.head.fields.add("x-amz-sha256-tree-hash", storage::to_hex(content.blob->digests().tree));
        auto const answer = call("UploadMultipartPart", request, transaction_);
        bool const fits = is_open_ && !says_another_size && first % part_size_ == 0 && size <= part_size_ &&
                          first / part_size_ < glacier::parts_max;
        FUZZ_CHECK(answer.response.has_value() == fits);
        if (!fits) return;
        parts_[first] = &content;
        FUZZ_CHECK(answer.field("x-amz-sha256-tree-hash") == storage::to_hex(tree_hash_of(content.leaves)));
    }

    // With a wrong hash, and with a wrong size, too.
    void complete(std::uint64_t size_bytes, bool with_wrong_hash) {
        // Also where parts are missing: only the gap is to be what is wrong then.
        auto const tree_hash = parts_.empty() ? Digest{} : tree_hash_of(leaves());
        auto const sent = with_wrong_hash ? Digest{std::byte{1}} : tree_hash;
        auto request = this->request();
        request.head.fields.add("x-amz-archive-size", std::to_string(size_bytes));
        request.head.fields.add("x-amz-sha256-tree-hash", storage::to_hex(sent));
        auto const answer = call("CompleteMultipartUpload", request, transaction_);
        bool const is_right = size_bytes == this->size_bytes() && !with_wrong_hash;
        bool const is_now = is_open_ && is_gapless() && is_right;
        // A call with other values repeats nothing.
        bool const is_asked_again = !archive_id_.empty() && is_right;
        FUZZ_CHECK(answer.response.has_value() == (is_now || is_asked_again));
        if (!answer.response) return;
        is_open_ = false;
        auto const archive_id = answer.field("x-amz-archive-id");
        FUZZ_CHECK(archive_id_.empty() || archive_id == archive_id_);
        archive_id_ = archive_id;
        check_archive(tree_hash);
    }

    void abort() {
        auto const answer = call("AbortMultipartUpload", request(), transaction_);
        FUZZ_CHECK(answer.response.has_value() == archive_id_.empty());
        if (archive_id_.empty()) is_open_ = false;
    }

    // All pages of so many.
    void list(std::size_t limit) const {
        auto request = this->request();
        auto expected = parts_.begin();
        std::string marker;
        do {
            request.target.query = {{"limit", std::to_string(limit)}, {"marker", marker}};
            auto const answer = call("ListParts", request, transaction_);
            FUZZ_CHECK(answer.response.has_value() == is_open_);
            if (!is_open_) return;
            auto const page = answer.json();
            FUZZ_CHECK(page.at("PartSizeInBytes") == part_size_ && page.at("Parts").size() <= limit);
            for (auto const& part : page.at("Parts")) {
                FUZZ_CHECK(expected != parts_.end());
                auto const& [first, content] = *expected++;
                FUZZ_CHECK(part.at("RangeInBytes") ==
                           std::to_string(first) + "-" + std::to_string(end_of(first) - 1));
                FUZZ_CHECK(part.at("SHA256TreeHash") == storage::to_hex(content->blob->digests().tree));
            }
            marker = page.at("Marker").is_null() ? "" : page.at("Marker").get<std::string>();
        } while (!marker.empty());
        FUZZ_CHECK(expected == parts_.end());
    }

    std::uint64_t size_bytes() const { return parts_.empty() ? 0 : end_of(parts_.rbegin()->first); }

private:
    glacier::Request request() const {
        auto request = stage_.world.request_to("v");
        request.resource_id = upload_id_;
        return request;
    }

    std::uint64_t end_of(std::uint64_t first) const { return first + parts_.at(first)->blob->size_bytes(); }

    bool is_gapless() const {
        std::uint64_t end = 0;
        for (auto const& [first, content] : parts_) {
            if (first != end) return false;
            end = end_of(first);
        }
        return end > 0;
    }

    std::vector<Digest> leaves() const {
        std::vector<Digest> leaves;
        for (auto const& [first, content] : parts_) {
            leaves.insert(leaves.end(), content->leaves.begin(), content->leaves.end());
        }
        return leaves;
    }

    void check_archive(Digest const& tree_hash) const {
        auto const archive = transaction_.find_archive(owner, archive_id_);
        FUZZ_CHECK(archive && archive->size_bytes == size_bytes() && archive->tree_hash == tree_hash);
        // Every node of the tree has the hash of its leaves, every byte lies somewhere once.
        auto const all = leaves();
        for (std::size_t width = 1; width < all.size(); width *= 2) {
            for (std::size_t at = 0; at < all.size(); at += width) {
                auto const count = std::min(width, all.size() - at);
                storage::ByteRange const range{at * mib, std::min((at + count) * mib, size_bytes()) - 1};
                FUZZ_CHECK(storage::is_tree_hash_aligned(range, size_bytes()));
                FUZZ_CHECK(transaction_.range_tree_hash(archive->archive_pk, range) ==
                           tree_hash_of(std::span(all).subspan(at, count)));
                FUZZ_CHECK(transaction_.open_content(archive->archive_pk, range).size_bytes() ==
                           range.size_bytes());
            }
        }
    }

    Stage& stage_;
    std::uint64_t const part_size_;
    storage::Transaction& transaction_;
    std::string upload_id_;
    std::string archive_id_;  // once it is complete
    bool is_open_ = true;
    std::map<std::uint64_t, Content const*> parts_;
};

// Each step is two characters: what to do, or which content, and where to.
void run(Stage& stage, std::string_view steps, storage::Transaction& transaction) {
    auto const part_size = steps.starts_with('2') ? 2 * mib : mib;
    if (!steps.empty()) steps.remove_prefix(1);
    Upload upload(stage, part_size, transaction);
    for (; steps.size() >= 2; steps.remove_prefix(2)) {
        auto const place = static_cast<unsigned char>(steps[1]) % 64u;
        switch (steps[0]) {
            case '!':
                upload.complete(upload.size_bytes() + place % 4 * (place % 3), place % 5 == 1);
                break;
            case '~':
                upload.abort();
                break;
            case '?':
                upload.list(place + 1);
                break;
            default: {
                auto const& content =
                    stage.contents[static_cast<unsigned char>(steps[0]) % stage.contents.size()];
                bool const is_odd = place >= 48;
                auto const first = place == 63   ? 9999 * part_size
                                   : place == 62 ? 10'000 * part_size
                                                 : place * part_size;
                upload.put(content, is_odd && place < 60 ? first + place : first, place == 61);
            }
        }
    }
    upload.complete(upload.size_bytes(), false);
    upload.list(2);
}

}  // namespace

void try_input(std::string_view input) {
    static Stage stage;
    if (input.size() > 200) return;
    stage.world.try_in_transaction(
        [input](storage::Transaction& transaction) { run(stage, input, transaction); });
}

}  // namespace firn::fuzz
