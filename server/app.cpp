#include "server/app.hpp"

#include <spdlog/spdlog.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <fstream>
#include <future>
#include <iterator>
#include <list>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "server/control/control.hpp"
#include "server/control/observe/recorder.hpp"
#include "server/control/refusal.hpp"
#include "server/control/seed/seed.hpp"
#include "server/glacier/api.hpp"
#include "server/glacier/due_work.hpp"
#include "server/http/listener.hpp"
#include "server/time/clock_keeper.hpp"
#include "server/time/scheduler.hpp"
#include "storage/store.hpp"

namespace firn {
namespace {
namespace asio = boost::asio;

// Threads for uploads that wait for the disk.
constexpr std::size_t blocking_threads = 4;

// firn's own paths, and everything else.
class Router : public http::Handler {
public:
    Router(http::Handler& glacier, http::Handler& control) : glacier_(glacier), control_(control) {}

    std::unique_ptr<http::Exchange> begin(http::RequestHead head) override {
        auto& room = head.target.starts_with("/_firn/") ? control_ : glacier_;
        return room.begin(std::move(head));
    }
    http::Response refuse(http::Refusal why) override { return glacier_.refuse(why); }

private:
    http::Handler& glacier_;
    http::Handler& control_;
};

storage::DataDirectory data_directory(Config const& config) {
    if (config.in_memory) return storage::DataDirectory::temporary();
    return storage::DataDirectory::at(config.data_dir.empty() ? default_data_dir() : config.data_dir);
}

// `count` 0: one a core.
std::list<asio::io_context> make_contexts(unsigned count) {
    std::list<asio::io_context> contexts;
    if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
    // The hint that one thread runs it.
    while (contexts.size() < count) contexts.emplace_back(1);
    return contexts;
}

// The seed of the configuration, or one that is drawn once and stays with the data.
std::string seed_of(Config const& config, storage::Store& store) {
    if (!config.seed.empty()) return config.seed;
    if (auto const kept = store.read()->setting("seed")) return *kept;
    storage::Digest random;
    if (getentropy(random.data(), random.size()) != 0) throw std::runtime_error("no random bytes to be had");
    auto seed = storage::to_hex(random);
    // Nobody has to wait: it is on disk before, or with, the first id that is made of it.
    store.write([seed](storage::Transaction& transaction) { transaction.set_setting("seed", seed); },
                [](std::exception_ptr error) {
                    if (error)
                        spdlog::error("the seed could not be kept: ids will be others after a restart");
                });
    return seed;
}

}  // namespace

// In order of construction: what stands below uses what stands above.
struct App::Running {
    Running(Config const& config, time::Clock& clock)
        : contexts(make_contexts(config.threads)),
          store(data_directory(config)),
          clock_keeper(clock, store, config.clock),
          rules{timing_of(config), glacier::Random(seed_of(config, store))},
          due_work(store, rules),
          scheduler(clock, {[this](storage::Time now) { due_work.run(now); },
                            [this] { return store.read()->next_due(); }}),
          time_control(clock, clock_keeper, scheduler, store),
          faults(rules.random),
          journal(config.journal_size),
          recorder(faults, journal, metrics),
          api(services(config, clock)),
          control(context(config, clock), control::AccessGuard(config.control_hosts)),
          router(api, control),
          listener({contexts.begin(), contexts.end()}, router, config.http) {}

    glacier::Services services(Config const& config, time::Clock const& clock) {
        return {store,
                rules,
                {config.account_id, config.region},
                // With a chosen seed, request ids are to be the same in every run.
                config.seed.empty() ? std::to_string(clock.now().time_since_epoch().count()) : "",
                [&clock] { return clock.now(); },
                [this](std::function<void()> work) { asio::post(blocking, std::move(work)); },
                [this](std::function<void()> done) { scheduler.settle(std::move(done)); },
                [this](std::chrono::milliseconds latency, std::function<void()> work) {
                    run_later(latency, std::move(work));
                },
                recorder,
                recent_answers};
    }

