// What all fuzzers share: the function that each of them defines, and how it says that something is wrong.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace firn::fuzz {

// One try. Whatever escapes from it, and every check that fails, is a finding.
void try_input(std::string_view input);

[[noreturn]] inline void fail(char const* condition, char const* file, int line) {
    std::fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
    std::abort();
}

// Choices that follow from the input alone, for what is to vary without bytes of its own.
class Dice {
public:
    explicit Dice(std::string_view input) {
        for (unsigned char const c : input) state_ = (state_ ^ c) * 0x100000001b3;
    }
    // Of 0 … sides - 1.
    std::uint64_t roll(std::uint64_t sides) {
        state_ = state_ * 6364136223846793005 + 1442695040888963407;
        return (state_ >> 33) % sides;
    }

private:
    std::uint64_t state_ = 0xcbf29ce484222325;
};

// Takes what stands before the next line end off the front of `text`, and the line end with it.
inline std::string_view take_line(std::string_view& text) {
    auto const line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    return line;
}

}  // namespace firn::fuzz

#define FUZZ_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : firn::fuzz::fail(#condition, __FILE__, __LINE__))
