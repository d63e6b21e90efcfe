// `firn snapshot`: saves and restores the whole state, and copies it to and from files.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "server/cli/commands.hpp"
#include "server/cli/filters.hpp"

namespace firn::cli {
namespace {

std::string describe_snapshots(Json const& answer) {
    return table(answer.value("snapshots", Json::array()),
                 {{"NAME", "name"}, {"SAVED", "saved_at"}, {"BYTES", "size_bytes"}}, "no snapshots");
}

std::string describe_new_snapshot(std::string const& done, Json const& snapshot) {
    bool const replaced = snapshot.value("replaced", false);
    return fmt::format("{} {}, {}, of {}{}\n", done, cell(snapshot, "name"),
                       counted(snapshot.at("size_bytes"), "byte"), cell(snapshot, "saved_at"),
                       replaced ? "; it replaced the snapshot of this name" : "");
}

void show(Session const& session, std::string const& name) {
    session.show(session.ask("GET", {"snapshots", name}), [](Json const& snapshot) {
        return describe_snapshots({{"snapshots", Json::array({snapshot})}});
    });
}

void save(Session const& session, std::string const& name) {
    session.show(session.ask("PUT", {"snapshots", name}),
                 [](Json const& answer) { return describe_new_snapshot("saved", answer); });
}

void restore(Session const& session, std::string const& name) {
    session.show(session.ask("POST", {"snapshots", name, "restore"}), [&](Json const& clock) {
        return fmt::format("restored {}\n{}", name, describe_clock(clock));
    });
}

void remove(Session const& session, std::string const& name) {
    session.ask("DELETE", {"snapshots", name});
    session.say("deleted " + name);
}

void export_to(Session const& session, std::string const& name, std::string const& file) {
    auto const bytes = session.client.download({"GET", {"snapshots", name, "file"}, {}, ""}, file);
    session.say(fmt::format("exported {} to {}, {}", name, file, counted(bytes, "byte")));
}

void import_from(Session const& session, std::string const& name, std::string const& file) {
    session.show(parse_answer(session.client.upload({"PUT", {"snapshots", name, "file"}, {}, ""}, file)),
                 [](Json const& answer) { return describe_new_snapshot("imported", answer); });
}

}  // namespace

void define_snapshot(CLI::App& snapshot, Commands& commands) {
    auto const list = [](Session const& session) {
        session.show(session.ask("GET", {"snapshots"}), describe_snapshots);
    };
    commands.define(snapshot, list);
    commands.add(snapshot, "list", "List the snapshots by name (the default)", list);

    auto const add = [&](std::string const& verb, std::string const& help, auto action) {
        auto const name = std::make_shared<std::string>();
        auto& command = commands.add(snapshot, verb, help,
                                     [name, action](Session const& session) { action(session, *name); });
        add_id(command, *name, "name", "Name of the snapshot: up to 64 of A-Z a-z 0-9 . _ -");
    };
    add("show", "Show one snapshot", show);
    add("save", "Save the whole state, including the clock, over the snapshot of this name, if any", save);
    add("restore", "Restore a snapshot, including the clock", restore);
    add("delete", "Delete a snapshot", remove);

    auto const add_with_file = [&](std::string const& verb, std::string const& help, auto action) {
        auto const name = std::make_shared<std::string>();
        auto const file = std::make_shared<std::string>();
        auto& command = commands.add(snapshot, verb, help, [name, file, action](Session const& session) {
            action(session, *name, *file);
        });
        add_id(command, *name, "name", "Name of the snapshot");
        add_id(command, *file, "file", "Path of the file");
    };
    add_with_file("export", "Write a snapshot with all its archives to a file", export_to);
    add_with_file("import", "Make a snapshot from an exported file, over the one of this name, if any",
                  import_from);
}

}  // namespace firn::cli
