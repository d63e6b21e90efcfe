// Inventories of archives with every description that a client can give, as CSV and as JSON, page by page:
// read back by a parser of one screen they list what went in, filtered as the job says.
#include "server/glacier/inventory.hpp"

#include <algorithm>
#include <string>

#include "server/glacier/limits.hpp"
#include "server/text/timestamp.hpp"
#include "tests/fuzz/world.hpp"

namespace firn::fuzz {
namespace {
using nlohmann::json;

constexpr std::size_t archives_max = 40;

struct Listed {
    std::string archive_id;
    std::string description;
    std::string created_at;
    std::string size_bytes;
    std::string tree_hash;
    bool operator==(Listed const&) const = default;
};

Listed listed(storage::Archive const& archive) {
    return {archive.archive_id, archive.description, text::format_seconds(archive.created_at),
            std::to_string(archive.size_bytes), storage::to_hex(archive.tree_hash)};
}

// Takes what stands behind the last comma, which no field behind the description has in it.
std::string take_last(std::string_view& line) {
    auto const comma = line.rfind(',');
    FUZZ_CHECK(comma != line.npos);
    auto const field = line.substr(comma + 1);
    line = line.substr(0, comma);
    return std::string(field);
}

// Glacier puts a backslash before each quote and before nothing else.
std::string unquoted(std::string_view text) {
    FUZZ_CHECK(text.size() >= 2 && text.front() == '"' && text.back() == '"');
    text = text.substr(1, text.size() - 2);
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const is_escape = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '"';
        FUZZ_CHECK(is_escape || text[i] != '"');
        plain += text[is_escape ? ++i : i];
    }
    return plain;
}

std::vector<Listed> read_csv(std::string_view text) {
    std::vector<Listed> entries;
    bool first = true;
    while (!text.empty()) {
        auto const end = text.find("\r\n");
        FUZZ_CHECK(end != text.npos);
        auto line = text.substr(0, end);
        text.remove_prefix(end + 2);
        FUZZ_CHECK(!first || line == "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash");
        if (!std::exchange(first, false)) {
            Listed entry;
            entry.tree_hash = take_last(line);
            entry.size_bytes = take_last(line);
            entry.created_at = take_last(line);
            auto const comma = line.find(',');
            FUZZ_CHECK(comma != line.npos);
            entry.archive_id = line.substr(0, comma);
            entry.description = unquoted(line.substr(comma + 1));
            entries.push_back(std::move(entry));
        }
    }
    FUZZ_CHECK(!first);
    return entries;
}

std::vector<Listed> read_json(std::string const& text) {
    auto const inventory = json::parse(text);
    FUZZ_CHECK(inventory.size() == 3 && inventory.at("VaultARN") == glacier::vault_arn(owner, "v"));
    FUZZ_CHECK(inventory.at("InventoryDate") == text::format_seconds(now));
    // Compact, and escaped as everybody does it.
    FUZZ_CHECK(nlohmann::ordered_json::parse(text).dump() == text);
    std::vector<Listed> entries;
    for (auto const& entry : inventory.at("ArchiveList")) {
        FUZZ_CHECK(entry.size() == 5);
        entries.push_back({entry.at("ArchiveId"), entry.at("ArchiveDescription"), entry.at("CreationDate"),
                           std::to_string(entry.at("Size").get<std::uint64_t>()),
                           entry.at("SHA256TreeHash")});
    }
    return entries;
}

bool is_allowed(std::string_view description) {
    try {
        glacier::check_description(description, "description");
        FUZZ_CHECK(description.size() <= glacier::description_length_max);
        return true;
    } catch (glacier::ServiceError const& error) {
        check_refusal(error);
        return false;
    }
}

// One for each line that may be a description.
std::vector<storage::Archive> archives_of(std::string_view lines, std::int64_t vault_pk, Dice& dice,
                                          storage::Transaction& transaction) {
    std::vector<storage::Archive> archives;
    while (!lines.empty() && archives.size() < archives_max) {
        auto const description = take_line(lines);
        if (!is_allowed(description)) continue;
        storage::Archive archive;
        archive.vault_pk = vault_pk;
        archive.archive_pk = archive.created_number = transaction.next_number();
        archive.archive_id =
            glacier::Random("fuzz").id("archive", archive.archive_pk, glacier::archive_id_length);
        archive.description = description;
        archive.size_bytes = dice.roll(1 << 30) << dice.roll(33);
        archive.tree_hash = storage::sha256(std::as_bytes(std::span(archive.archive_id)));
        archive.created_at = now + std::chrono::seconds(dice.roll(1000));
        transaction.add_synthetic_archive(archive, 1, now);
        if (dice.roll(5) == 0) {
            transaction.delete_archive(archive, now, now);
            archive.deleted = true;
        }
        archives.push_back(std::move(archive));
    }
    return archives;
}

std::vector<Listed> expected_entries(std::vector<storage::Archive> const& archives,
                                     storage::InventoryFilter const& filter) {
    std::vector<Listed> entries;
    for (auto const& archive : archives) {
        bool const is_in = !archive.deleted && (!filter.start_at || archive.created_at >= *filter.start_at) &&
                           (!filter.end_at || archive.created_at < *filter.end_at);
        if (is_in) entries.push_back(listed(archive));
    }
    return entries;
}

// All pages of an inventory, one behind the other.
std::vector<Listed> written_entries(storage::View const& view, storage::Job job) {
    std::vector<Listed> entries;
    for (;;) {
        std::string text;
        glacier::InventoryWriter writer(job.inventory->format, glacier::vault_arn(owner, "v"), now,
                                        [&text](std::string_view piece) { text += piece; });
        auto const next = glacier::write_inventory(view, job, std::nullopt, writer);
        auto const page = job.inventory->format == "CSV" ? read_csv(text) : read_json(text);
        auto const limit = job.inventory->filter.entry_limit;
        FUZZ_CHECK(!limit || page.size() <= static_cast<std::size_t>(*limit));
        FUZZ_CHECK(!next || (limit && page.size() == static_cast<std::size_t>(*limit)));
        entries.insert(entries.end(), page.begin(), page.end());
        if (!next) return entries;
        FUZZ_CHECK(*next > job.inventory->filter.from_number.value_or(0));
        job.inventory->filter.from_number = next;
    }
}

void check_inventories(World const& world, std::string_view input, storage::Transaction& transaction) {
    call("CreateVault", world.request_to("v"), transaction);
    storage::Job job;
    job.vault_pk = transaction.find_vault(owner, "v")->vault_pk;
    Dice dice(input);
    auto const archives = archives_of(input, job.vault_pk, dice, transaction);
    for (auto const* const format : {"CSV", "JSON"}) {
        job.inventory = storage::InventoryRetrieval{format, {}, {}, {}};
        auto& filter = job.inventory->filter;
        FUZZ_CHECK(written_entries(transaction, job) == expected_entries(archives, filter));
        if (dice.roll(2) == 0) filter.start_at = now + std::chrono::seconds(dice.roll(1000));
        if (dice.roll(2) == 0) filter.end_at = now + std::chrono::seconds(dice.roll(1000));
        filter.entry_limit = 1 + static_cast<std::int64_t>(dice.roll(5));
        FUZZ_CHECK(written_entries(transaction, job) == expected_entries(archives, filter));
    }
}

}  // namespace

// Each line is the description of an archive.
void try_input(std::string_view input) {
    static World world;
    world.try_in_transaction(
        [input](storage::Transaction& transaction) { check_inventories(world, input, transaction); });
}

}  // namespace firn::fuzz
