// Times as Glacier writes and reads them, and as people write them: ISO 8601.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/time.hpp"

namespace firn::text {

std::string format_milliseconds(storage::Time time);  // 2012-03-20T17:03:43.221Z: in the API's JSON
void append_milliseconds(std::string& out, storage::Time time);
std::string format_seconds(storage::Time time);    // 2012-03-20T17:03:43Z: inside inventories
std::string format_http_date(storage::Time time);  // Tue, 20 Mar 2012 17:03:43 GMT

// Reads a time in a request to Glacier, `2012-03-20T17:03:43Z`: with or without a fraction of a second, with
// `Z` or an offset like `+01:00`. Nothing for any other text.
std::optional<storage::Time> parse_timestamp(std::string_view text);

// Reads what people write: all of the above, without the seconds, and a date alone, which means midnight in
// UTC. Nothing for any other text.
std::optional<storage::Time> parse_time(std::string_view text);

// The message for a text that parse_time() does not take.
std::string not_a_time(std::string const& text);

}  // namespace firn::text
