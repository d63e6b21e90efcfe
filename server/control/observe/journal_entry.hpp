// What the journal keeps of one request: no credentials, and a bounded number of bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "server/glacier/observer.hpp"

namespace firn::control {

// Of the path, of the query and of the headers of an entry, each.
inline constexpr std::size_t entry_text_bytes_max = 4096;

struct JournalEntry : glacier::RequestRecord {
    std::string query;                  // as sent, without the parameters that hold credentials
    std::string headers;                // one line "name: value\n" for each that is kept
    std::string body;                   // JSON as sent
    std::vector<std::string_view> cut;  // which of the texts are longer than what is kept
};

// The headers that are kept say what is asked for: x-amz-*, those of ranges and contents, Expect and
// User-Agent.
JournalEntry make_entry(glacier::RequestRecord&& record, http::RequestHead const& head, std::string_view body,
                        std::size_t body_bytes_max);

}  // namespace firn::control
