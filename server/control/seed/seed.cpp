#include "server/control/seed/seed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "server/control/refusal.hpp"
#include "server/control/seed/seed_archives.hpp"
#include "server/control/seed/seed_document.hpp"
#include "server/control/seed/seed_writer.hpp"
#include "server/text/json_lines.hpp"

namespace firn::control {
namespace {
using nlohmann::json;

// The name under which existing data directories store it.
constexpr char seeded_setting[] = "sown";

text::JsonObject parse_document(SeedSource const& source) {
    auto const& text = source.text;
    auto const refusal = [&](std::string const& why) { return Refusal{400, source.name + why}; };
    try {
        // Parsed here only for the error message, which names the line.
        [[maybe_unused]] auto const checked = json::parse(text);
    } catch (json::parse_error const& error) {
        std::string const message = error.what();
        auto const at = message.find("line ");
        throw refusal(at == message.npos ? message : message.substr(at));
    } catch (json::out_of_range const& error) {
        // The message quotes the number that is too large, but does not say where it is.
        std::string_view number = error.what();
        number = number.substr(number.find('\'') + 1);
        number = number.substr(0, number.find('\''));
        auto const before = text.substr(0, text.find(number));
        throw refusal(fmt::format("line {}: the number {} is too large",
                                  1 + std::count(before.begin(), before.end(), '\n'), number));
    }
    try {
        return text::JsonObject::parse(text);
    } catch (text::JsonError const& error) {
        throw refusal(fmt::format("line 1: {}", error.what()));
    }
}

Seeded apply(SeedSource const& source, SeedContext const& context, SeedArchives::Commit const& commit) {
    auto const document = parse_document(source);
    SeedPlace place;
    auto const refusal = [&](unsigned status, std::string_view why) {
        auto const line = text::line_of(source.text, place.steps());
        return Refusal{status, fmt::format("{}line {}: {}", source.name, line, why)};
    };
    try {
        SeedArchives archives(context, source.folder, place, commit);
        auto const& vaults = archives.write(document);
        Seeded seeded;
        commit([&](storage::Transaction& transaction) {
            seeded = SeedWriter(context, place, transaction).write(document, vaults);
            mark_seeded(transaction);
        });
        archives.keep();
        return seeded;
    } catch (glacier::ServiceError const& error) {
        throw refusal(400, fmt::format("{} ({})", error.message, error.hint));
    } catch (text::JsonError const& error) {
        throw refusal(400, error.what());
    } catch (Refusal const& error) {
        throw refusal(error.status, error.message);
    }
}

}  // namespace

bool is_unseeded(storage::View const& view) {
    return view.all_vaults().empty() && !view.setting(seeded_setting);
}

void mark_seeded(storage::Transaction& transaction) {
    transaction.set_setting(seeded_setting, "1");
}

SeedSource read_seed_file(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    SeedSource source{std::string(std::istreambuf_iterator<char>(file), {}), path.parent_path(),
                      "the seed file " + path.string() + ", "};
    if (!file || std::filesystem::is_directory(path))
        throw Refusal{400, "cannot read the seed file " + path.string()};
    return source;
}

Seeded apply_seed(SeedSource const& source, SeedContext const& context) {
    return apply(source, context,
                 [&](storage::Writer::Work const& work) { context.store.write_and_wait(work); });
}

Seeded apply_seed(SeedSource const& source, SeedContext const& context, storage::Transaction& transaction) {
    return apply(source, context, [&](storage::Writer::Work const& work) { work(transaction); });
}

}  // namespace firn::control
