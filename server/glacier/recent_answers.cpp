#include "server/glacier/recent_answers.hpp"

#include <utility>

namespace firn::glacier {
namespace {

constexpr std::size_t size_bytes_max = 1 << 20;

}  // namespace

std::optional<std::string> RecentAnswers::find(std::uint64_t generation, std::string const& question) {
    std::lock_guard const lock(mutex_);
    move_to(generation);
    if (generation != generation_) return std::nullopt;
    auto const found = answers_.find(question);
    return found == answers_.end() ? std::nullopt : std::optional(found->second);
}

void RecentAnswers::keep(std::uint64_t generation, std::string question, std::string answer) {
    auto const added_bytes = question.size() + answer.size();
    std::lock_guard const lock(mutex_);
    // A slow thread may bring an answer to an older generation.
    if (generation < generation_) return;
    move_to(generation);
    if (size_bytes_ + added_bytes > size_bytes_max) {
        answers_.clear();
        size_bytes_ = 0;
    }
    if (answers_.insert({std::move(question), std::move(answer)}).second) size_bytes_ += added_bytes;
}

void RecentAnswers::move_to(std::uint64_t generation) {
    if (generation <= generation_) return;
    generation_ = generation;
    answers_.clear();
    size_bytes_ = 0;
}

}  // namespace firn::glacier
