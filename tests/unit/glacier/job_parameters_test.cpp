#include "server/glacier/operations/job_parameters.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>

#include <optional>

#include "server/glacier/error.hpp"
#include "server/text/json_object.hpp"

using namespace firn::glacier;
using firn::storage::JobAction;
using firn::storage::Time;

namespace {

constexpr auto serialization_body =
    R"({"code":"SerializationException","type":"Client","message":"SerializationException"})";

JobParameters parse(std::string_view body) {
    return parse_job_parameters(body, "us-east-1");
}

std::optional<ServiceError> refusal_of(std::string_view body) {
    try {
        parse(body);
        return std::nullopt;
    } catch (ServiceError const& error) {
        return error;
    } catch (firn::text::JsonError const& error) {
        return errors::serialization(error.what());
    }
}

// `400 SomeException`, or nothing for a body that is accepted. For refusals whose text the service has not
// shown.
std::string code_of(std::string_view body) {
    auto const error = refusal_of(body);
    return error ? std::to_string(error->status) + " " + error->code : "";
}

std::string text_of(std::string_view body) {
    auto const error = refusal_of(body);
    return error ? body_of(*error) : "";
}

// The parameters of a job with these further members.
std::string archive_job(std::string_view members = "") {
    return fmt::format(R"({{"Type":"archive-retrieval","ArchiveId":"a"{}{}}})", members.empty() ? "" : ",",
                       members);
}

std::string inventory_job(std::string_view members = "") {
    return fmt::format(R"({{"Type":"inventory-retrieval"{}{}}})", members.empty() ? "" : ",", members);
}

std::string filtered(std::string_view members) {
    return inventory_job(fmt::format(R"("InventoryRetrievalParameters":{{{}}})", members));
}

std::string described(std::string_view description) {
    return archive_job(fmt::format(R"("Description":"{}")", description));
}

std::string nested(std::size_t depth) {
    return archive_job(R"("Unknown":)" + std::string(depth, '[') + std::string(depth, ']'));
}

constexpr auto invalid = "400 InvalidParameterValueException";
constexpr auto missing = "400 MissingParameterValueException";
constexpr auto unreadable = "400 SerializationException";

}  // namespace

TEST_CASE("an archive retrieval has what was sent, and the Standard tier unless another is") {
    auto const parameters = parse(
        archive_job(R"("Tier":"Bulk","Description":"d","SNSTopic":"arn:aws:sns:us-east-1:123456789012:t",)"
                    R"("RetrievalByteRange":"0-1048575")"));
    CHECK(parameters.action == JobAction::archive_retrieval);
    CHECK(parameters.archive_id == "a");
    CHECK(parameters.tier == "Bulk");
    CHECK(parameters.description == "d");
    CHECK(parameters.sns_topic == "arn:aws:sns:us-east-1:123456789012:t");
    CHECK(parameters.retrieval_byte_range == "0-1048575");

    auto const bare = parse(archive_job());
    CHECK(bare.tier == "Standard");
    CHECK_FALSE(bare.description);
    CHECK_FALSE(bare.sns_topic);
    CHECK_FALSE(bare.retrieval_byte_range);
}

TEST_CASE("an inventory retrieval has what was sent, and the JSON format unless another is") {
    auto const parameters = parse(
        inventory_job(R"("Format":"CSV","InventoryRetrievalParameters":{"StartDate":"1970-01-01T00:00:01Z",)"
                      R"("EndDate":"1970-01-01T00:00:02Z","Limit":"17","Marker":"m"})"));
    CHECK(parameters.action == JobAction::inventory_retrieval);
    CHECK(parameters.format == "CSV");
    CHECK(parameters.filter.start_at == Time(std::chrono::seconds(1)));
    CHECK(parameters.filter.end_at == Time(std::chrono::seconds(2)));
    CHECK(parameters.filter.entry_limit == 17);
    CHECK(parameters.marker == "m");

    auto const bare = parse(inventory_job());
    CHECK(bare.format == "JSON");
    CHECK_FALSE(bare.filter.start_at);
    CHECK_FALSE(bare.filter.end_at);
    CHECK_FALSE(bare.filter.entry_limit);
    CHECK_FALSE(bare.marker);
}

