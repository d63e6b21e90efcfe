#include "server/cli/listing.hpp"

#include <fmt/format.h>

#include <optional>

namespace firn::cli {
namespace {

struct Choice {
    Query filters;
    std::optional<std::size_t> limit;
};

// The rows of all pages as one answer, at most `limit`.
Json all_pages(Session const& session, std::string const& resource, Choice const& choice) {
    Json answer{{resource, Json::array()}, {"marker", nullptr}};
    auto& rows = answer[resource];
    do {
        ControlRequest request{"GET", {resource}, choice.filters, ""};
        if (choice.limit) request.query.emplace_back("limit", std::to_string(*choice.limit - rows.size()));
        if (answer["marker"].is_string())
            request.query.emplace_back("marker", answer["marker"].get<std::string>());
        auto page = parse_answer(session.client.send(request));
        for (auto& row : page.at(resource)) rows.push_back(std::move(row));
        answer["marker"] = page.at("marker");
    } while (answer["marker"].is_string() && (!choice.limit || rows.size() < *choice.limit));
    return answer;
}

std::string describe(Listing const& listing, Json const& answer) {
    auto rows = answer.at(listing.resource);
    if (listing.row_of != nullptr) {
        for (auto& row : rows) row = listing.row_of(row);
    }
    auto text = table(rows, listing.columns, listing.nothing);
    if (answer.at("marker").is_string())
        text += fmt::format("the first {}; a higher --limit shows more\n", rows.size());
    return text;
}

void add_choice(CLI::App& command, Listing const& listing, std::shared_ptr<Choice> const& choice) {
    listing.add_filters(command, SharedQuery(choice, &choice->filters));
    command.add_option("--limit", choice->limit, "Maximum number of rows (default: all)")
        ->check(CLI::PositiveNumber);
}

}  // namespace

void add_owner_filters(CLI::App& command, SharedQuery const& query) {
    add_filter(command, query, "--account", "Only of this account");
    add_filter(command, query, "--region", "Only of this region");
}

void add_vault_filters(CLI::App& command, SharedQuery const& query) {
    add_filter(command, query, "--vault", "Only of vaults with this name");
    add_owner_filters(command, query);
}

void define_listing(CLI::App& command, Commands& commands, Listing const& listing, std::string const& help) {
    auto const choice = std::make_shared<Choice>();
    auto const list = [choice, listing](Session const& session) {
        session.show(all_pages(session, listing.resource, *choice),
                     [&](Json const& answer) { return describe(listing, answer); });
    };
    commands.define(command, list);
    add_choice(command, listing, choice);
    add_choice(commands.add(command, "list", help + " (the default)", list), listing, choice);
}

void add_expire(CLI::App& command, Commands& commands, std::string const& resource,
                std::string const& id_name, std::string const& noun, std::string const& help) {
    auto const id = std::make_shared<std::string>();
    auto& expire = commands.add(command, "expire", help, [=](Session const& session) {
        session.ask("POST", {resource, *id, "expire"});
        session.say(fmt::format("{} {} has expired", noun, *id));
    });
    add_id(expire, *id, id_name, "Id of the " + noun);
}

}  // namespace firn::cli
