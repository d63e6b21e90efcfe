// The entry points of libFuzzer.
#include <spdlog/spdlog.h>

#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    spdlog::set_level(spdlog::level::off);
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    firn::fuzz::try_input({reinterpret_cast<char const*>(data), size});
    return 0;
}
