#include "server/control/seed/seed_document.hpp"

#include <fmt/format.h>

#include "server/control/known_names.hpp"
#include "server/control/refusal.hpp"
#include "server/glacier/limits.hpp"
#include "server/text/size.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {

constexpr std::int64_t count_max = 10'000'000;

std::optional<std::uint64_t> synthetic_size(text::JsonObject const& object) {
    auto const text = object.string_or_number("synthetic");
    if (!text) return std::nullopt;
    auto const size_bytes = text::parse_size(*text);
    if (size_bytes && *size_bytes >= 1 && *size_bytes <= glacier::multipart_size_bytes_max) return size_bytes;
    throw Refusal{
        400, fmt::format("synthetic must be a size like 1048576, \"5MiB\" or \"40TB\", from 1 to {} bytes",
                         glacier::multipart_size_bytes_max)};
}

}  // namespace

void SeedPlace::in(text::JsonObject const& object, char const* member, Work const& work) {
    if (!object.has(member)) return;
    steps_.emplace_back(member);
    work();
    steps_.pop_back();
}

void SeedPlace::each(text::JsonObject const& object, char const* member, OnObject const& work) {
    in(object, member, [&] {
        auto const elements = object.objects(member).value();
        for (std::size_t i = 0; i < elements.size(); ++i) {
            steps_.push_back(std::to_string(i));
            work(elements[i]);
            steps_.pop_back();
        }
    });
}

void SeedPlace::check_members(text::JsonObject const& object, std::string_view what,
                              std::vector<std::string_view> const& known) {
    for (auto const& name : object.names()) {
        steps_.push_back(name);
        check_known(name, known, what);
        steps_.pop_back();
    }
}

std::string SeedPlace::require(text::JsonObject const& object, char const* member) const {
    if (auto const text = object.string(member)) return *text;
    throw Refusal{400, fmt::format("{} is missing", member)};
}

storage::Owner parse_seed_owner(text::JsonObject const& object, storage::Owner const& default_owner) {
    auto const account = object.string("account");
    auto const region = object.string("region");
    check_owner(account, region);
    return {account.value_or(default_owner.account), region.value_or(default_owner.region)};
}

std::optional<storage::Time> parse_seed_date(text::JsonObject const& object, char const* member,
                                             storage::Time now) {
    auto const text = object.string(member);
    if (!text) return std::nullopt;
    auto const time = text::parse_time(*text);
    if (!time) throw Refusal{400, fmt::format("{}: {}", member, text::not_a_time(*text))};
    if (*time <= now) return time;
    throw Refusal{400, fmt::format("{} must not be in the future; firn's clock shows {}", member,
                                   text::format_milliseconds(now))};
}

SeedArchive parse_seed_archive(SeedPlace& place, text::JsonObject const& object) {
    place.check_members(object, "an archive",
                        {"name", "description", "created", "file", "text", "base64", "synthetic", "count"});
    SeedArchive archive;
    archive.name = object.string("name").value_or("");
    archive.description = object.string("description").value_or("");
    archive.count = object.integer("count").value_or(1);
    archive.file = object.string("file");
    archive.text = object.string("text");
    archive.base64 = object.string("base64");
    archive.synthetic_bytes = synthetic_size(object);
    auto const sources = int(archive.file.has_value()) + int(archive.text.has_value()) +
                         int(archive.base64.has_value()) + int(archive.synthetic_bytes.has_value());
    if (sources != 1) throw Refusal{400, "an archive needs one of file, text, base64 and synthetic"};
    if (archive.count < 1 || archive.count > count_max) {
        throw Refusal{400, fmt::format("count must be from 1 to {}", count_max)};
    }
    if (archive.count > 1 && !archive.synthetic_bytes)
        throw Refusal{400, "count is only for synthetic archives"};
    return archive;
}

}  // namespace firn::control
