#include "server/health_command.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <chrono>
#include <iostream>
#include <iterator>

namespace firn {
namespace {

constexpr std::chrono::seconds timeout(5);

int fail(std::string const& endpoint, std::string const& why) {
    std::cerr << "firn: no firn answers at " << endpoint << ": " << why << '\n';
    return 1;
}

}  // namespace

int run_health_command(std::string const& endpoint) {
    auto const url = boost::urls::parse_uri(endpoint);
    if (!url || url->scheme() != "http") return fail(endpoint, "not a URL like http://127.0.0.1:4522");
    std::string const host = url->host_address();
    std::string const port = url->has_port() ? std::string(url->port()) : "80";

    boost::asio::ip::tcp::iostream stream;
    stream.expires_after(timeout);
    stream.connect(host, port);
    stream << "GET /_firn/health HTTP/1.0\r\nHost: " << host << "\r\n\r\n" << std::flush;
    std::string version;
    int status = 0;
    stream >> version >> status;
    if (!stream) return fail(endpoint, stream.error() ? stream.error().message() : "the answer is not HTTP");
    for (std::string line; std::getline(stream, line) && line != "\r";) {
    }
    std::cout << std::string(std::istreambuf_iterator<char>(stream), {}) << std::flush;
    return status == 200 ? 0 : 1;
}

}  // namespace firn
