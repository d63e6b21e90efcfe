// The answers given since the database last changed. Until it changes again, the same question has the same
// answer. Clients that wait for a job ask the same questions over and over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace firn::glacier {

// All functions may be called from any thread. `generation` is Store::generation(). Only the answers of the
// latest generation are kept.
class RecentAnswers {
public:
    std::optional<std::string> find(std::uint64_t generation, std::string const& question);
    // Forgets all other answers when they take too much memory.
    void keep(std::uint64_t generation, std::string question, std::string answer);

private:
    void move_to(std::uint64_t generation);

    std::mutex mutex_;
    std::uint64_t generation_ = 0;
    std::size_t size_bytes_ = 0;
    std::unordered_map<std::string, std::string> answers_;
};

}  // namespace firn::glacier
