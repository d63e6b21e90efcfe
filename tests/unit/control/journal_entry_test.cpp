#include "server/control/observe/journal_entry.hpp"

#include <doctest/doctest.h>

using firn::control::entry_text_bytes_max;
using firn::control::JournalEntry;
using firn::control::make_entry;
using firn::http::RequestHead;
using Names = std::vector<std::string_view>;

namespace {

RequestHead head_of(std::string target, std::vector<std::pair<std::string, std::string>> const& fields = {}) {
    RequestHead head;
    head.target = std::move(target);
    for (auto const& [name, value] : fields) head.fields.add(name, value);
    return head;
}

JournalEntry entry_of(RequestHead const& head, std::string_view body = {}, std::size_t body_bytes_max = 100) {
    return make_entry({}, head, body, body_bytes_max);
}

}  // namespace

TEST_CASE("an entry has the headers that say what is asked for, and no others") {
    auto const entry = entry_of(head_of("/", {{"Host", "localhost"},
                                              {"X-Amz-Part-Size", "1048576"},
                                              {"range", "bytes=0-9"},
                                              {"Accept", "*/*"},
                                              {"Content-Type", ""},
                                              {"x-amz-meta", "a"},
                                              {"x-amz-meta", "b"}}));
    CHECK(entry.headers ==
          "X-Amz-Part-Size: 1048576\nrange: bytes=0-9\nContent-Type: \nx-amz-meta: a\nx-amz-meta: b\n");
    CHECK(entry.cut.empty());
}

TEST_CASE("an entry has no credentials") {
    auto const entry =
        entry_of(head_of("/-/vaults?limit=2&X-Amz-Signature=s3cret&x-amz-credential=s3cret&&"
                         "X-Amz-%53ecurity-Token=s3cret&Signature=s3cret&AWSAccessKeyId=s3cret&"
                         "x%zz=s3cret&marker=a%26b",
                         {{"Authorization", "s3cret"},
                          {"X-Amz-Security-Token", "s3cret"},
                          {"x-amz-signature", "s3cret"},
                          {"X-AMZ-CREDENTIAL", "s3cret"},
                          {"Cookie", "s3cret"},
                          {"Proxy-Authorization", "s3cret"},
                          {"X-Amz-Date", "20300101T000000Z"}}));
    CHECK(entry.query == "limit=2&marker=a%26b");
    CHECK(entry.headers == "X-Amz-Date: 20300101T000000Z\n");
}

TEST_CASE("an entry has the JSON as far as it is wanted, and says when it is cut") {
    CHECK(entry_of(head_of("/"), "{}", 2).body == "{}");
    CHECK(entry_of(head_of("/"), "{}", 2).cut.empty());
    auto const cut = entry_of(head_of("/"), "{\"Type\": 1}", 3);
    CHECK(cut.body == "{\"T");
    CHECK(cut.cut == Names{"body"});
    CHECK(entry_of(head_of("/"), "{}", 0).body.empty());
}

TEST_CASE("an entry is bounded, whatever the head of the request is like") {
    std::string const huge(1 << 20, 'x');
    firn::glacier::RequestRecord record;
    record.method = huge;
    record.path = "/" + huge;
    record.vault = huge;
    auto head = head_of("/?" + huge, {{"x-amz-first", huge}, {huge, "a"}});
    for (int i = 0; i < 1000; ++i) head.fields.add("x-amz-many", "some value");
    auto const entry = make_entry(std::move(record), head, "", 0);
    for (auto const* const text : {&entry.method, &entry.path, &entry.vault, &entry.query, &entry.headers})
        CHECK(text->capacity() <= entry_text_bytes_max);
    // The headers that fit are kept whole.
    CHECK(entry.headers.starts_with("x-amz-many: some value\n"));
    CHECK(entry.headers.ends_with("x-amz-many: some value\n"));
    CHECK(entry.cut == Names{"method", "path", "vault", "query", "headers"});
}
