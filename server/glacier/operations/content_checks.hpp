// The checks that uploads of archives and parts share: the two hash headers, and the bytes against these
// hashes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/glacier/request.hpp"

namespace firn::glacier {

inline constexpr std::string_view tree_hash_field = "x-amz-sha256-tree-hash";
inline constexpr std::string_view description_field = "x-amz-archive-description";

// The value of a header. Throws ServiceError when it is absent or empty.
std::string_view require_field(Request const& request, std::string_view name, std::string_view hint);

// The tree hash that the client sent, in hexadecimal. Throws ServiceError when it is absent or malformed.
std::string_view require_tree_hash(Request const& request);

// Throws ServiceError unless both hash headers are there and the tree hash is well-formed.
void check_hash_fields(Request const& request);

// Checks a complete body against the hashes that came with it. Throws ServiceError; its hint says which usual
// mistake led to the value that was sent.
void check_content(Request const& request);

// The hint for a client that sent the hash of no bytes at all; nothing for any other value.
std::optional<std::string> explain_hash_of_nothing(std::string_view sent);

// Glacier compares hexadecimal values without regard to case.
bool is_same_hash(std::string_view sent, storage::Digest const& computed);

}  // namespace firn::glacier
