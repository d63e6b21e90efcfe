#include "server/control/seed/seed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "server/control/refusal.hpp"
#include "server/control/seed/seed_contents.hpp"
#include "server/control/seed/seed_document.hpp"
#include "server/control/seed/seed_writer.hpp"
#include "server/text/json_lines.hpp"

namespace firn::control {
namespace {
using nlohmann::json;

// The name under which existing data directories store it.
constexpr char seeded_setting[] = "sown";

text::JsonObject parse_document(std::string const& text) {
    try {
        // Parsed here only for the error message, which names the line.
        [[maybe_unused]] auto const checked = json::parse(text);
    } catch (json::parse_error const& error) {
        std::string const message = error.what();
        auto const at = message.find("line ");
        throw Refusal{400, at == message.npos ? message : message.substr(at)};
    } catch (json::out_of_range const& error) {
        // The message quotes the number that is too large, but does not say where it is.
        std::string_view number = error.what();
        number = number.substr(number.find('\'') + 1);
        number = number.substr(0, number.find('\''));
        auto const before = text.substr(0, text.find(number));
        throw Refusal{400, fmt::format("line {}: the number {} is too large",
                                       1 + std::count(before.begin(), before.end(), '\n'), number)};
    }
    try {
        return text::JsonObject::parse(text);
    } catch (text::JsonError const& error) {
        throw Refusal{400, fmt::format("line 1: {}", error.what())};
    }
}

}  // namespace

bool is_unseeded(storage::View const& view) {
    return view.all_vaults().empty() && !view.setting(seeded_setting);
}

Seeded apply_seed(std::string const& text, SeedContext const& context) {
    auto const document = parse_document(text);
    SeedPlace place;
    auto const refusal = [&](unsigned status, std::string_view why) {
        return Refusal{status, fmt::format("line {}: {}", text::line_of(text, place.steps()), why)};
    };
    try {
        SeedContents contents(context.store, context.folder, place, document);
        Seeded seeded;
        context.store.write_and_wait([&](storage::Transaction& transaction) {
            seeded = SeedWriter(context, place, contents, transaction).write(document);
            transaction.set_setting(seeded_setting, "1");
        });
        return seeded;
    } catch (glacier::ServiceError const& error) {
        throw refusal(400, fmt::format("{} ({})", error.message, error.hint));
    } catch (text::JsonError const& error) {
        throw refusal(400, error.what());
    } catch (Refusal const& error) {
        throw refusal(error.status, error.message);
    }
}

}  // namespace firn::control
