#include "server/control/access_guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ip/address.hpp>
#include <stdexcept>

namespace firn::control {
namespace {
namespace ip = boost::asio::ip;
using boost::system::error_code;

// The host of `host:port`, without the brackets of an IPv6 address.
std::string_view host_of(std::string_view authority) {
    if (authority.starts_with('[')) {
        auto const end = authority.find(']');
        auto const rest = end == authority.npos ? authority : authority.substr(end + 1);
        bool const is_whole = rest.empty() || rest.starts_with(':');
        return is_whole ? authority.substr(1, end - 1) : authority;
    }
    return authority.substr(0, authority.find(':'));
}

std::optional<ip::address> parse_address(std::string_view text) {
    error_code error;
    auto const address = ip::make_address(std::string(text), error);
    return error ? std::nullopt : std::optional(address);
}

bool is_name(std::string const& text) {
    // Digits after the last dot: a mistyped address.
    auto const last = text.substr(text.rfind('.') + 1);
    if (last.find_first_not_of("0123456789") == last.npos) return false;
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
               c == '-' || c == '_';
    });
}

}  // namespace

AccessGuard::AccessGuard(std::vector<std::string> const& hosts) {
    for (auto const& host : hosts) add(host);
}

void AccessGuard::add(std::string const& host) {
    if (host == "*") {
        everyone_ = true;
        return;
    }
    auto const address = parse_address(host);
    error_code error;
    auto const v4 = ip::make_network_v4(address && address->is_v4() ? host + "/32" : host, error);
    if (!error) return networks_v4_.push_back(v4);
    auto const v6 = ip::make_network_v6(address && address->is_v6() ? host + "/128" : host, error);
    if (!error) return networks_v6_.push_back(v6);
    if (!is_name(host)) {
        throw std::runtime_error(host + " is not an address, a network like 10.0.0.0/8, a name or *");
    }
    names_.push_back(host);
}

std::optional<std::string> AccessGuard::find_fault(http::RequestHead const& head) const {
    if (!is_client_allowed(head.peer_address)) {
        return fmt::format(
            "{} may not use the control surface; start firn with --control-host {} to allow it",
            head.peer_address, head.peer_address);
    }
    auto const authority = head.fields.find("Host").value_or("");
    // DNS rebinding: a page whose own name resolves to this address sends that name as Host.
    if (!is_name_allowed(host_of(authority))) {
        return fmt::format(
            "the Host header \"{}\" is not allowed; use an address or localhost, or start firn with "
            "--control-host NAME",
            authority);
    }
    auto const origin = head.fields.find("Origin");
    auto const site = head.fields.find("Sec-Fetch-Site").value_or("none");
    bool const same_origin = !origin || boost::iequals(*origin, "http://" + std::string(authority));
    if (!same_origin || (site != "none" && site != "same-origin")) {
        return "web pages of another origin may not use the control surface";
    }
    return std::nullopt;
}

bool AccessGuard::is_client_allowed(std::string const& text) const {
    if (everyone_) return true;
    auto const address = parse_address(text);
    if (!address) return false;
    if (address->is_loopback()) return true;
    if (address->is_v4()) {
        return std::any_of(networks_v4_.begin(), networks_v4_.end(), [&](auto const& network) {
            auto const mask = network.netmask().to_uint();
            return (address->to_v4().to_uint() & mask) == network.network().to_uint();
        });
    }
    return std::any_of(networks_v6_.begin(), networks_v6_.end(), [&](auto const& network) {
        auto const bits = network.prefix_length();
        return ip::network_v6(address->to_v6(), bits).network() == network.network();
    });
}

bool AccessGuard::is_name_allowed(std::string_view name) const {
    if (everyone_ || boost::iequals(name, "localhost") || boost::iends_with(name, ".localhost")) return true;
    if (parse_address(name)) return true;
    return std::any_of(names_.begin(), names_.end(),
                       [&](std::string const& allowed) { return boost::iequals(name, allowed); });
}

}  // namespace firn::control
