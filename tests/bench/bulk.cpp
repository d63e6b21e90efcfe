// The load of the big transfers: sends and fetches the benchmark's content over plain HTTP, as fast as one
// thread a connection can, and checks what comes back. Prints one line of JSON. Sizes are in MiB; hashes are
// computed before the clock starts.
//
//   bulk hash SIZE                                  how fast this processor hashes: once, twice in series, as
//   firn bulk write FILE SIZE                            the content as a file bulk post PORT TARGET SIZE one
//   upload bulk put PORT TARGET SIZE PART CONNECTIONS      one upload in parts bulk get PORT TARGET SIZE
//   RANGE [check]         one download, in ranges unless RANGE is 0; `check`: every byte
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <map>
#include <stdexcept>

#include "connection.hpp"
#include "content.hpp"
#include "storage/hash/content_hash.hpp"

namespace {
using namespace bench;

using Arguments = std::vector<std::string>;

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string line(std::string_view name, std::string const& value) {
    return std::string(name) + ": " + value + "\r\n";
}

std::string request_head(std::string const& method, std::string const& target, std::string const& fields) {
    return method + " " + target + " HTTP/1.1\r\n" + line("Host", "127.0.0.1") +
           line("x-amz-glacier-version", "2012-06-01") + fields + "\r\n";
}

std::string byte_range(std::uint64_t first_mib, std::uint64_t end_mib) {
    return std::to_string(first_mib * mebibyte) + "-" + std::to_string(end_mib * mebibyte - 1);
}

// A head with a status of success, or else what the server said.
std::string receive_success(Connection& connection) {
    auto head = connection.receive_head();
    if (head.size() > 9 && head[9] == '2') return head;
    auto const length = field(head, "content-length");
    std::string body(length.empty() ? 0 : std::stoull(length), '\0');
    connection.receive(body);
    throw std::runtime_error("the answer is not a success: " + head + body);
}

struct Piece {
    std::uint64_t first = 0;  // MiB
    std::uint64_t end = 0;
    std::string head;
    std::string tree_hash;
};

// Sends its pieces over several connections, each taking the next one.
class Upload {
public:
    Upload(std::string method, std::string target, std::uint64_t size, std::uint64_t part_size)
        : method_(std::move(method)), target_(std::move(target)) {
        for (std::uint64_t first = 0; first < size; first += part_size) {
            pieces_.push_back(prepare(first, std::min(first + part_size, size)));
        }
        tree_hash_ = to_hex(tree_root(leaves_));
    }

    void run(std::uint16_t port, std::size_t connections) {
        std::vector<Connection> open;
        std::vector<Block> blocks(connections);
        for (std::size_t i = 0; i < connections; ++i) open.push_back(Connection::to(port));
        auto const start = std::chrono::steady_clock::now();
        std::vector<std::future<void>> running;
        for (std::size_t i = 0; i < connections; ++i) {
            running.push_back(std::async(std::launch::async, [&, i] { send_pieces(open[i], blocks[i]); }));
        }
        for (auto& one : running) one.get();
        seconds_ = seconds_since(start);
    }

    void print() const {
        std::printf(R"({"seconds": %.6f, "tree_hash": "%s", "archive_id": "%s"})"
                    "\n",
                    seconds_, tree_hash_.c_str(), archive_id_.c_str());
    }

private:
    Piece prepare(std::uint64_t first, std::uint64_t end) {
        Block block;
        Hashes hashes;
        for (auto number = first; number < end; ++number) hashes.add(block.numbered(number));
        leaves_.insert(leaves_.end(), hashes.leaves().begin(), hashes.leaves().end());
        auto fields = line("Content-Length", std::to_string((end - first) * mebibyte)) +
                      line("x-amz-content-sha256", hashes.linear()) +
                      line("x-amz-sha256-tree-hash", hashes.tree());
        if (method_ == "PUT") fields += line("Content-Range", "bytes " + byte_range(first, end) + "/*");
        return {first, end, request_head(method_, target_, fields), hashes.tree()};
    }

    void send_pieces(Connection& connection, Block& block) {
        for (auto i = next_++; i < pieces_.size(); i = next_++) {
            auto const& piece = pieces_[i];
            connection.send(piece.head);
            for (auto number = piece.first; number < piece.end; ++number)
                connection.send(block.numbered(number));
            auto const head = receive_success(connection);
            if (field(head, "x-amz-sha256-tree-hash") != piece.tree_hash)
                throw std::runtime_error("another tree hash in the answer: " + head);
            if (pieces_.size() == 1) archive_id_ = field(head, "x-amz-archive-id");
        }
    }

