#include "server/text/json_lines.hpp"

#include <iterator>
#include <nlohmann/json.hpp>

namespace firn::text {
namespace {
using nlohmann::json;

// Counts the line ends that the parser has read.
class CountingIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = char const*;
    using reference = char const&;

    CountingIterator(char const* at, int* line) : at_(at), line_(line) {}
    reference operator*() const { return *at_; }
    CountingIterator& operator++() {
        if (*at_++ == '\n') ++*line_;
        return *this;
    }
    bool operator==(CountingIterator const& other) const { return at_ == other.at_; }

private:
    char const* at_;
    int* line_;
};

// Follows the steps through the events of the parser. A member begins with its name, an element with its
// value.
class Search : public nlohmann::json_sax<json> {
public:
    Search(std::vector<std::string> const& steps, int const& line) : steps_(steps), line_(line) {}

    int found_line() const { return found_line_; }

    bool null() override { return value(); }
    bool boolean(bool) override { return value(); }
    bool number_integer(number_integer_t) override { return value(); }
    bool number_unsigned(number_unsigned_t) override { return value(); }
    bool number_float(number_float_t, string_t const&) override { return value(); }
    bool string(string_t&) override { return value(); }
    bool binary(binary_t&) override { return value(); }
    bool start_object(std::size_t) override { return enter(false); }
    bool start_array(std::size_t) override { return enter(true); }
    bool end_object() override { return leave(); }
    bool end_array() override { return leave(); }
    bool parse_error(std::size_t, std::string const&, json::exception const&) override { return false; }
    bool key(string_t& name) override {
        stack_.back().step = name;
        note();
        return true;
    }

private:
    struct Level {
        bool is_array;
        std::size_t next_index = 0;
        std::string step = {};
    };

    bool value() {
        if (stack_.empty() || !stack_.back().is_array) return true;
        stack_.back().step = std::to_string(stack_.back().next_index++);
        note();
        return true;
    }
    bool enter(bool is_array) {
        value();
        stack_.push_back({is_array});
        return true;
    }
    bool leave() {
        stack_.pop_back();
        return true;
    }
    // The answer is the deepest place on the way that the steps describe.
    void note() {
        if (stack_.size() <= found_depth_ || stack_.size() > steps_.size()) return;
        for (std::size_t i = 0; i < stack_.size(); ++i) {
            if (stack_[i].step != steps_[i]) return;
        }
        found_depth_ = stack_.size();
        found_line_ = line_;
    }

    std::vector<std::string> const& steps_;
    int const& line_;
    std::vector<Level> stack_;
    std::size_t found_depth_ = 0;
    int found_line_ = 1;
};

}  // namespace

int line_of(std::string_view text, std::vector<std::string> const& steps) {
    int line = 1;
    Search search(steps, line);
    json::sax_parse(CountingIterator(text.data(), &line), CountingIterator(text.data() + text.size(), &line),
                    &search);
    return search.found_line();
}

}  // namespace firn::text
