#include "server/cli/job_wait.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

namespace firn::cli {
namespace {
using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Of one request: shorter than the patience of the client.
constexpr milliseconds wait_max = std::chrono::seconds(20);

Json ask_for_job(Session const& session, std::string const& id, milliseconds wait) {
    ControlRequest request{"GET", {"jobs", id}, {}, ""};
    if (wait.count() > 0) request.query.emplace_back("wait", fmt::format("{}ms", wait.count()));
    return parse_answer(session.client.send(request));
}

bool is_clock_frozen(Session const& session) {
    return session.ask("GET", {"clock"}).value("frozen", false);
}

}  // namespace

Json wait_for_job(Session const& session, std::string const& id, std::optional<milliseconds> timeout) {
    auto const begin = Steady::now();
    bool is_reported = false;
    auto job = ask_for_job(session, id, {});
    while (job.value("status", "") == "InProgress") {
        if (!is_reported && is_clock_frozen(session)) {
            auto const text =
                fmt::format("the clock is frozen; `firn clock advance --until-job={}` moves it", id);
            if (!timeout) throw ControlError(text);
            std::cerr << "firn: " << text << std::endl;
            is_reported = true;
        }
        auto wait = wait_max;
        if (timeout) {
            auto const waited = std::chrono::duration_cast<milliseconds>(Steady::now() - begin);
            if (waited >= *timeout) throw ControlError(fmt::format("job {} has not completed yet", id));
            wait = std::min(wait, *timeout - waited);
        }
        job = ask_for_job(session, id, wait);
    }
    return job;
}

}  // namespace firn::cli
