#include "server/glacier/arn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/split.hpp>
#include <vector>

#include "server/glacier/error.hpp"
#include "server/identity/caller.hpp"

namespace firn::glacier {

std::string vault_arn(storage::Owner const& owner, std::string_view name) {
    std::string arn = "arn:";
    arn.reserve(128);
    arn.append(identity::partition_of(owner.region)).append(":glacier:").append(owner.region);
    return arn.append(":").append(owner.account).append(":vaults/").append(name);
}

void check_sns_topic(std::string_view topic, std::string_view region) {
    std::vector<std::string> parts;
    boost::split(parts, topic, [](char c) { return c == ':'; });
    bool const looks_right =
        parts.size() == 6 && parts[0] == "arn" && parts[2] == "sns" &&
        std::all_of(parts.begin(), parts.end(), [](auto const& part) { return !part.empty(); });
    if (!looks_right) {
        throw errors::invalid_parameter(fmt::format("Invalid SNS topic: {}", topic),
                                        "SNSTopic is the ARN of a topic: arn:aws:sns:REGION:ACCOUNT:NAME");
    }
    if (parts[3] == region) return;
    throw errors::invalid_parameter(
        fmt::format("SNS topics must be in the local AWS region: {}", topic),
        fmt::format("the topic is in {}, the request's credentials in {}", parts[3], region));
}

}  // namespace firn::glacier
