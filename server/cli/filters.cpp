#include "server/cli/filters.hpp"

#include <algorithm>

#include "server/text/number.hpp"

namespace firn::cli {

CLI::Option* add_filter(CLI::App& command, SharedQuery const& query, std::string const& flag,
                        std::string const& help) {
    auto name = flag.substr(2);
    std::replace(name.begin(), name.end(), '-', '_');
    auto const keep = [query, name](std::string const& value) { query->emplace_back(name, value); };
    return command.add_option_function<std::string>(flag, keep, help);
}

CLI::Validator whole_number() {
    auto const check = [](std::string const& text) {
        return text::parse_number(text) ? "" : text + " is not a whole number like 0 or 12";
    };
    return CLI::Validator(check, "NUMBER");
}

void add_id(CLI::App& command, std::string& id, std::string const& name, std::string const& help) {
    auto const check = [](std::string const& text) {
        return text.empty() ? "must not be empty" : std::string();
    };
    command.add_option(name + ",--" + name, id, help)->required()->check(CLI::Validator(check, ""));
}

CLI::App& add_group(CLI::App& command, std::string const& heading, std::string const& help) {
    auto& group = *command.add_option_group(heading, help);
    // CLI11 turns this off before it parses, but commands are defined during parsing. Otherwise the group and
    // its command would pass an unknown option to each other without end.
    group.fallthrough(false);
    return group;
}

Json VaultChoice::body() const {
    auto json = Json::object();
    if (!vault.empty()) json["vault"] = vault;
    if (!account.empty()) json["account"] = account;
    if (!region.empty()) json["region"] = region;
    return json;
}

void add_account_and_region(CLI::App& command, std::shared_ptr<VaultChoice> const& choice) {
    command.add_option("--account", choice->account,
                       "Account of the vault (default: --account-id of the server)");
    command.add_option("--region", choice->region, "Region of the vault (default: --region of the server)");
}

}  // namespace firn::cli
