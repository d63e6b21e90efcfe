// Shows, stops and moves the clock.
#include <fmt/format.h>

#include "server/control/routes.hpp"
#include "server/text/duration.hpp"
#include "server/text/timestamp.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;

constexpr std::size_t events_per_page_max = 1000;

ordered_json describe(storage::Event const& event) {
    auto const or_null = [](std::string const& text) {
        return text.empty() ? ordered_json() : ordered_json(text);
    };
    return {{"at", text::format_milliseconds(event.at)},
            {"kind", event.kind},
            {"account", event.owner.account},
            {"region", event.owner.region},
            {"vault", or_null(event.vault_name)},
            {"id", or_null(event.id)}};
}

ordered_json next_event(storage::View const& view, Context const& context) {
    auto const events = context.time_control.list_events(view, 1);
    return events.empty() ? ordered_json() : describe(events[0]);
}

storage::Time requested_time(std::string const& text) {
    if (text == "now") return time::Clock::real_time();
    if (auto const time = text::parse_time(text)) return *time;
    throw Refusal{400, text::not_a_time(text) + ", or now"};
}

storage::Duration requested_duration(std::string const& text) {
    if (auto const duration = text::parse_duration(text)) return *duration;
    throw Refusal{400, text::not_a_duration(text)};
}

}  // namespace

http::Response show_clock(Request const&, Context& context) {
    auto const reading = context.store.read();
    auto const state = context.clock.state();
    return json_reply(200, {{"now", text::format_milliseconds(state.time)},
                            {"frozen", state.rate == 0},
                            {"rate", state.rate},
                            {"next_event", next_event(*reading, context)},
                            {"jobs_in_progress", reading->count_jobs().in_progress}});
}

http::Response list_events(Request const& request, Context& context) {
    auto const limit = request.number("limit").value_or(events_per_page_max);
    if (limit < 1 || limit > events_per_page_max)
        throw Refusal{400, fmt::format("limit must be 1 to {}", events_per_page_max)};
    auto list = ordered_json::array();
    for (auto const& event : context.time_control.list_events(*context.store.read(), limit))
        list.push_back(describe(event));
    return json_reply(200, {{"events", list}});
}

http::Response freeze_clock(Request const& request, Context& context) {
    context.time_control.freeze();
    return show_clock(request, context);
}

http::Response resume_clock(Request const& request, Context& context) {
    context.time_control.resume(request.object({"rate"}).number("rate").value_or(1));
    return show_clock(request, context);
}

http::Response set_clock(Request const& request, Context& context) {
    auto const time = request.object({"time"}).string("time");
    if (!time) throw Refusal{400, "time is missing; give a time like 2030-01-31T12:00:00Z, or now"};
    context.time_control.set(requested_time(*time));
    return show_clock(request, context);
}

http::Response advance_clock(Request const& request, Context& context) {
    auto const object = request.object({"by", "until", "until_job"});
    auto const by = object.string("by");
    auto const until = object.string("until");
    auto const job_id = object.string("until_job");
    if (int(by.has_value()) + int(until.has_value()) + int(job_id.has_value()) != 1) {
        throw Refusal{400, "give exactly one of by, until and until_job"};
    }
    if (by) {
        context.time_control.advance(requested_duration(*by));
    } else if (job_id) {
        context.time_control.advance_until_job_completes(*job_id);
    } else if (*until == "next") {
        context.time_control.advance_to_next_event();
    } else if (*until == "idle") {
        context.time_control.advance_until_idle();
    } else {
        throw Refusal{400, "until must be next or idle"};
    }
    return show_clock(request, context);
}

}  // namespace firn::control
