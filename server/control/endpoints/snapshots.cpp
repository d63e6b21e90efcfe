// Saves, restores, exports and imports the whole state as a named snapshot.
#include <fcntl.h>

#include "server/control/endpoints/replacement.hpp"
#include "server/control/routes.hpp"
#include "server/text/timestamp.hpp"
#include "storage/snapshots/snapshot_file.hpp"

namespace firn::control {
namespace {
using nlohmann::ordered_json;

// The bytes of a file. The constructor removes its name, so the file is deleted when the stream ends.
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

// Turns the store's exceptions about names and files into refusals.
template <typename Work>
auto on_store(Work const& work) {
    try {
        return work();
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

http::Response reply_to_new(Context const& context, std::string const& name, bool replaced) {
    auto answer = describe(context.store.snapshot(name));
    answer["replaced"] = replaced;
    return json_reply(200, answer);
}

}  // namespace

http::Response list_snapshots(Request const&, Context& context) {
    auto list = ordered_json::array();
    for (auto const& snapshot : context.store.snapshots()) list.push_back(describe(snapshot));
    return json_reply(200, {{"snapshots", list}});
}

http::Response show_snapshot(Request const& request, Context& context) {
    return on_store(
        [&] { return json_reply(200, describe(context.store.snapshot(request.path.at("name")))); });
}

http::Response save_snapshot(Request const& request, Context& context) {
    auto const& name = request.path.at("name");
    return on_store([&] {
        // The time that a restore brings back, not that of a moment later.
        auto const saved_at = context.clock_keeper.keep();
        bool const replaced = context.store.save_snapshot(name, text::format_milliseconds(saved_at));
        return reply_to_new(context, name, replaced);
    });
}

http::Response delete_snapshot(Request const& request, Context& context) {
    on_store([&] { context.store.remove_snapshot(request.path.at("name")); });
    return empty_reply(204);
}

http::Response restore_snapshot(Request const& request, Context& context) {
    on_store([&] {
        // Due work of the current state must not run in the middle of the exchange.
        auto const pause = context.scheduler.pause();
        context.store.restore_snapshot(request.path.at("name"),
                                       replacement(context, [&] { context.clock_keeper.show_kept(); }));
        context.clock_keeper.keep();
    });
    context.time_control.settle();
    return show_clock(request, context);
}

http::Response export_snapshot(Request const& request, Context& context) {
    auto const file = context.incoming / "export";
    on_store([&] { context.store.export_snapshot(request.path.at("name"), file); });
    http::Response response;
    response.fields.add("Content-Type", "application/octet-stream");
    response.body = std::make_unique<FileStream>(file);
    return response;
}

http::Response import_snapshot(Request const& request, Context& context) {
    auto const& name = request.path.at("name");
    return on_store(
        [&] { return reply_to_new(context, name, context.store.import_snapshot(name, request.body_file)); });
}

}  // namespace firn::control