TEST_CASE("every tier and format of the API is taken, any other refused") {
    for (auto const* const tier : {"Expedited", "Standard", "Bulk"}) {
        CHECK(parse(archive_job(fmt::format(R"("Tier":"{}")", tier))).tier == tier);
    }
    CHECK(code_of(archive_job(R"("Tier":"standard")")) == invalid);
    CHECK(code_of(inventory_job(R"("Format":"json")")) == invalid);
    CHECK(code_of(R"({"Type":"ArchiveRetrieval","ArchiveId":"a"})") == invalid);
}

// M19 and M20 of reference/glacier-api.md.
TEST_CASE("no body, an empty object and one without a type are refused in the service's words") {
    auto const missing_parameter = [](std::string const& name) {
        return R"({"code":"MissingParameterValueException","message":"Required parameter missing: )" + name +
               R"(","type":"Client"})";
    };
    CHECK(text_of("") == missing_parameter("Job Parameters"));
    auto const no_type = missing_parameter("type");
    CHECK(text_of("{}") == no_type);
    CHECK(text_of(R"({"ArchiveId":"a"})") == no_type);
    CHECK(text_of(R"({"Type":null})") == no_type);
    CHECK(refusal_of("")->status == 400);
    CHECK(refusal_of("{}")->status == 400);
}

TEST_CASE("the wrapper of the developer guide is an unknown member") {
    CHECK(code_of(R"({"jobParameters":)" + archive_job() + "}") == missing);
    CHECK(code_of(R"({"jobParameters":)" + inventory_job() + "}") == missing);
    CHECK(code_of(archive_job(R"("jobParameters":{"Type":"inventory-retrieval"})")).empty());
}

// M34 of reference/glacier-api.md.
TEST_CASE("a topic is in the Region of the request") {
    auto const with_topic = [](std::string const& region) {
        return "\"SNSTopic\":\"arn:aws:sns:" + region + ":123456789012:t\"";
    };
    CHECK(code_of(archive_job(with_topic("us-east-1"))).empty());
    for (auto const& body : {archive_job(with_topic("us-east-2")), inventory_job(with_topic("us-east-2"))}) {
        CHECK(text_of(body) ==
              R"({"code":"InvalidParameterValueException","message":"SNS topics must be in )"
              R"(the local AWS region: arn:aws:sns:us-east-2:123456789012:t","type":"Client"})");
    }
}

// M21 of reference/glacier-api.md.
TEST_CASE("members of another JSON type are refused in the service's words") {
    for (auto const& body :
         {std::string(R"({"Type":1})"), std::string(R"({"Type":{}})"), archive_job(R"("Tier":["Bulk"])"),
          archive_job(R"("Description":5)"), archive_job(R"("SNSTopic":true)"),
          archive_job(R"("RetrievalByteRange":{"a":1})"),
          std::string(R"({"Type":"archive-retrieval","ArchiveId":7})"), inventory_job(R"("Format":1)"),
          inventory_job(R"("InventoryRetrievalParameters":"x")"),
          inventory_job(R"("InventoryRetrievalParameters":[])"), filtered(R"("StartDate":1331238778)"),
          filtered(R"("EndDate":false)"), filtered(R"("Marker":1)"), filtered(R"("Limit":[5])"),
          filtered(R"("Limit":true)")}) {
        CAPTURE(body);
        CHECK(text_of(body) == serialization_body);
        CHECK(code_of(body) == unreadable);
    }
}

TEST_CASE("what is no JSON object in UTF-8 is refused") {
    for (auto const& body :
         {std::string("x"), std::string("{"), std::string(" "), std::string("null"), std::string("[]"),
          std::string("\"archive-retrieval\""), std::string(R"({"Type":"archive-retrieval",})"),
          std::string("{'Type':'archive-retrieval'}"), archive_job() + "x", archive_job() + archive_job(),
          archive_job("\"Unknown\":\"\xff\""), archive_job("\"Unknown\":\"\xc0\xaf\""),
          archive_job("\"\xed\xa0\x80\":1"), archive_job("\"Unknown\":\"\n\""),
          archive_job(R"("Unknown":"\ud800")")}) {
        CAPTURE(body);
        CHECK(text_of(body) == serialization_body);
    }
}

