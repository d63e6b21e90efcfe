// The ceiling of uploads: a server that does what every server with the same promises must do, and nothing
// else. It receives each body into a file whose room is taken beforehand, hashes it meanwhile on a second
// thread (all of it, and each MiB), compares with what the client said, syncs and answers. It prints its port
// and serves until it is ended; the files stay.
//
//   sink DIRECTORY
#include <fcntl.h>

#include <condition_variable>
#include <cstdio>
#include <deque>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "connection.hpp"
#include "content.hpp"

namespace {
using namespace bench;

// Small enough to be still in the processor's cache when they are hashed: four of a MiB take twice the time
// in the kernel.
constexpr std::size_t buffer_size_bytes = 256 << 10;
constexpr std::size_t buffer_count = 4;

struct Filled {
    std::vector<char>* buffer = nullptr;  // null: that was all
    std::size_t size_bytes = 0;
};

template <typename T>
class Channel {
public:
    void put(T item) {
        {
            std::lock_guard const lock(mutex_);
            items_.push_back(item);
        }
        filled_.notify_one();
    }
    T take() {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [this] { return !items_.empty(); });
        T const item = items_.front();
        items_.pop_front();
        return item;
    }

private:
    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<T> items_;
};

class OutputFile {
public:
    OutputFile(std::string const& path, std::size_t size_bytes)
        : file_(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600)) {
        if (file_ < 0) fail("open");
        if (size_bytes > 0 && posix_fallocate(file_, 0, static_cast<off_t>(size_bytes)) != 0)
            fail("fallocate");
    }
    OutputFile(OutputFile const&) = delete;
    OutputFile& operator=(OutputFile const&) = delete;
    ~OutputFile() { close(file_); }
    void write(std::span<char const> bytes) {
        while (!bytes.empty()) {
            auto const written = ::write(file_, bytes.data(), bytes.size());
            if (written < 0) fail("write");
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
    }
    void sync() {
        if (fdatasync(file_) != 0) fail("fdatasync");
    }

private:
    int file_;
};

// One client: its thread receives and writes, a second one hashes.
class Session {
public:
    Session(Connection connection, std::string prefix)
        : connection_(std::move(connection)),
          prefix_(std::move(prefix)),
          buffers_(buffer_count, std::vector<char>(buffer_size_bytes)) {
        for (auto& buffer : buffers_) free_.put(&buffer);
    }

    void run() {
        for (int number = 0;; ++number) {
            auto const head = connection_.receive_head();
            if (head.empty()) return;
            auto const length = field(head, "content-length");
            OutputFile file(prefix_ + std::to_string(number), length.empty() ? 0 : std::stoull(length));
            answer(head, take_body(file, length.empty() ? 0 : std::stoull(length)));
        }
    }

private:
    Hashes take_body(OutputFile& file, std::size_t rest) {
        Hashes hashes;
        std::thread hasher([&] { hash_all(hashes); });
        std::exception_ptr failure;
        try {
            receive_into(file, rest);
        } catch (...) {
            failure = std::current_exception();
        }
        filled_.put({});
        // The disk works while the last buffers are hashed.
        if (!failure) file.sync();
        hasher.join();
        if (failure) std::rethrow_exception(failure);
        return hashes;
    }

    void receive_into(OutputFile& file, std::size_t rest) {
        while (rest > 0) {
            auto* const buffer = free_.take();
            auto const part = std::span(*buffer).first(std::min(rest, buffer_size_bytes));
            if (!connection_.receive(part))
                throw std::runtime_error("the client left in the middle of a body");
            filled_.put({buffer, part.size()});
            file.write(part);
            rest -= part.size();
        }
    }

    void hash_all(Hashes& hashes) {
        for (auto filled = filled_.take(); filled.buffer != nullptr; filled = filled_.take()) {
            hashes.add(std::span(*filled.buffer).first(filled.size_bytes));
            free_.put(filled.buffer);
        }
    }

    void answer(std::string const& head, Hashes hashes) {
        auto const tree = hashes.tree();
        bool const right = hashes.linear() == field(head, "x-amz-content-sha256") &&
                           tree == field(head, "x-amz-sha256-tree-hash");
        auto const status = right ? "201 Created" : "400 Bad Request";
        connection_.send("HTTP/1.1 " + std::string(status) + "\r\nx-amz-sha256-tree-hash: " + tree +
                         "\r\nContent-Length: 0\r\n\r\n");
    }

    Connection connection_;
    std::string prefix_;
    std::vector<std::vector<char>> buffers_;
    Channel<std::vector<char>*> free_;
    Channel<Filled> filled_;
};

void serve(int socket, std::string const& prefix) {
    try {
        Session(Connection(socket), prefix).run();
    } catch (std::exception const& error) {
        std::fprintf(stderr, "sink: %s\n", error.what());
    }
}

int listen_anywhere() {
    int const listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener, generic, size) != 0 || listen(listener, 64) != 0) fail("listen");
    getsockname(listener, generic, &size);
    std::printf("%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
    std::fflush(stdout);
    return listener;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    int const listener = listen_anywhere();
    for (int number = 0;; ++number) {
        int const socket = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        std::thread(serve, socket, argv[1] + ("/" + std::to_string(number)) + "-").detach();
    }
}
