#include "server/cli/control_client.hpp"

#include <fmt/format.h>

#include <boost/beast/http/status.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "server/http/client.hpp"

namespace firn::cli {
namespace {

using Timeout = std::optional<std::chrono::milliseconds>;

// Encodes every character that could have a meaning: some servers read a `+` in a query as a blank.
std::string encoded(std::string const& text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

std::string target_of(ControlRequest const& request) {
    std::string target = "/_firn";
    for (auto const& segment : request.path) target += '/' + encoded(segment);
    char separator = '?';
    for (auto const& [name, value] : request.query) {
        target += separator + encoded(name) + '=' + encoded(value);
        separator = '&';
    }
    return target;
}

http::ClientRequest message_of(ControlRequest const& request, char const* content_type) {
    http::ClientRequest message;
    message.method = request.method;
    message.target = target_of(request);
    message.fields.add("User-Agent", "firn/" FIRN_VERSION);
    if (content_type != nullptr) message.fields.add("Content-Type", content_type);
    return message;
}

// firn gives the reason in {"error": "..."}; other servers may answer anything.
ControlError refusal(std::string const& endpoint, unsigned status, std::string const& body) {
    auto const answer = nlohmann::json::parse(body, nullptr, false);
    if (answer.is_object()) {
        auto const why = answer.find("error");
        if (why != answer.end() && why->is_string()) return ControlError(why->get<std::string>(), status);
    }
    namespace beast_http = boost::beast::http;
    return ControlError(
        fmt::format("{} answered {} {}", endpoint, status,
                    std::string(beast_http::obsolete_reason(beast_http::int_to_status(status)))),
        status);
}

bool is_success(unsigned status) {
    return status / 100 == 2;
}

// Sends a request and calls `read` when it succeeded.
template <typename Read>
void converse(std::string const& endpoint, Timeout timeout, http::ClientRequest const& message,
              Read const& read) {
    try {
        http::Client client(endpoint, timeout);
        auto const status = client.send(message);
        if (!is_success(status)) throw refusal(endpoint, status, client.read_text());
        read(client);
    } catch (http::ClientError const& error) {
        throw ControlError(fmt::format("no firn answers at {}: {}", endpoint, error.what()));
    } catch (std::invalid_argument const& error) {
        throw ControlError(fmt::format("no firn answers at {}: {}", endpoint, error.what()));
    }
}

}  // namespace

ControlClient::ControlClient(std::string endpoint, std::chrono::seconds patience)
    : endpoint_(std::move(endpoint)), patience_(patience) {}

std::string ControlClient::send(ControlRequest const& request) const {
    auto message = message_of(request, request.body.empty() ? nullptr : "application/json");
    message.body = request.body;
    auto const timeout = request.method == "GET" ? Timeout(patience_) : std::nullopt;
    std::string text;
    converse(endpoint_, timeout, message, [&](http::Client& client) { text = client.read_text(); });
    return text;
}

std::string ControlClient::upload(ControlRequest const& request, std::filesystem::path const& file) const {
    auto message = message_of(request, "application/octet-stream");
    message.body_file = file;
    std::string text;
    try {
        converse(endpoint_, std::nullopt, message, [&](http::Client& client) { text = client.read_text(); });
    } catch (std::system_error const& error) {
        throw ControlError(fmt::format("cannot read {}: {}", file.string(), error.code().message()));
    }
    return text;
}

std::uint64_t ControlClient::download(ControlRequest const& request,
                                      std::filesystem::path const& file) const {
    auto const draft = file.string() + ".part";
    converse(endpoint_, std::nullopt, message_of(request, nullptr), [&](http::Client& client) {
        try {
            client.read_into(draft);
        } catch (http::ClientError const& error) {
            std::error_code ignored;
            std::filesystem::remove(draft, ignored);
            throw ControlError(fmt::format("cannot fetch {}: {}", file.string(), error.what()));
        }
    });
    std::error_code failed;
    std::filesystem::rename(draft, file, failed);
    if (failed) {
        std::error_code ignored;
        std::filesystem::remove(draft, ignored);
        throw ControlError(fmt::format("cannot write {}: {}", file.string(), failed.message()));
    }
    return std::filesystem::file_size(file);
}

}  // namespace firn::cli
