#include "server/policy/normal_form.hpp"

#include <doctest/doctest.h>

using firn::policy::normal_form;

namespace {

// A policy with one statement that has these members.
std::string with_statement(std::string const& members) {
    return R"({"Version":"2012-10-17","Statement":[{)" + members + "}]}";
}

}  // namespace

TEST_CASE("white space goes, but not that in strings") {
    CHECK(
        normal_form(
            " {\t\"Version\" :\r\n\"2012-10-17\" , \"Statement\":[ { \"Sid\" : \" a , \\\" } b \" } ] } ") ==
        with_statement("\"Sid\":\" a , \\\" } b \""));
    CHECK(normal_form("\xef\xbb\xbf" + with_statement("\"Sid\":\"\"")) == with_statement("\"Sid\":\"\""));
}

TEST_CASE("the members of a policy and of its statements are in the service's order") {
    CHECK(normal_form(R"({"Statement":[{"Condition":{},"Resource":"r","Action":"a","Principal":"*",)"
                      R"("Effect":"Deny","Sid":"s"},{"NotResource":"r","NotAction":"a","NotPrincipal":"*",)"
                      R"("Effect":"Allow"}],"Id":"i","Version":"v"})") ==
          R"({"Version":"v","Id":"i","Statement":[{"Sid":"s","Effect":"Deny","Principal":"*","Action":"a",)"
          R"("Resource":"r","Condition":{}},{"Effect":"Allow","NotPrincipal":"*","NotAction":"a",)"
          R"("NotResource":"r"}]})");
    // A single statement stays one; what IAM does not know comes last, in the order sent.
    CHECK(normal_form(R"({"Z":1,"A":[],"Statement":{"z":{},"Effect":"Deny","\u0053id":"s","a":null}})") ==
          R"({"Statement":{"\u0053id":"s","Effect":"Deny","z":{},"a":null},"Z":1,"A":[]})");
}

TEST_CASE("a list of one action becomes that action, and no other list of one does") {
    CHECK(normal_form(with_statement(R"("Action":["a,[\"]"])")) == with_statement(R"("Action":"a,[\"]")"));
    for (std::string const members : {R"("Action":["a","b"])", R"("Action":"a")", R"("NotAction":["a"])",
                                      R"("Resource":["r"])", R"("Principal":{"AWS":["*"]})"}) {
        CAPTURE(members);
        CHECK(normal_form(with_statement(members)) == with_statement(members));
    }
}

TEST_CASE("numbers, escapes and the order in conditions stay as they were sent") {
    auto const text = with_statement(
        R"("Condition":{"z":{"b":1.10,"a":[1E3,-0,18446744073709551616]},"a":{"\u00e9\/":"\ud83d\ude00\\"}})");
    CHECK(normal_form(text) == text);
}

TEST_CASE("the form of a form is the same") {
    auto const form = normal_form(R"({ "Statement" : [ {"Action":["a"],"Sid":"s"}, {"Sid":"t"} ] })");
    CHECK(normal_form(form) == form);
}
