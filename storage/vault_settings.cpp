// What belongs to a vault besides archives and jobs: documents, tags, the lock.
#include "storage/transaction.hpp"

namespace firn::storage {
namespace {

VaultLock read_lock(Query& query) {
    VaultLock lock;
    query.read(lock.lock_id, lock.policy, lock.created_at, lock.due_at);
    return lock;
}

}  // namespace

std::optional<std::string> View::vault_document(std::int64_t vault_pk, VaultDocument kind) const {
    auto query = connection_.query("SELECT text FROM vault_documents WHERE vault_pk = ?1 AND kind = ?2");
    return query.bind(vault_pk, kind).first<std::string>();
}

std::map<std::string, std::string> View::tags(std::int64_t vault_pk) const {
    auto query = connection_.query("SELECT key, value FROM tags WHERE vault_pk = ?1");
    query.bind(vault_pk);
    std::map<std::string, std::string> tags;
    while (query.step()) {
        std::string key;
        std::string value;
        query.read(key, value);
        tags.emplace(std::move(key), std::move(value));
    }
    return tags;
}

std::optional<VaultLock> View::vault_lock(std::int64_t vault_pk) const {
    auto query =
        connection_.query("SELECT lock_id, policy, created_at, due_at FROM vault_locks WHERE vault_pk = ?1");
    return query.bind(vault_pk).first(read_lock);
}

void Transaction::set_vault_document(std::int64_t vault_pk, VaultDocument kind, std::string_view text) {
    auto query = connection_.query("INSERT OR REPLACE INTO vault_documents VALUES (?1, ?2, ?3)");
    query.bind(vault_pk, kind, text).run();
}

void Transaction::remove_vault_document(std::int64_t vault_pk, VaultDocument kind) {
    auto query = connection_.query("DELETE FROM vault_documents WHERE vault_pk = ?1 AND kind = ?2");
    query.bind(vault_pk, kind).run();
}

void Transaction::set_tag(std::int64_t vault_pk, std::string_view key, std::string_view value) {
    connection_.query("INSERT OR REPLACE INTO tags VALUES (?1, ?2, ?3)").bind(vault_pk, key, value).run();
}

void Transaction::remove_tag(std::int64_t vault_pk, std::string_view key) {
    connection_.query("DELETE FROM tags WHERE vault_pk = ?1 AND key = ?2").bind(vault_pk, key).run();
}

void Transaction::set_vault_lock(std::int64_t vault_pk, VaultLock const& lock) {
    auto query = connection_.query("INSERT OR REPLACE INTO vault_locks VALUES (?1, ?2, ?3, ?4, ?5)");
    query.bind(vault_pk, lock.lock_id, lock.policy, lock.created_at, lock.due_at).run();
    if (lock.due_at) note_due(*lock.due_at);
}

void Transaction::end_vault_lock(std::int64_t vault_pk, Time at) {
    auto query = connection_.query("DELETE FROM vault_locks WHERE vault_pk = ?1 AND due_at <= ?2");
    query.bind(vault_pk, at).run();
}

void Transaction::remove_vault_lock(std::int64_t vault_pk) {
    connection_.query("DELETE FROM vault_locks WHERE vault_pk = ?1").bind(vault_pk).run();
}

}  // namespace firn::storage
