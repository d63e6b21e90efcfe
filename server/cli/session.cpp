#include "server/cli/session.hpp"

namespace firn::cli {
namespace {

std::string text_of(Json const& json, int indent) {
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void print_error(std::ostream& output, std::exception const& error, bool as_json) {
    if (!as_json) {
        output << "firn: " << error.what() << '\n';
        return;
    }
    auto const* const refusal = dynamic_cast<ControlError const*>(&error);
    auto const status = refusal != nullptr && refusal->status ? Json(*refusal->status) : Json();
    output << text_of({{"error", error.what()}, {"status", status}}, -1) << '\n';
}

Json parse_answer(std::string const& text) {
    if (text.empty()) return nullptr;
    auto answer = Json::parse(text, nullptr, false);
    if (answer.is_discarded()) throw ControlError("the answer is not JSON");
    return answer;
}

Json Session::ask(std::string method, std::vector<std::string> path, Json const& body) const {
    ControlRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    if (!body.empty()) request.body = text_of(body, -1);
    return parse_answer(client.send(request));
}

void Session::show(Json const& answer, std::function<std::string(Json const&)> const& describe) const {
    output_ << (as_json_ ? text_of(answer, 2) + '\n' : describe(answer));
}

void Session::say(std::string const& line) const {
    if (!as_json_) output_ << line << '\n';
}

}  // namespace firn::cli
