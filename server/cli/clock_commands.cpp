// `firn clock`: shows and moves the clock.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>

#include "server/cli/commands.hpp"
#include "server/cli/filters.hpp"

namespace firn::cli {
namespace {

std::string speed_of(Json const& clock) {
    if (clock.value("frozen", false)) return "frozen";
    auto const rate = clock.value("rate", 1.0);
    return rate == 1 ? "as fast as real time" : fmt::format("{} times as fast as real time", rate);
}

std::string next_event_of(Json const& clock) {
    auto const event = clock.value("next_event", Json());
    if (!event.is_object()) return "-";
    auto const vault = event.value("vault", Json());
    return fmt::format("{}  {}{}", cell(event, "at"), words_of(cell(event, "kind")),
                       vault.is_string() ? "  " + cell(vault) : "");
}

std::string describe_events(Json const& answer) {
    return table(answer.value("events", Json::array()),
                 {{"AT", "at"},
                  {"EVENT", "kind"},
                  {"VAULT", "vault"},
                  {"ACCOUNT", "account"},
                  {"REGION", "region"},
                  {"ID", "id"}},
                 "no events");
}

void add_events(CLI::App& clock, Commands& commands) {
    auto const query = std::make_shared<Query>();
    auto& events = commands.add(clock, "events", "List what will happen by itself, in order of time",
                                [query](Session const& session) {
                                    ControlRequest const request{"GET", {"clock", "events"}, *query, ""};
                                    session.show(parse_answer(session.client.send(request)), describe_events);
                                });
    add_filter(events, query, "--limit", "At most this many, the earliest ones (default: 1000)");
}

// How far to advance. Exactly one member is set.
struct Step {
    std::string by;
    std::string until;
    std::string until_job;

    Json body() const {
        auto json = Json::object();
        if (!by.empty()) json["by"] = by;
        if (!until.empty()) json["until"] = until;
        if (!until_job.empty()) json["until_job"] = until_job;
        return json;
    }
};

void add_advance(CLI::App& clock, Commands& commands) {
    auto const step = std::make_shared<Step>();
    auto& advance = commands.add(
        clock, "advance", "Move the clock forward; returns when everything that came due is done",
        [step](Session const& session) {
            session.show(session.ask("POST", {"clock", "advance"}, step->body()), describe_clock);
        });
    auto& how_far = add_group(advance, "How far");
    how_far.add_option("duration", step->by, "By this duration: 250ms, 90s, 1h30m, 12h, 2d, 1w");
    how_far
        .add_option("--until", step->until,
                    "next: to the next event; idle: until no job runs and no inventory is due")
        ->check(CLI::IsMember({"next", "idle"}));
    how_far.add_option("--until-job", step->until_job, "Until this job has completed");
    how_far.require_option(1);
}

}  // namespace

std::string describe_clock(Json const& clock) {
    return aligned({{"now", cell(clock, "now")},
                    {"runs", speed_of(clock)},
                    {"next event", next_event_of(clock)},
                    {"jobs in progress", cell(clock, "jobs_in_progress")}});
}

void define_clock(CLI::App& clock, Commands& commands) {
    auto const show = [](Session const& session) {
        session.show(session.ask("GET", {"clock"}), describe_clock);
    };
    auto const post = [](Session const& session, std::string const& verb, Json const& body) {
        session.show(session.ask("POST", {"clock", verb}, body), describe_clock);
    };
    commands.define(clock, show);
    commands.add(clock, "show", "Show the time and the next event (the default)", show);
    add_events(clock, commands);
    commands.add(clock, "freeze", "Stop the clock",
                 [post](Session const& session) { post(session, "freeze", {}); });
    commands.add(clock, "resume", "Let the clock run, as fast as real time",
                 [post](Session const& session) { post(session, "resume", {}); });

    auto const time = std::make_shared<std::string>();
    commands
        .add(clock, "set", "Set the clock; returns when everything that came due is done",
             [post, time](Session const& session) {
                 post(session, "set", {{"time", *time}});
             })
        .add_option("time", *time, "A time like 2030-01-31 or 2030-01-31T12:00Z, or now for the real time")
        ->required();

    add_advance(clock, commands);

    auto const rate = std::make_shared<double>();
    commands
        .add(clock, "rate", "Let the clock run at another rate",
             [post, rate](Session const& session) {
                 post(session, "resume", {{"rate", *rate}});
             })
        .add_option("rate", *rate, "Seconds of firn's clock for each real second")
        ->required()
        // Not inf or nan: JSON cannot express them.
        ->check(CLI::Validator(
            [](std::string& text) {
                double number = 0;
                bool const fits = CLI::detail::lexical_cast(text, number) && std::isfinite(number);
                return fits ? "" : "the rate must be a number";
            },
            ""));
}

}  // namespace firn::cli
