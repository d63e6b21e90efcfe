// `firn help`: prints a page of the documents. Needs no server.
#include "server/cli/help_command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <stdexcept>

#include "server/cli/commands.hpp"

namespace firn::cli {
namespace {

std::string_view topic_of(storage::EmbeddedFile const& page) {
    return page.name.substr(0, page.name.rfind('.'));
}

std::string_view heading_of(storage::EmbeddedFile const& page) {
    constexpr std::string_view mark = "# ";
    return page.text.substr(mark.size(), page.text.find('\n') - mark.size());
}

std::string list_topics() {
    std::string text;
    for (auto const& page : help_pages)
        text += fmt::format("  {:<13} {}\n", topic_of(page), heading_of(page));
    return text;
}

// The text of a page. Throws std::runtime_error, with the list of topics, for one that does not exist.
std::string_view find_page(std::string const& topic) {
    for (auto const& page : help_pages) {
        if (topic_of(page) == topic) return page.text;
    }
    throw std::runtime_error(fmt::format("there is no topic {}; the topics are\n{}", topic, list_topics()));
}

}  // namespace

void define_help(CLI::App& help, Commands& commands) {
    auto const topic = std::make_shared<std::string>();
    commands.define(help, [topic](Session const& session) {
        if (topic->empty()) {
            session.output() << "firn help TOPIC prints one of these pages:\n\n"
                             << list_topics() << "\nfirn COMMAND --help describes a command.\n";
        } else {
            session.output() << find_page(*topic);
        }
    });
    for (char const* const option : {"--endpoint", "--json"}) help.remove_option(help.get_option(option));
    help.add_option("topic", *topic, "One of the topics that `firn help` lists");
}

}  // namespace firn::cli
