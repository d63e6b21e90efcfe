#include "server/glacier/inventory.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using namespace firn::test;
using firn::glacier::InventoryWriter;
using firn::glacier::write_inventory;

namespace {

constexpr auto arn = "arn:aws:glacier:us-east-1:123456789012:vaults/v";
constexpr std::int64_t april_2015_s = 1'428'366'378;  // 2015-04-07T00:26:18Z

Archive sample_archive(std::string description = "") {
    Archive archive;
    archive.archive_id = "-aZ_9";
    archive.description = std::move(description);
    archive.size_bytes = 3'145'728;
    archive.tree_hash = sha256({});
    archive.created_at = at(april_2015_s - 10'983) + Duration(999);
    return archive;
}

constexpr auto csv_head = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n";
constexpr auto sample_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::vector<std::string> write_pieces(std::string_view format, std::vector<Archive> const& archives) {
    std::vector<std::string> pieces;
    InventoryWriter writer(format, arn, at(april_2015_s) + Duration(123),
                           [&](std::string_view piece) { pieces.emplace_back(piece); });
    for (auto const& archive : archives) writer.add(archive);
    writer.finish();
    return pieces;
}

std::string write_all(std::string_view format, std::vector<Archive> const& archives) {
    std::string text;
    for (auto const& piece : write_pieces(format, archives)) text += piece;
    return text;
}

// One page as the job's filter says: the ids that it lists, and where the next one begins.
std::pair<std::string, std::optional<std::int64_t>> page(View const& view, std::int64_t vault_pk,
                                                         InventoryFilter const& filter,
                                                         std::optional<std::int64_t> as_of_number = {}) {
    Job job;
    job.vault_pk = vault_pk;
    job.inventory.emplace().filter = filter;
    std::string text;
    InventoryWriter writer("JSON", arn, at(0), [&](std::string_view piece) { text += piece; });
    auto const next = write_inventory(view, job, as_of_number, writer);
    std::string ids;
    auto const inventory = nlohmann::json::parse(text);
    for (auto const& entry : inventory.at("ArchiveList")) {
        ids += entry.at("ArchiveId").get<std::string>() + " ";
    }
    return {ids, next};
}

}  // namespace

// reference/glacier-api.md 5.1: real sizes prove that not a byte is spent on white space.
TEST_CASE("a JSON inventory is compact, in the service's order of keys, with seconds and numbers") {
    CHECK(
        write_all("JSON", {sample_archive()}) ==
        R"({"VaultARN":"arn:aws:glacier:us-east-1:123456789012:vaults/v","InventoryDate":"2015-04-07T00:26:18Z",)"
        R"("ArchiveList":[{"ArchiveId":"-aZ_9","ArchiveDescription":"","CreationDate":"2015-04-06T21:23:15Z",)"
        R"("Size":3145728,"SHA256TreeHash":")" +
            std::string(sample_hash) + R"("}]})");
}

TEST_CASE("an inventory without archives has an empty list") {
    CHECK(
        write_all("JSON", {}) ==
        R"({"VaultARN":"arn:aws:glacier:us-east-1:123456789012:vaults/v","InventoryDate":"2015-04-07T00:26:18Z",)"
        R"("ArchiveList":[]})");
    CHECK(write_all("CSV", {}) == csv_head);
}

TEST_CASE("the archives of a JSON inventory come in order, whatever their descriptions hold") {
    std::vector<std::string> const descriptions = {"", R"(a "quote")", R"(back\slash)", "a,b",
                                                   "<m><p>cGF0aA==</p></m>"};
    std::vector<Archive> archives;
    archives.reserve(descriptions.size());
    for (auto const& description : descriptions) archives.push_back(sample_archive(description));
    auto const list = nlohmann::json::parse(write_all("JSON", archives)).at("ArchiveList");
    std::vector<std::string> found;
    for (auto const& entry : list) found.push_back(entry.at("ArchiveDescription"));
    CHECK(found == descriptions);
}

TEST_CASE("a size beyond what a double can hold is written to the last digit") {
    auto archive = sample_archive();
    archive.size_bytes = 9'007'199'254'740'993;
    CHECK(write_all("JSON", {archive}).find(R"("Size":9007199254740993,)") != std::string::npos);
    CHECK(write_all("CSV", {archive}).find(",9007199254740993,") != std::string::npos);
}

// The table of reference/glacier-api.md 5.2. The other columns' lack of quotes and the CRLF are firn's
// choice.
TEST_CASE("a CSV description is always in quotes, a quote has a backslash, a backslash has none") {
    std::vector<std::pair<std::string, std::string>> const table = {
        {R"()", R"("")"},          {R"(mt2 eyJm)", R"("mt2 eyJm")"},
        {R"(,)", R"(",")"},        {R"(")", R"("\"")"},
        {R"(\)", R"("\")"},        {R"(\")", R"("\\"")"},
        {R"(a\b)", R"("a\b")"},    {R"({"Path":"x"})", R"("{\"Path\":\"x\"}")"},
        {R"(a\"b)", R"("a\\"b")"},
    };
    for (auto const& row : table) {
        CAPTURE(row.first);
        auto const line = "-aZ_9," + row.second + ",2015-04-06T21:23:15Z,3145728," + sample_hash + "\r\n";
        CHECK(write_all("CSV", {sample_archive(row.first)}) == csv_head + line);
    }
}

TEST_CASE("a long inventory is handed on in pieces that make one document") {
    std::vector<Archive> const archives(2000, sample_archive(std::string(1000, 'd')));
    for (auto const* const format : {"JSON", "CSV"}) {
        CAPTURE(format);
        std::string text;
        std::size_t largest = 0;
        for (auto const& piece : write_pieces(format, archives)) {
            text += piece;
            largest = std::max(largest, piece.size());
        }
        CHECK(text.size() > 3 * mib / 2);
        CHECK(largest < mib);
        auto const count = format == std::string("JSON")
                               ? nlohmann::json::parse(text).at("ArchiveList").size()
                               : static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) - 1;
        CHECK(count == archives.size());
    }
}

