// The list of what will happen.
#include <doctest/doctest.h>

#include "tests/unit/storage/samples.hpp"

using namespace firn::storage;
using namespace firn::test;
using namespace std::chrono_literals;

namespace {

// "kind@seconds", with the vault and the id where there are any.
std::string text_of(std::vector<Event> const& events) {
    std::string text;
    for (auto const& event : events) {
        auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(event.at.time_since_epoch());
        text += event.kind + '@' + std::to_string(seconds.count());
        for (auto const& part : {event.vault_name, event.id}) text += part.empty() ? "" : ' ' + part;
        text += '\n';
    }
    return text;
}

struct EventStore : SampleStore {
    std::string list(std::int64_t after_s, std::optional<Duration> first_inventory_delay = 12h,
                     std::size_t limit = 100) {
        return text_of((*this)->read()->list_events(at(after_s), limit, first_inventory_delay));
    }

    Upload add_upload(std::int64_t vault_pk, std::string const& id, std::int64_t due_at_s) {
        Upload upload;
        upload.vault_pk = vault_pk;
        upload.upload_id = id;
        upload.due_at = at(due_at_s);
        (*this)->write_and_wait([&](Transaction& transaction) {
            upload.upload_pk = transaction.next_number();
            transaction.add_upload(upload);
        });
        return upload;
    }
};

}  // namespace

TEST_CASE_FIXTURE(EventStore,
                  "events are listed in order of time, with the vault and the id of what they are about") {
    auto const vault = add_vault("photos").vault_pk;
    auto const job = add_inventory_job(vault, 30);
    add_upload(vault, "upload", 20);
    (*this)->write_and_wait([&](Transaction& transaction) {
        transaction.set_vault_lock(vault, {"secret", "{}", at(0), at(40)});
        transaction.add_capacity_unit(own, {transaction.next_number(), "unit", at(0), at(10)});
    });
    auto const all = "capacity_ends@10 unit\nupload_dropped@20 photos upload\njob_completes@30 photos " +
                     job.job_id + "\nlock_ends@40 photos\n";
    CHECK(list(0) == all);
    CHECK(list(9) == all);
    CHECK(list(10) == all.substr(all.find("upload_dropped")));
    CHECK(list(0, 12h, 2) == all.substr(0, all.find("job_completes")));
    CHECK(list(40).empty());
    auto const unit = (*this)->read()->list_events(at(0), 1, 12h).at(0);
    CHECK(unit.owner == own);
    complete(job, 50);
    CHECK(list(40) == "job_expires@50 photos " + job.job_id + "\n");
}

TEST_CASE_FIXTURE(EventStore, "that firn forgets an upload that has ended is no event") {
    auto const vault = add_vault("photos").vault_pk;
    auto const upload = add_upload(vault, "upload", 20);
    (*this)->write_and_wait([&](Transaction& transaction) { transaction.abort_upload(upload, at(90)); });
    CHECK(list(0).empty());
    CHECK((*this)->read()->next_due() == at(90));
}

TEST_CASE_FIXTURE(EventStore, "an inventory is an event, and that the first can be retrieved is another") {
    auto const vault = add_vault("photos").vault_pk;
    auto const archive = add_archive(vault, "x", 0, at(100));
    CHECK(list(0) == "inventory@100 photos\n");
    take_inventory(vault, at(100));
    CHECK(list(100) == "inventory_ready@43300 photos\n");
    CHECK(list(100, 1h) == "inventory_ready@3700 photos\n");
    // In the modes whose inventories are always fresh.
    CHECK(list(100, std::nullopt).empty());
    (*this)->write_and_wait([&](Transaction& transaction) {
        transaction.delete_archive(transaction.archive(archive.archive_pk).value(), at(200), at(300));
    });
    CHECK(list(200, std::nullopt) == "inventory@300 photos\nvault_deletable@300 photos\n");
}
