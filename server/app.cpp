#include "server/app.hpp"

#include <spdlog/spdlog.h>
#include <sys/random.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <future>
#include <list>
#include <stdexcept>
#include <thread>
#include <vector>

#include "server/control/control.hpp"
#include "server/control/observe/recorder.hpp"
#include "server/control/refusal.hpp"
#include "server/control/seed/seed.hpp"
#include "server/delayed_work.hpp"
#include "server/glacier/api.hpp"
#include "server/glacier/due_work.hpp"
#include "server/http/listener.hpp"
#include "server/router.hpp"
#include "server/time/clock_keeper.hpp"
#include "server/time/scheduler.hpp"
#include "storage/store.hpp"

namespace firn {
namespace {
namespace asio = boost::asio;

// Threads for uploads that wait for the disk.
constexpr std::size_t blocking_threads = 4;

// How often a long start looks whether it is to stop.
constexpr std::chrono::milliseconds signal_interval(20);

storage::DataDirectory data_directory(Config const& config) {
    if (config.in_memory) {
        if (!config.data_dir.empty())
            spdlog::warn("--data-dir {} is ignored because of --in-memory", config.data_dir.string());
        return storage::DataDirectory::temporary();
    }
    return storage::DataDirectory::at(config.data_dir.empty() ? default_data_dir() : config.data_dir);
}

// One for each thread that serves requests; `count` 0 means one for each core.
std::list<asio::io_context> make_contexts(unsigned count) {
    std::list<asio::io_context> contexts;
    if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
    // The argument promises that one thread runs the context.
    while (contexts.size() < count) contexts.emplace_back(1);
    return contexts;
}

// The configured seed, or a random one that is drawn once and kept with the data.
std::string seed_of(Config const& config, storage::Store& store) {
    if (!config.seed.empty()) return config.seed;
    if (auto const kept = store.read()->setting("seed")) return *kept;
    storage::Digest random;
    if (getentropy(random.data(), random.size()) != 0)
        throw std::runtime_error("the system gives no random bytes");
    auto seed = storage::to_hex(random);
    // No need to wait: writes are in order, so the seed is on disk no later than the first id made from it.
    store.write([seed](storage::Transaction& transaction) { transaction.set_setting("seed", seed); },
                [](std::exception_ptr error) {
                    if (error) spdlog::error("the seed could not be stored; ids will differ after a restart");
                });
    return seed;
}

// The program blocks these signals and waits for them only once it serves.
bool is_stop_signal_pending() {
    sigset_t pending;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

}  // namespace

// The members in the order of their construction: each uses only those above it.
struct App::Running {
    Running(Config const& config, time::Clock& clock)
        : contexts(make_contexts(config.threads)),
          store(data_directory(config)),
          clock_keeper(clock, store, config.clock),
          rules{.timing = timing_of(config), .random = glacier::Random(seed_of(config, store))},
          due_work(store, rules),
          scheduler(clock, {.run_due = [this](storage::Time now) { due_work.run(now); },
                            .next_due = [this] { return next_due(); }}),
          time_control(clock_keeper, scheduler, store, first_inventory_delay()),
          faults(rules.random),
          journal(config.journal_size, config.journal_body_bytes_max),
          recorder(faults, journal, metrics),
          api(services(config, clock)),
          control(context(config, clock), control::AccessGuard(config.control_hosts)),
          router(api, control),
          listener({contexts.begin(), contexts.end()}, router, config.http) {}

    glacier::Services services(Config const& config, time::Clock const& clock) {
        return {
            .store = store,
            .rules = rules,
            .default_caller = {.account = config.account_id, .region = config.region},
            // With a configured seed, request ids are the same in every run.
            .request_series =
                config.seed.empty() ? std::to_string(clock.now().time_since_epoch().count()) : "",
            .now = [this] { return scheduler.now(); },
            .run_blocking = [this](std::function<void()> work) { asio::post(blocking, std::move(work)); },
            .settle = [this](time::Scheduler::Settled done) { scheduler.settle(std::move(done)); },
            .run_later = [this](std::chrono::milliseconds delay,
                                std::function<void()> work) { delayed.run_later(delay, std::move(work)); },
            .observer = recorder,
            .recent_answers = recent_answers,
            .pending = pending,
        };
    }