    control::Context context(Config const& config, time::Clock& clock) {
        return {store,
                clock,
                clock_keeper,
                scheduler,
                time_control,
                rules,
                store.incoming_folder(),
                {config.account_id, config.region},
                faults,
                journal,
                metrics};
    }

    void seed(Config const& config, time::Clock const& clock) {
        std::ifstream file(config.seed_file);
        std::string const text(std::istreambuf_iterator<char>(file), {});
        if (!file) throw std::runtime_error("cannot read the seed file " + config.seed_file.string());
        try {
            control::apply_seed(text, {store,
                                       rules,
                                       {config.account_id, config.region},
                                       clock.now(),
                                       config.seed_file.parent_path()});
        } catch (control::Refusal const& refusal) {
            throw std::runtime_error("the seed file " + config.seed_file.string() + ", " + refusal.message);
        }
        scheduler.settle();
    }

    void run_later(std::chrono::milliseconds latency, std::function<void()> work) {
        std::lock_guard const lock(delays_mutex);
        auto const timer =
            std::make_shared<asio::steady_timer>(contexts.front(), stopping ? latency.zero() : latency);
        delays.insert(timer);
        timer->async_wait([this, timer, work = std::move(work)](boost::system::error_code) {
            {
                std::lock_guard const relock(delays_mutex);
                delays.erase(timer);
            }
            work();
        });
    }

    // Answers that are held back go now: they must not outlive the store.
    void end_delays() {
        std::lock_guard const lock(delays_mutex);
        stopping = true;
        for (auto const& timer : delays) timer->cancel();
    }

    std::list<asio::io_context> contexts;  // one a thread
    std::mutex delays_mutex;
    std::set<std::shared_ptr<asio::steady_timer>> delays;
    bool stopping = false;
    asio::thread_pool blocking{blocking_threads};
    storage::Store store;
    time::ClockKeeper clock_keeper;
    glacier::Rules rules;
    glacier::DueWork due_work;
    time::Scheduler scheduler;
    time::TimeControl time_control;
    control::FaultRules faults;
    control::RequestJournal journal;
    control::Metrics metrics;
    control::Recorder recorder;
    glacier::RecentAnswers recent_answers;
    glacier::Api api;
    control::Control control;
    Router router;
    http::Listener listener;
    std::vector<std::thread> threads;
};

App::App(Config config) : config_(std::move(config)) {}

App::~App() {
    stop();
}

void App::start() {
    auto running = std::make_unique<Running>(config_, clock_);
    running->listener.open(config_.host, config_.port);
    running->store.set_due_listener(
        [&scheduler = running->scheduler](storage::Time due) { scheduler.expect(due); });
    if (!config_.seed_file.empty() && control::is_unseeded(*running->store.read()))
        running->seed(config_, clock_);
    running->listener.start();
    for (auto& context : running->contexts) {
        running->threads.emplace_back([&context] {
            auto const guard = asio::make_work_guard(context);
            context.run();
        });
    }
    running_ = std::move(running);
}

std::uint16_t App::port() const {
    return running_->listener.port();
}

void App::stop() {
    if (!running_) return;
    running_->end_delays();
    std::promise<void> closed;
    running_->listener.stop([&closed] { closed.set_value(); });
    closed.get_future().get();
    for (auto& context : running_->contexts) context.stop();
    for (auto& thread : running_->threads) thread.join();
    running_->blocking.join();
    running_->control.stop();
    running_->store.set_due_listener({});
    // Behind all writes of requests that stop_timeout cut off: their callbacks use what is destroyed next.
    try {
        running_->store.write_and_wait([](storage::Transaction&) {});
    } catch (std::exception const& error) {
        spdlog::error("the store cannot be written any more: {}", error.what());
    }
    running_.reset();
}

void App::settle() {
    running_->scheduler.settle();
}

}  // namespace firn
