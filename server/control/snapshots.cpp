// Snapshots: the whole state under a name, and back.
#include <fcntl.h>
#include <unistd.h>

#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"
#include "storage/snapshots/snapshot_file.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;

// A file that vanishes once it has been sent.
class FileStream : public http::BodyStream {
public:
    explicit FileStream(std::filesystem::path const& path)
        : size_bytes_(std::filesystem::file_size(path)), file_(storage::File::open(path, O_RDONLY)) {
        std::filesystem::remove(path);
    }
    std::uint64_t size_bytes() const override { return size_bytes_; }
    std::optional<http::BodyPiece> next() override {
        if (std::exchange(sent_, true) || size_bytes_ == 0) return std::nullopt;
        return http::FileSlice{file_.descriptor(), 0, size_bytes_};
    }

private:
    std::uint64_t size_bytes_;
    storage::File file_;
    bool sent_ = false;
};

// What the store throws about names and files, in this room's words.
template <typename Work>
void on_store(Work const& work) {
    try {
        work();
    } catch (std::invalid_argument const& error) {
        throw Refusal{400, error.what()};
    } catch (storage::ImportError const& error) {
        throw Refusal{400, error.what()};
    } catch (storage::UnknownSnapshot const& error) {
        throw Refusal{404, error.what()};
    }
}

ordered_json describe(storage::Snapshot const& snapshot) {
    return {{"name", snapshot.name}, {"saved_at", snapshot.note}, {"size_bytes", snapshot.size_bytes}};
}

http::Response reply_with(House const& house, std::string const& name) {
    for (auto const& snapshot : house.store.snapshots()) {
        if (snapshot.name == name) return json_reply(200, describe(snapshot));
    }
    throw Refusal{404, "there is no snapshot " + name};
}

}  // namespace

http::Response list_snapshots(Call const&, House& house) {
    auto list = ordered_json::array();
    for (auto const& snapshot : house.store.snapshots()) list.push_back(describe(snapshot));
    return json_reply(200, {{"snapshots", list}});
}

http::Response save_snapshot(Call const& call, House& house) {
    call.object({});
    auto const& name = call.path.at("name");
    on_store([&] {
        house.clock_keeper.keep();
        house.store.save_snapshot(name, text::format_milliseconds(house.clock.now()));
    });
    return reply_with(house, name);
}

http::Response delete_snapshot(Call const& call, House& house) {
    on_store([&] { house.store.remove_snapshot(call.path.at("name")); });
    return empty_reply(204);
}

http::Response restore_snapshot(Call const& call, House& house) {
    call.object({});
    on_store([&] {
        // What is due now is of the snapshot that goes.
        auto const pause = house.scheduler.pause();
        auto const seed = house.store.read()->setting("seed");
        // The clock first: what is written from then on has its times.
        house.store.restore_snapshot(call.path.at("name"), [&] { house.clock_keeper.show_kept(); });
        house.clock_keeper.keep();
        // The snapshot may be of another server; this one goes on with its own seed.
        if (seed) {
            house.store.write_and_wait(
                [&](storage::Transaction& transaction) { transaction.set_setting("seed", *seed); });
        }
    });
    house.time_control.settle();
    return show_clock(call, house);
}

http::Response export_snapshot(Call const& call, House& house) {
    auto const file = house.incoming / "export";
    on_store([&] { house.store.export_snapshot(call.path.at("name"), file); });
    http::Response response;
    response.fields.add("Content-Type", "application/octet-stream");
    response.body = std::make_unique<FileStream>(file);
    return response;
}

http::Response import_snapshot(Call const& call, House& house) {
    auto const& name = call.path.at("name");
    on_store([&] { house.store.import_snapshot(name, call.body_file); });
    return reply_with(house, name);
}

}  // namespace firn::control
