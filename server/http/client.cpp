#include "server/http/client.hpp"

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
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <system_error>
#include <utility>

namespace firn::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

using Timeout = std::optional<std::chrono::milliseconds>;

constexpr std::chrono::seconds connect_timeout(5);

boost::urls::url parse_url(std::string const& text) {
    auto const url = boost::urls::parse_uri(text);
    if (!url || url->scheme() != "http" || url->encoded_host().empty()) {
        throw std::invalid_argument("not a URL like http://127.0.0.1:4522");
    }
    return *url;
}

}  // namespace

// Beast's timeouts apply only to asynchronous operations, so each step runs as one.
struct Client::Impl {
    Impl(std::string const& url_text, Timeout step_timeout)
        : url(parse_url(url_text)), timeout(step_timeout), stream(context) {}

    void connect() {
        // 0 also stands for a number that is too large.
        if (url.has_port() && url.port_number() == 0)
            throw ClientError("the port must be from 1 to 65535, not " + std::string(url.port()));
        error_code ec;
        net::ip::tcp::resolver resolver(context);
        auto const port = url.has_port() ? std::string(url.port()) : "80";
        auto const found = resolver.resolve(url.host_address(), port, ec);
        if (!ec) {
            ec = run(connect_timeout, [&](auto handler) { stream.async_connect(found, std::move(handler)); });
        }
        check(ec);
    }

    template <typename Body>
    void send(ClientRequest const& request, typename Body::value_type body) {
        beast::http::request<Body> message(beast::http::string_to_verb(request.method), request.target, 11);
        for (auto const& [name, value] : request.fields) message.set(name, value);
        message.set(beast::http::field::host, std::string(url.encoded_host_and_port()));
        message.set(beast::http::field::connection, "close");
        message.body() = std::move(body);
        message.prepare_payload();
        auto const write_ec = run(
            timeout, [&](auto handler) { beast::http::async_write(stream, message, std::move(handler)); });
        head.body_limit(boost::none);
        auto const read_ec = run(timeout, [&](auto handler) {
            beast::http::async_read_header(stream, buffer, head, std::move(handler));
        });
        // A server that refuses a body may answer before it has read all of it.
        if (read_ec) check(write_ec ? write_ec : read_ec);
    }

    template <typename Parser>
    void read(Parser& parser) {
        check(run(timeout, [&](auto handler) {
            beast::http::async_read(stream, buffer, parser, std::move(handler));
        }));
    }

    template <typename Start>
    error_code run(Timeout limit, Start start) {
        if (limit) {
            stream.expires_after(*limit);
        } else {
            stream.expires_never();
        }
        error_code result;
        start([&result](error_code ec, auto const&) { result = ec; });
        context.restart();
        context.run();
        return result;
    }

    static void check(error_code ec) {
        if (ec) throw ClientError(ec.message());
    }

    boost::urls::url const url;
    Timeout const timeout;
    net::io_context context;
    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    beast::http::response_parser<beast::http::empty_body> head;
};

Client::Client(std::string const& url, Timeout timeout) : impl_(std::make_unique<Impl>(url, timeout)) {
    impl_->connect();
}

Client::~Client() = default;

unsigned Client::send(ClientRequest const& request) {
    if (request.body_file.empty()) {
        impl_->send<beast::http::string_body>(request, request.body);
    } else {
        error_code ec;
        beast::http::file_body::value_type file;
        file.open(request.body_file.c_str(), beast::file_mode::scan, ec);
        if (ec) throw std::system_error(ec);
        impl_->send<beast::http::file_body>(request, std::move(file));
    }
    return impl_->head.get().result_int();
}

std::string Client::read_text() {
    beast::http::response_parser<beast::http::string_body> parser(std::move(impl_->head));
    impl_->read(parser);
    return std::move(parser.get().body());
}

void Client::read_into(std::filesystem::path const& file) {
    beast::http::response_parser<beast::http::file_body> parser(std::move(impl_->head));
    error_code ec;
    parser.get().body().open(file.c_str(), beast::file_mode::write, ec);
    Impl::check(ec);
    impl_->read(parser);
}

}  // namespace firn::http
