// Decides who may use the control surface: programs on this machine and the hosts of --control-host. Web
// pages of another origin never may, whatever name they use for this address.
#pragma once

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.hpp"

namespace firn::control {

class AccessGuard {
public:
    // Each of `hosts` is an address, a network (10.0.0.0/8), a name allowed in the Host header, or * for
    // everyone. Throws std::runtime_error for anything else.
    explicit AccessGuard(std::vector<std::string> const& hosts);

    // Why the request is refused; nothing when it is allowed.
    std::optional<std::string> find_fault(http::RequestHead const& head) const;

private:
    void add(std::string const& host);
    bool is_client_allowed(std::string const& text) const;
    bool is_name_allowed(std::string_view name) const;

    bool everyone_ = false;
    std::vector<boost::asio::ip::network_v4> networks_v4_;
    std::vector<boost::asio::ip::network_v6> networks_v6_;
    std::vector<std::string> names_;
};

}  // namespace firn::control
