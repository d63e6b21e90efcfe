// Time limits of tests.
#pragma once

#include <chrono>
#include <cstdlib>

namespace firn::test {

// The limit, multiplied by FIRN_PATIENCE on machines and in builds that are slower.
inline std::chrono::milliseconds patient(std::chrono::milliseconds time) {
    auto const* const factor = std::getenv("FIRN_PATIENCE");
    return factor ? time * std::atoi(factor) : time;
}

}  // namespace firn::test