    std::string method_;
    std::string target_;
    std::vector<Piece> pieces_;
    std::vector<Digest> leaves_;
    std::string tree_hash_;
    std::atomic<std::size_t> next_ = 0;
    std::string archive_id_;
    double seconds_ = 0;
};

void receive_content(Connection& connection, std::uint64_t first, std::uint64_t end, bool every_byte) {
    Block block;
    std::vector<char> received(mebibyte);
    for (auto number = first; number < end; ++number) {
        if (!connection.receive(received)) throw std::runtime_error("the download ended early");
        auto const expected = block.numbered(number).first(every_byte ? mebibyte : sizeof number);
        if (!std::equal(expected.begin(), expected.end(), received.begin()))
            throw std::runtime_error("wrong bytes in MiB " + std::to_string(number));
    }
}

void get(Arguments const& arguments) {
    auto const size = std::stoull(arguments.at(2));
    auto const range = std::stoull(arguments.at(3));
    bool const every_byte = arguments.size() > 4;
    auto connection = Connection::to(static_cast<std::uint16_t>(std::stoul(arguments.at(0))));
    auto const start = std::chrono::steady_clock::now();
    for (std::uint64_t first = 0; first<size; first += range> 0 ? range : size) {
        auto const end = range > 0 ? std::min(first + range, size) : size;
        auto const fields = range > 0 ? line("Range", "bytes=" + byte_range(first, end)) : std::string();
        connection.send(request_head("GET", arguments.at(1), fields));
        auto const head = receive_success(connection);
        if (field(head, "content-length") != std::to_string((end - first) * mebibyte))
            throw std::runtime_error("another length in the answer: " + head);
        receive_content(connection, first, end, every_byte);
    }
    std::printf(R"({"seconds": %.6f})"
                "\n",
                seconds_since(start));
}

void put(std::string const& method, Arguments const& arguments) {
    auto const size = std::stoull(arguments.at(2));
    bool const parts = method == "PUT";
    Upload upload(method, arguments.at(1), size, parts ? std::stoull(arguments.at(3)) : size);
    upload.run(static_cast<std::uint16_t>(std::stoul(arguments.at(0))),
               parts ? std::stoul(arguments.at(4)) : 1);
    upload.print();
}

void write(Arguments const& arguments) {
    std::ofstream file(arguments.at(0), std::ios::binary);
    Block block;
    for (std::uint64_t number = 0; number < std::stoull(arguments.at(1)); ++number) {
        auto const bytes = block.numbered(number);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    file.close();
    if (!file) throw std::runtime_error("cannot write " + arguments.at(0));
    std::puts("{}");
}

void hash(Arguments const& arguments) {
    auto const size = std::stoull(arguments.at(0));
    Block block;
    Sha256 linear;
    auto start = std::chrono::steady_clock::now();
    for (std::uint64_t number = 0; number < size; ++number) linear.update(block.numbered(number));
    linear.finish();
    auto const once = seconds_since(start);
    Hashes both;
    start = std::chrono::steady_clock::now();
    for (std::uint64_t number = 0; number < size; ++number) both.add(block.numbered(number));
    auto const tree = both.tree();
    auto const series = seconds_since(start);
    firn::storage::ContentHash content;
    start = std::chrono::steady_clock::now();
    for (std::uint64_t number = 0; number < size; ++number)
        content.update(std::as_bytes(block.numbered(number)));
    auto const digests = content.finish();
    auto const by_firn = seconds_since(start);
    if (firn::storage::to_hex(digests.tree) != tree) throw std::runtime_error("firn hashes wrongly");
    std::printf(R"({"once_seconds": %.6f, "series_seconds": %.6f, "firn_seconds": %.6f})"
                "\n",
                once, series, by_firn);
}

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, void (*)(Arguments const&)> const commands{
        {"hash", hash},
        {"write", write},
        {"get", get},
        {"post", [](Arguments const& arguments) { put("POST", arguments); }},
        {"put", [](Arguments const& arguments) { put("PUT", arguments); }},
    };
    try {
        Arguments const arguments(argv + 1, argv + argc);
        commands.at(arguments.at(0))({arguments.begin() + 1, arguments.end()});
    } catch (std::exception const& error) {
        std::fprintf(stderr, "bulk: %s\n", error.what());
        return 1;
    }
}
