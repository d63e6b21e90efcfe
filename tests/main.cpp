// The one main() of the C++ tests.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

int main(int argc, char** argv) {
    // Tests provoke errors on purpose; their log lines would hide what failed.
    spdlog::set_level(spdlog::level::off);
    return doctest::Context(argc, argv).run();
}
