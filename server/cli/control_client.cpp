#include "server/cli/control_client.hpp"

#include <fmt/format.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/file_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url.hpp>
#include <nlohmann/json.hpp>
#include <optional>

namespace firn::cli {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

using TimeLimit = std::optional<std::chrono::seconds>;

constexpr std::chrono::seconds connect_time_max(5);

std::string no_firn_at(std::string const& endpoint, std::string const& why) {
    return fmt::format("no firn answers at {}: {}", endpoint, why);
}

boost::urls::url parse_endpoint(std::string const& endpoint) {
    auto const url = boost::urls::parse_uri(endpoint);
    if (!url || url->scheme() != "http" || url->encoded_host().empty()) {
        throw ControlError(no_firn_at(endpoint, "not a URL like http://127.0.0.1:4522"));
    }
    return *url;
}

// Everything that could mean something else is encoded: `+` in a query is a blank to some.
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

template <typename Body>
http::request<Body> message_of(ControlRequest const& request, char const* content_type) {
    http::request<Body> message(http::string_to_verb(request.method), target_of(request), 11);
    message.set(http::field::user_agent, "firn/" FIRN_VERSION);
    message.set(http::field::connection, "close");
    if (content_type != nullptr) message.set(http::field::content_type, content_type);
    return message;
}

// One request and its answer. Beast's time limits hold for asynchronous operations only, so each runs as one.
class Conversation {
public:
    Conversation(std::string const& endpoint, TimeLimit limit)
        : endpoint_(endpoint), limit_(limit), url_(parse_endpoint(endpoint)), stream_(context_) {
        connect();
    }

    // Reads the head of the answer as well.
    template <typename Body>
    void send(http::request<Body> message) {
        message.set(http::field::host, std::string(url_.encoded_host_and_port()));
        message.prepare_payload();
        auto const write_ec =
            run(limit_, [&](auto handler) { http::async_write(stream_, message, std::move(handler)); });
        head_.body_limit(boost::none);
        auto const read_ec = run(limit_, [&](auto handler) {
            http::async_read_header(stream_, buffer_, head_, std::move(handler));
        });
        // A server that refuses a body may say why before it has taken all of it.
        if (read_ec) fail(write_ec ? write_ec : read_ec);
        status_ = head_.get().result_int();
    }

    unsigned status() const { return status_; }
    bool is_success() const { return status_ / 100 == 2; }

    std::string read_text() {
        http::response_parser<http::string_body> parser(std::move(head_));
        if (auto const ec = read(parser)) fail(ec);
        return std::move(parser.get().body());
    }

    error_code read_into(std::string const& file) {
        http::response_parser<http::file_body> parser(std::move(head_));
        error_code ec;
        parser.get().body().open(file.c_str(), beast::file_mode::write, ec);
        if (!ec) ec = read(parser);
        return ec;
    }

    [[noreturn]] void fail(error_code ec) const { throw ControlError(no_firn_at(endpoint_, ec.message())); }

private:
    void connect() {
        error_code ec;
        net::ip::tcp::resolver resolver(context_);
        auto const port = url_.has_port() ? std::string(url_.port()) : "80";
        auto const found = resolver.resolve(url_.host_address(), port, ec);
        if (!ec) {
            ec = run(connect_time_max,
                     [&](auto handler) { stream_.async_connect(found, std::move(handler)); });
        }
        if (ec) fail(ec);
    }

    template <typename Parser>
    error_code read(Parser& parser) {
        return run(limit_,
                   [&](auto handler) { http::async_read(stream_, buffer_, parser, std::move(handler)); });
    }

    template <typename Start>
    error_code run(TimeLimit limit, Start start) {
        if (limit) {
            stream_.expires_after(*limit);
        } else {
            stream_.expires_never();
        }
        error_code result;
        start([&result](error_code ec, auto const&) { result = ec; });
        context_.restart();
        context_.run();
        return result;
    }

    std::string endpoint_;
    TimeLimit limit_;
    boost::urls::url url_;
    net::io_context context_;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    http::response_parser<http::empty_body> head_;
    unsigned status_ = 0;
};

// An answer says why in {"error": "..."}; something that is no firn says it in its own way.
ControlError refusal(std::string const& endpoint, unsigned status, std::string const& body) {
    auto const answer = nlohmann::json::parse(body, nullptr, false);
    if (answer.is_object()) {
        auto const why = answer.find("error");
        if (why != answer.end() && why->is_string()) return ControlError(why->get<std::string>());
    }
    return ControlError(fmt::format("{} answered {} {}", endpoint, status,
                                    std::string(http::obsolete_reason(http::int_to_status(status)))));
}

std::string text_of(Conversation& conversation, std::string const& endpoint) {
    auto text = conversation.read_text();
    if (!conversation.is_success()) throw refusal(endpoint, conversation.status(), text);
    return text;
}

}  // namespace

ControlClient::ControlClient(std::string endpoint, std::chrono::seconds patience)
    : endpoint_(std::move(endpoint)), patience_(patience) {}

std::string ControlClient::send(ControlRequest const& request) const {
    auto message =
        message_of<http::string_body>(request, request.body.empty() ? nullptr : "application/json");
    message.body() = request.body;
    Conversation conversation(endpoint_, request.method == "GET" ? TimeLimit(patience_) : std::nullopt);
    conversation.send(std::move(message));
    return text_of(conversation, endpoint_);
}

std::string ControlClient::upload(ControlRequest const& request, std::filesystem::path const& file) const {
    auto message = message_of<http::file_body>(request, "application/octet-stream");
    error_code ec;
    message.body().open(file.c_str(), beast::file_mode::scan, ec);
    if (ec) throw ControlError(fmt::format("cannot read {}: {}", file.string(), ec.message()));
    Conversation conversation(endpoint_, std::nullopt);
    conversation.send(std::move(message));
    return text_of(conversation, endpoint_);
}

std::uint64_t ControlClient::download(ControlRequest const& request,
                                      std::filesystem::path const& file) const {
    Conversation conversation(endpoint_, std::nullopt);
    conversation.send(message_of<http::empty_body>(request, nullptr));
    if (!conversation.is_success()) text_of(conversation, endpoint_);
    auto const draft = file.string() + ".part";
    if (auto const ec = conversation.read_into(draft)) {
        std::error_code ignored;
        std::filesystem::remove(draft, ignored);
        throw ControlError(fmt::format("cannot fetch {}: {}", file.string(), ec.message()));
    }
    std::filesystem::rename(draft, file);
    return std::filesystem::file_size(file);
}

}  // namespace firn::cli