TEST_CASE("JSON that is nested beyond reason is refused, whatever it nests") {
    CHECK(code_of(nested(20)).empty());
    CHECK(code_of(nested(100)) == unreadable);
    CHECK(code_of(nested(200'000)) == unreadable);
    CHECK(code_of(std::string(200'000, '[')) == unreadable);
}

TEST_CASE("unknown members are ignored, and null is the same as absent") {
    auto const parameters = parse(archive_job(
        R"("Unknown":{"a":[1,null]},"Tier":null,"Description":null,"SNSTopic":null,"RetrievalByteRange":null)"));
    CHECK(parameters.tier == "Standard");
    CHECK_FALSE(parameters.description);
    CHECK_FALSE(parameters.sns_topic);
    CHECK_FALSE(parameters.retrieval_byte_range);
    CHECK(code_of(inventory_job(
                      R"("ArchiveId":null,"RetrievalByteRange":null,"InventoryRetrievalParameters":null)"))
              .empty());
}

TEST_CASE("an empty text is a wrong value, except where it says nothing") {
    for (auto const& body :
         {std::string(R"({"Type":""})"), archive_job(R"("Tier":"")"), archive_job(R"("SNSTopic":"")"),
          inventory_job(R"("Format":"")"), inventory_job(R"("SNSTopic":"")"), filtered(R"("Limit":"")"),
          filtered(R"("StartDate":"")"), filtered(R"("EndDate":"")")}) {
        CAPTURE(body);
        CHECK(code_of(body) == invalid);
    }
    CHECK(code_of(R"({"Type":"archive-retrieval","ArchiveId":""})") == missing);
    CHECK_FALSE(parse(archive_job(R"("Description":"")")).description);
    CHECK_FALSE(parse(filtered(R"("Marker":"")")).marker);
    // Which ranges are valid depends on the archive.
    CHECK(parse(archive_job(R"("RetrievalByteRange":"")")).retrieval_byte_range == "");
}

TEST_CASE("the last of two members of one name counts") {
    CHECK(parse(archive_job(R"("Tier":"Bulk","Tier":"Expedited")")).tier == "Expedited");
    CHECK(code_of(archive_job(R"("Tier":"Bulk","Tier":"x")")) == invalid);
}

TEST_CASE("an archive retrieval without an archive is refused") {
    CHECK(code_of(R"({"Type":"archive-retrieval"})") == missing);
}

TEST_CASE("an inventory retrieval refuses what belongs to an archive, but not a tier") {
    CHECK(code_of(inventory_job(R"("ArchiveId":"a")")) == invalid);
    CHECK(code_of(inventory_job(R"("RetrievalByteRange":"0-1048575")")) == invalid);
    CHECK(code_of(inventory_job(R"("Tier":"Standard")")).empty());
}

TEST_CASE("a description is at most 1024 printable ASCII characters") {
    CHECK(parse(described(std::string(1024, 'd'))).description->size() == 1024);
    CHECK(parse(described(" ~")).description == " ~");
    CHECK(code_of(described(std::string(1025, 'd'))) == invalid);
    CHECK(code_of(described(R"(a\u001fb)")) == invalid);
    CHECK(code_of(described(R"(a\u007fb)")) == invalid);
    CHECK(code_of(described("caf\xc3\xa9")) == invalid);
    CHECK(code_of(inventory_job(R"("Description":"\n")")) == invalid);
}

TEST_CASE("a topic is the ARN of an SNS topic") {
    CHECK(code_of(archive_job(R"("SNSTopic":"arn:aws:sns:us-east-1:123456789012:t")")).empty());
    CHECK(code_of(archive_job(R"("SNSTopic":"topic")")) == invalid);
    CHECK(code_of(inventory_job(R"("SNSTopic":"arn:aws:sqs:us-east-1:123456789012:q")")) == invalid);
}

TEST_CASE("a limit is a positive integer, as a text or as a number") {
    CHECK(parse(filtered(R"("Limit":"1")")).filter.entry_limit == 1);
    CHECK(parse(filtered(R"("Limit":1000000)")).filter.entry_limit == 1'000'000);
    for (auto const* const limit : {R"("0")", R"("-1")", R"("1.5")", R"("x")", R"("1 ")",
                                    R"("99999999999999999999")", "0", "-1", "1.5", "99999999999999999999"}) {
        CAPTURE(limit);
        CHECK(code_of(filtered(fmt::format(R"("Limit":{})", limit))) == invalid);
    }
}

TEST_CASE("dates of a filter may have a fraction, and are refused when they are none") {
    CHECK(parse(filtered(R"("StartDate":"1970-01-01T00:00:01.250Z")")).filter.start_at ==
          Time(std::chrono::milliseconds(1250)));
    CHECK(code_of(filtered(R"("StartDate":"yesterday")")) == invalid);
    CHECK(code_of(filtered(R"("EndDate":"2013-02-30T00:00:00Z")")) == invalid);
}
