// Thrown when a request to the control surface is not carried out.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace firn::control {

// Becomes a reply with this status and the body {"error": message}.
struct Refusal : std::exception {
    Refusal(unsigned http_status, std::string why, std::string allowed_methods = "")
        : status(http_status), message(std::move(why)), allow(std::move(allowed_methods)) {}
    char const* what() const noexcept override { return message.c_str(); }

    unsigned status;
    std::string message;  // for people: what is wrong, and what would be right
    std::string allow;    // of a 405: the value of the header Allow
};

}  // namespace firn::control