    control::Context context(Config const& config, time::Clock& clock) {
        return {
            .store = store,
            .clock = clock,
            .clock_keeper = clock_keeper,
            .scheduler = scheduler,
            .time_control = time_control,
            .rules = rules,
            .incoming = store.incoming_folder(),
            .default_owner = {.account = config.account_id, .region = config.region},
            .repeats_ids = !config.seed.empty(),
            .seed_file = config.seed_file,
            .faults = faults,
            .journal = journal,
            .metrics = metrics,
            .pending = pending,
        };
    }

    void seed(Config const& config, time::Clock const& clock) {
        control::SeedContext const seed_context{
            .store = store,
            .rules = rules,
            .default_owner = {.account = config.account_id, .region = config.region},
            .now = clock.now(),
            .is_stopping = is_stop_signal_pending,
        };
        try {
            control::apply_seed(control::read_seed_file(config.seed_file), seed_context);
        } catch (control::Refusal const& refusal) {
            throw std::runtime_error(refusal.message);
        }
        settle();
    }

    // Returns when everything is done that came due since the last run, or when the program is to stop.
    // Requests wait meanwhile.
    void catch_up() {
        auto const done = std::make_shared<std::promise<void>>();
        scheduler.settle([done](storage::Time) { done->set_value(); });
        auto const settled = done->get_future();
        while (settled.wait_for(signal_interval) == std::future_status::timeout) {
            if (is_stop_signal_pending()) return;
        }
        if (!scheduler.is_caught_up())
            spdlog::warn("not everything that is due could be done; firn tries again");
    }

    std::optional<storage::Time> next_due() const {
        auto const due = store.next_due();
        return due == storage::Time::max() ? std::nullopt : std::optional(due);
    }

    // Nothing in the modes in which no user sees a first inventory.
    std::optional<storage::Duration> first_inventory_delay() const {
        if (rules.timing.inventory == glacier::InventoryMode::fresh) return std::nullopt;
        return rules.timing.first_inventory_delay;
    }

    void settle() {
        if (!scheduler.settle())
            throw std::runtime_error("not everything that is due could be done; the log says why");
    }

    std::list<asio::io_context> contexts;
    DelayedWork delayed{contexts.front()};
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
    glacier::PendingWork pending;
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
    // That of the last run: whoever waits for the file to appear must not read the old port. Not before the
    // data and the port are this server's own, since it could be the file of one that runs.
    if (std::filesystem::is_regular_file(config_.port_file)) std::filesystem::remove(config_.port_file);
    running->store.set_due_listener(
        [&scheduler = running->scheduler](storage::Time due) { scheduler.expect(due); });
    if (!config_.seed_file.empty() && control::is_unseeded(*running->store.read())) {
        running->seed(config_, clock_);
    } else if (!config_.seed_file.empty()) {
        spdlog::warn("--seed-file {} is ignored: the data directory is not new", config_.seed_file.string());
    }
    running->listener.start();
    for (auto& context : running->contexts) {
        running->threads.emplace_back([&context] {
            auto const guard = asio::make_work_guard(context);
            context.run();
        });
    }
    running_ = std::move(running);
    running_->catch_up();
}

std::uint16_t App::port() const {
    return running_->listener.port();
}

void App::stop() {
    if (!running_) return;
    running_->control.begin_stop();
    running_->due_work.stop();
    // Sends the answers that fault rules hold back: their callbacks must not outlive the store.
    running_->delayed.end_delays();
    std::promise<void> closed;
    running_->listener.stop([&closed] { closed.set_value(); });
    closed.get_future().get();
    for (auto& context : running_->contexts) context.stop();
    for (auto& thread : running_->threads) thread.join();
    running_->blocking.join();
    // Requests that stop_timeout cut off: what goes on of them uses what is destroyed next.
    running_->pending.wait();
    running_->control.stop();
    running_->store.set_due_listener({});
    running_.reset();
}

void App::settle() {
    running_->settle();
}

}  // namespace firn
