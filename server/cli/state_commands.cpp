// `firn inventory`, `firn reset`, `firn seed`: change the contents of the vaults.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "server/cli/commands.hpp"
#include "server/cli/filters.hpp"

namespace firn::cli {
namespace {

std::string describe_inventories(Json const& answer) {
    return table(answer.value("inventories", Json::array()),
                 {{"VAULT", "vault"},
                  {"ACCOUNT", "account"},
                  {"REGION", "region"},
                  {"TAKEN", "at"},
                  {"ARCHIVES", "archive_count"},
                  {"BYTES", "archive_bytes"}},
                 "no vaults");
}

std::string describe_seeded(Json const& seeded) {
    auto const existing = seeded.value("existing_vaults", Json(0));
    return fmt::format("added {}, {} ({}), {}{}\n", counted(seeded.at("vaults"), "vault"),
                       counted(seeded.at("archives"), "archive"), counted(seeded.at("archive_bytes"), "byte"),
                       counted(seeded.at("jobs"), "job"),
                       existing == 0 ? "" : "; used " + counted(existing, "vault") + " that existed");
}

std::string describe_reset(VaultChoice const& choice) {
    if (!choice.vault.empty()) return fmt::format("vault {} is deleted", choice.vault);
    if (choice.account.empty()) return "everything is as at the beginning";
    auto const where = choice.region.empty() ? "all Regions" : choice.region;
    return fmt::format("account {} is empty in {}", choice.account, where);
}

std::string read_document(std::string const& file) {
    if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
    std::ifstream stream(file, std::ios::binary);
    // A directory can be opened, but not read.
    bool const is_readable = stream && !std::filesystem::is_directory(file);
    if (!is_readable) throw ControlError("cannot read the seed file " + file);
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

// Relative paths in the document start in its own folder.
std::string folder_of(std::string const& file) {
    if (file == "-") return std::filesystem::current_path();
    return std::filesystem::absolute(file).parent_path();
}

}  // namespace

void define_inventory(CLI::App& inventory, Commands& commands) {
    commands.define(inventory, {});
    auto const choice = std::make_shared<VaultChoice>();
    auto& take = commands.add(inventory, "take", "Take the inventory of one vault, or of all vaults, now",
                              [choice](Session const& session) {
                                  session.show(session.ask("POST", {"inventories"}, choice->body()),
                                               describe_inventories);
                              });
    take.add_option("vault,--vault", choice->vault, "Name of the vault (default: all vaults)");
    add_account_and_region(take, choice);
}

void define_reset(CLI::App& reset, Commands& commands) {
    auto const choice = std::make_shared<VaultChoice>();
    auto const leaves_empty = std::make_shared<bool>(false);
    commands.define(reset, [choice, leaves_empty](Session const& session) {
        auto body = choice->body();
        if (*leaves_empty) body["seed"] = false;
        session.show(session.ask("POST", {"reset"}, body), [&](Json const& clock) {
            return describe_reset(*choice) + '\n' + describe_clock(clock);
        });
    });
    auto* const vault = reset.add_option("--vault", choice->vault, "Delete only the vault of this name");
    auto* const account =
        reset.add_option("--account", choice->account,
                         "Delete only what belongs to this account; with --vault, the account of the vault");
    auto* const region =
        reset.add_option("--region", choice->region, "With --account or --vault: only in this Region");
    reset.add_flag("--no-seed", *leaves_empty, "Stay empty: do not apply --seed-file of the server again")
        ->excludes(vault)
        ->excludes(account);
    // Deleting everything must be meant. An unset variable in a script gives an empty text.
    for (auto* const option : {vault, account, region}) {
        option->check(
            CLI::Validator([](std::string& text) { return text.empty() ? "must not be empty" : ""; }, ""));
    }
}

void define_seed(CLI::App& seed, Commands& commands) {
    auto const file = std::make_shared<std::string>();
    commands.define(seed, [file](Session const& session) {
        ControlRequest const request{"POST", {"seed"}, {{"folder", folder_of(*file)}}, read_document(*file)};
        session.show(parse_answer(session.client.send(request)), describe_seeded);
    });
    seed.add_option("file", *file, "Seed document; - reads stdin")->required();
}

}  // namespace firn::cli
