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
    return fmt::format("{}  {}", cell(event, "at"), words_of(cell(event, "kind")));
}

// The three ways to say how far: exactly one.
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
        clock, "advance", "Move it forward; returns when all that came due is done",
        [step](Session const& session) {
            session.show(session.ask("POST", {"clock", "advance"}, step->body()), describe_clock);
        });
    auto& how_far = add_group(advance, "How far");
    how_far.add_option("duration", step->by, "By so much: 250ms, 90s, 5m, 12h, 1d");
    how_far.add_option("--until", step->until, "next: to the next event; idle: until no job runs")
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
    commands.add(clock, "show", "What it shows and what comes next (the default)", show);
    commands.add(clock, "freeze", "Stop it where it is",
                 [post](Session const& session) { post(session, "freeze", {}); });
    commands.add(clock, "resume", "Let it run on, as fast as real time",
                 [post](Session const& session) { post(session, "resume", {}); });

    auto const time = std::make_shared<std::string>();
    commands
        .add(clock, "set", "Set it; returns when all that came due is done",
             [post, time](Session const& session) {
                 post(session, "set", {{"time", *time}});
             })
        .add_option("time", *time, "An ISO 8601 time, or `now` for the real one")
        ->required();

    add_advance(clock, commands);

    auto const rate = std::make_shared<double>();
    commands
        .add(clock, "rate", "Let it run on, so many times as fast as real time",
             [post, rate](Session const& session) {
                 post(session, "resume", {{"rate", *rate}});
             })
        .add_option("rate", *rate, "Seconds of firn's clock in a real one")
        ->required()
        // JSON has no word for these.
        ->check(CLI::Validator(
            [](std::string& text) {
                double number = 0;
                bool const fits = CLI::detail::lexical_cast(text, number) && std::isfinite(number);
                return fits ? "" : "a rate is a number";
            },
            ""));
}

}  // namespace firn::cli
