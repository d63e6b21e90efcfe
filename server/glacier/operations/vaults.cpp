#include "server/glacier/operations/vaults.hpp"

#include <fmt/format.h>

#include "server/glacier/limits.hpp"
#include "server/glacier/paging.hpp"
#include "server/glacier/reply.hpp"
#include "server/text/json_text.hpp"
#include "server/text/timestamp.hpp"

namespace firn::glacier {
namespace {

// Storage counts the bytes of the archives. Glacier adds 32 KiB of index for each archive. Source: developer
// guide, "Pricing"; the sums of all real inventories agree.
constexpr std::uint64_t overhead_bytes_per_archive = 32'768;

void write(text::JsonText& json, storage::Vault const& vault, Request const& request) {
    bool const fresh = request.rules.timing.inventory == InventoryMode::fresh;
    storage::Contents contents;
    std::optional<storage::Time> inventory_at;
    if (fresh) {
        contents = vault.contents;
        inventory_at = vault.written_at;
    } else if (vault.inventory) {
        contents = vault.inventory->contents;
        inventory_at = vault.inventory->at;
    }
    json.begin_object();
    json.member("CreationDate", vault.created_at).member("LastInventoryDate", inventory_at);
    json.member("NumberOfArchives", contents.archive_count);
    json.member("SizeInBytes", contents.archive_bytes + overhead_bytes_per_archive * contents.archive_count);
    json.member("VaultARN", request.vault_arn(vault.name)).member("VaultName", vault.name);
    json.end_object();
}

// The name at which the page begins. Unverified: that the marker is inclusive.
std::string first_name(Request const& request) {
    auto const marker = request.target.parameter("marker");
    if (!marker) return "";
    auto const prefix = request.vault_arn("");
    auto const name = marker->substr(std::min(prefix.size(), marker->size()));
    if (!marker->starts_with(prefix) || !is_vault_name(name)) throw errors::invalid_marker(*marker);
    return std::string(name);
}

}  // namespace

void add_vault(Request const& request, storage::Transaction& transaction, std::int64_t vault_pk) {
    if (!is_vault_name(request.vault_name)) throw errors::invalid_vault_name(request.vault_name);
    if (transaction.count_vaults(request.owner) >= vaults_max) {
        throw errors::limit_exceeded("The vault limit of 1000 has been exceeded",
                                     "an account has at most 1000 vaults in a region; first delete one");
    }
    storage::Vault vault;
    vault.vault_pk = vault_pk;
    vault.owner = request.owner;
    vault.name = request.vault_name;
    vault.created_at = request.now;
    transaction.create_vault(vault);
}

http::Response create_vault(Request const& request, storage::Transaction& transaction) {
    // Creating a vault that exists succeeds and changes nothing.
    if (!transaction.find_vault(request.owner, request.vault_name))
        add_vault(request, transaction, transaction.next_number());
    auto response = success_response(request);
    response.fields.add("Location", request.vault_path());
    return response;
}

std::string describe_vault(Request const& request, storage::View const& view) {
    text::JsonText json;
    write(json, require_vault(request, view), request);
    return json.take();
}

std::string list_vaults(Request const& request, storage::View const& view) {
    auto const limit = page_limit(request.target, vaults_per_page_max);
    auto vaults = view.list_vaults(request.owner, first_name(request), limit + 1);
    std::optional<std::string> marker;
    if (auto const next = cut_page(vaults, limit)) marker = request.vault_arn(next->name);
    text::JsonText json;
    json.begin_object().member("Marker", marker).key("VaultList").begin_array();
    for (auto const& vault : vaults) write(json, vault, request);
    json.end_array().end_object();
    return json.take();
}

http::Response delete_vault(Request const& request, storage::Transaction& transaction) {
    // Documented as idempotent. Unverified: that this includes a vault that never existed.
    if (!is_vault_name(request.vault_name)) throw errors::vault_not_found(request.vault_name);
    auto const vault = transaction.find_vault(request.owner, request.vault_name);
    if (!vault) return success_response(request);
    if (request.rules.timing.inventory == InventoryMode::fresh) {
        if (vault->contents.archive_count > 0) {
            throw errors::vault_not_empty(request.vault_arn(), "first delete the archives in the vault");
        }
    } else {
        // A vault can be deleted only when an inventory after its last write is empty.
        if (vault->inventory_due_at) {
            throw errors::vault_not_empty(
                request.vault_arn(),
                fmt::format("no inventory has the last write yet; the next one is made at {}",
                            text::format_milliseconds(*vault->inventory_due_at)));
        }
        if (vault->inventory && vault->inventory->contents.archive_count > 0) {
            throw errors::vault_not_empty(request.vault_arn(), "the last inventory still lists archives");
        }
    }
    transaction.delete_vault(vault->vault_pk);
    return success_response(request);
}

}  // namespace firn::glacier
