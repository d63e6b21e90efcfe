// How long tests wait at most.
#pragma once

#include <chrono>
#include <cstdlib>

namespace firn::test {

// More where FIRN_PATIENCE says that everything is slower.
inline std::chrono::milliseconds patient(std::chrono::milliseconds time) {
    auto const* const factor = std::getenv("FIRN_PATIENCE");
    return factor ? time * std::atoi(factor) : time;
}

}  // namespace firn::test
