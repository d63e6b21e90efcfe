#include "server/glacier/operations/content_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "storage/hash/sha256.hpp"
#include "storage/hash/tree_hash.hpp"

namespace firn::glacier {
namespace {
using Bytes = std::span<std::byte const>;

constexpr std::string_view content_hash_field = "x-amz-content-sha256";

// A diagnosis hashes the body once for each guess, so that only short bodies get one.
constexpr std::uint64_t diagnosed_size_bytes_max = 16 << 20;
constexpr std::uint64_t chunk_sizes[] = {64 << 10, 128 << 10, 256 << 10, 512 << 10,
                                         2 << 20,  4 << 20,   8 << 20,   16 << 20};
// How many bytes a program typically reads of a file before it hashes the rest.
constexpr std::uint64_t read_before_bytes[] = {512,       1 << 10,  2 << 10,  4 << 10,   8 << 10,
                                               16 << 10,  32 << 10, 64 << 10, 128 << 10, 256 << 10,
                                               512 << 10, 1 << 20,  2 << 20,  4 << 20,   8 << 20};

// Glacier checks that the header can be decoded, not that it has 64 digits: 32 zeros are a mismatch, `000` is
// invalid.
bool is_decodable_hex(std::string_view text) {
    return text.size() % 2 == 0 &&
           std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

storage::Digest tree_hash_of(Bytes bytes, std::uint64_t chunk_size_bytes) {
    std::vector<storage::Digest> leaves;
    for (; !bytes.empty(); bytes = bytes.subspan(std::min<std::size_t>(bytes.size(), chunk_size_bytes))) {
        leaves.push_back(storage::sha256(bytes.first(std::min<std::size_t>(bytes.size(), chunk_size_bytes))));
    }
    return storage::tree_root(leaves);
}

// Empty when no usual mistake explains the value.
std::string explain_by_content(std::string_view sent, Bytes content) {
    for (auto const size : chunk_sizes) {
        if (is_same_hash(sent, tree_hash_of(content, size))) {
            return fmt::format("the value sent is a tree hash over chunks of {} KiB; the leaves are 1 MiB",
                               size >> 10);
        }
    }
    for (auto const skipped : read_before_bytes) {
        if (skipped < content.size() &&
            is_same_hash(sent, tree_hash_of(content.subspan(skipped), storage::leaf_size_bytes))) {
            return fmt::format(
                "the value sent is the tree hash of the body without its first {} bytes: rewind the file "
                "before you hash it",
                skipped);
        }
    }
    return "";
}

std::string explain_tree_hash(std::string_view sent, storage::StagedBlob const& content) {
    if (auto hint = explain_hash_of_nothing(sent)) return *std::move(hint);
    auto const digits = storage::to_hex(content.digests().tree).size();
    if (sent.size() != digits)
        return fmt::format("the value sent has {} digits; a tree hash has {}", sent.size(), digits);
    if (is_same_hash(sent, content.digests().linear)) {
        return "the value sent is the linear SHA-256 of the body; this header takes its tree hash";
    }
    if (content.size_bytes() <= diagnosed_size_bytes_max) {
        auto explanation = explain_by_content(sent, content.read_back());
        if (!explanation.empty()) return explanation;
    }
    return "the value sent is not the tree hash of the bytes that arrived";
}

std::string explain_content_hash(std::string_view sent, storage::StagedBlob const& content) {
    if (auto hint = explain_hash_of_nothing(sent)) return *std::move(hint);
    if (is_same_hash(sent, content.digests().tree)) {
        return "the value sent is the tree hash of the body; x-amz-content-sha256 takes its linear SHA-256";
    }
    return "x-amz-content-sha256 is not the linear SHA-256 of the bytes that arrived";
}

}  // namespace

std::string_view require_field(Request const& request, std::string_view name, std::string_view hint) {
    auto const value = request.head.fields.find(name);
    if (!value || value->empty()) throw errors::missing_parameter(name, hint);
    return *value;
}

std::string_view require_tree_hash(Request const& request) {
    auto const sent = require_field(request, tree_hash_field, "send the SHA-256 tree hash in hexadecimal");
    if (!is_decodable_hex(sent))
        throw errors::invalid_tree_hash(sent, "the header must have 64 hexadecimal digits");
    return sent;
}

void check_hash_fields(Request const& request) {
    require_field(request, content_hash_field,
                  "send the linear SHA-256 of the body in hexadecimal; version 2 of the SDK for Go leaves it "
                  "out when Checksum is set: leave Checksum unset, or add the header");
    require_tree_hash(request);
}

void check_content(Request const& request) {
    auto const& content = *request.content;
    auto const& digests = content.digests();
    auto const sent_linear = request.head.fields.find(content_hash_field).value_or("");
    if (!is_same_hash(sent_linear, digests.linear)) {
        throw errors::content_hash_mismatch(storage::to_hex(digests.linear), sent_linear,
                                            explain_content_hash(sent_linear, content));
    }
    auto const sent_tree = request.head.fields.find(tree_hash_field).value_or("");
    if (!is_same_hash(sent_tree, digests.tree)) {
        throw errors::tree_hash_mismatch(sent_tree, storage::to_hex(digests.tree),
                                         explain_tree_hash(sent_tree, content));
    }
}

std::optional<std::string> explain_hash_of_nothing(std::string_view sent) {
    if (!is_same_hash(sent, storage::sha256({}))) return std::nullopt;
    return "the value sent is the hash of nothing: was the file at its end when it was hashed?";
}

bool is_same_hash(std::string_view sent, storage::Digest const& computed) {
    // Not boost::iequals: it asks the locale about each letter.
    auto const lower = [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(sent, storage::to_hex(computed), {}, lower);
}

}  // namespace firn::glacier