TEST_CASE("pages of an inventory list every archive once, and the last one says that it is the last") {
    SampleStore store;
    auto const vault = store.add_vault("v").vault_pk;
    auto const other = store.add_vault("other").vault_pk;
    std::string all;
    for (int i = 0; i < 12; ++i) {
        all += store.add_archive(vault, "x", i).archive_id + " ";
        store.add_archive(other, "y", i);
    }
    auto const reading = store->read();
    for (int limit = 1; limit <= 13; ++limit) {
        CAPTURE(limit);
        std::string found;
        int pages = 0;
        InventoryFilter filter{{}, {}, limit, {}};
        do {
            auto const [ids, next] = page(*reading, vault, filter);
            CHECK_FALSE(ids.empty());
            found += ids;
            filter.from_number = next;
            ++pages;
        } while (filter.from_number && pages < 20);
        CHECK(found == all);
        CHECK(pages == (12 + limit - 1) / limit);
    }
}

TEST_CASE("a page keeps to its filter and to its inventory") {
    SampleStore store;
    auto const vault = store.add_vault("v").vault_pk;
    std::vector<Archive> archives;
    archives.reserve(6);
    for (int i = 0; i < 6; ++i) archives.push_back(store.add_archive(vault, "x", i));
    store.take_inventory(vault, at(10));
    auto const number = store->read()->vault(vault)->inventory->number;
    store.delete_archive(archives[3], 20);
    store.add_archive(vault, "x", 4);
    auto const reading = store->read();
    // Those of seconds 1 to 4, two a page, as they were.
    InventoryFilter filter{at(1), at(5), 2, std::nullopt};
    auto const first = page(*reading, vault, filter, number);
    CHECK(first.first == archives[1].archive_id + " " + archives[2].archive_id + " ");
    filter.from_number = first.second;
    auto const second = page(*reading, vault, filter, number);
    CHECK(second.first == archives[3].archive_id + " " + archives[4].archive_id + " ");
    CHECK_FALSE(second.second);
}

TEST_CASE("an inventory lists what there was when it was made") {
    SampleStore store;
    auto const vault = store.add_vault("v").vault_pk;
    auto const first = store.add_archive(vault, "1", 10);
    auto const second = store.add_archive(vault, "22", 20);
    auto const gone = store.add_archive(vault, "333", 30);
    store.delete_archive(gone, 40);
    store.take_inventory(vault, at(50));
    auto const number = store->read()->vault(vault)->inventory->number;
    store.delete_archive(first, 60);
    auto const third = store.add_archive(vault, "4444", 70);
    auto const reading = store->read();
    CHECK(page(*reading, vault, {}, number).first == first.archive_id + " " + second.archive_id + " ");
    CHECK(page(*reading, vault, {}, std::nullopt).first == second.archive_id + " " + third.archive_id + " ");
}

TEST_CASE("an inventory's filter takes the beginning in and leaves the end out") {
    SampleStore store;
    auto const vault = store.add_vault("v").vault_pk;
    auto const first = store.add_archive(vault, "1", 10);
    auto const second = store.add_archive(vault, "2", 20);
    auto const reading = store->read();
    CHECK(page(*reading, vault, {at(10), at(20), {}, {}}).first == first.archive_id + " ");
    CHECK(page(*reading, vault, {at(11), {}, {}, {}}).first == second.archive_id + " ");
    CHECK(page(*reading, vault, {{}, at(10), {}, {}}).first.empty());
    CHECK(page(*reading, vault, {{}, {}, {}, second.created_number}).first == second.archive_id + " ");
}

TEST_CASE("a vault's counters are live, its inventory's are of its time and due again only after a write") {
    SampleStore store;
    auto const vault = store.add_vault("v").vault_pk;
    auto const archive = store.add_archive(vault, "12345", 10, at(100));
    store.add_archive(vault, "678", 20, at(90));
    CHECK(store->read()->vault(vault)->inventory_due_at == at(100));  // the one that was due stays due
    CHECK_FALSE(store->read()->vault(vault)->inventory);

    store.take_inventory(vault, at(100));
    store.delete_archive(archive, 200);
    auto changed = *store->read()->vault(vault);
    CHECK(changed.contents.archive_count == 1);
    CHECK(changed.contents.archive_bytes == 3);
    CHECK(changed.written_at == at(200));
    CHECK(changed.inventory->at == at(100));
    CHECK(changed.inventory->contents.archive_count == 2);
    CHECK(changed.inventory->contents.archive_bytes == 8);
    CHECK(changed.inventory_due_at == at(200 + 86'400));

    store.take_inventory(vault, at(300));
    changed = *store->read()->vault(vault);
    CHECK(changed.inventory->contents.archive_count == 1);
    CHECK(changed.inventory->contents.archive_bytes == 3);
    CHECK(changed.inventory_first_at == at(100));
    CHECK_FALSE(changed.inventory_due_at);
}

TEST_CASE("an inventory is not dated before a write that it knows") {
    SampleStore store;
    auto const vault = store.add_vault().vault_pk;
    store.add_archive(vault, "x", 130);
    store.take_inventory(vault, at(100));
    CHECK(store->read()->vault(vault)->inventory->at == at(130));
}
