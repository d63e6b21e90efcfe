#include "server/glacier/operations/job_output.hpp"

#include <fmt/format.h>

#include <utility>

#include "server/glacier/byte_range.hpp"
#include "server/glacier/operations/content_checks.hpp"
#include "server/glacier/operations/jobs.hpp"
#include "server/glacier/reply.hpp"
#include "storage/blobs/blob_reader.hpp"

namespace firn::glacier {
namespace {

// The bytes of a range of an archive or of an inventory, as a reply's body.
class ContentStream : public http::BodyStream {
public:
    ContentStream(storage::View const& view, std::int64_t owner_pk, storage::ByteRange range)
        : reader_(view.open_content(owner_pk, range)) {}

    std::uint64_t size_bytes() const override { return reader_.size_bytes(); }

    std::optional<http::BodyPiece> next() override {
        auto piece = reader_.next();
        if (!piece) return std::nullopt;
        if (auto* const bytes = std::get_if<std::string>(&*piece)) return std::move(*bytes);
        auto const& file = std::get<storage::FilePiece>(*piece);
        return http::FileSlice{file.descriptor, file.offset, file.size_bytes};
    }

private:
    storage::BlobReader reader_;
};

// What a job offers for download: a run of bytes of an archive, or an inventory of its own.
struct Output {
    std::int64_t owner_pk = 0;
    storage::ByteRange range;  // within the owner's bytes
    std::string content_type;
};

Output output_of(storage::Job const& job) {
    if (job.archive) return {job.archive->archive_pk, job.archive->range, "application/octet-stream"};
    auto const type = job.inventory->format == "CSV" ? "text/csv" : "application/json";
    return {job.job_pk, {0, job.inventory->output_size_bytes.value_or(1) - 1}, type};
}

void require_finished(storage::Job const& job) {
    if (job.status == storage::JobStatus::succeeded) return;
    auto const why = job.status == storage::JobStatus::failed
                         ? "the job failed: " + job.status_message.value_or("no reason is known")
                         : "the job is still in progress; poll DescribeJob until Completed is true";
    throw errors::job_not_ready(job.job_id, why);
}

void add_archive_fields(http::Response& response, storage::Job const& job, storage::ByteRange range,
                        storage::View const& view) {
    auto const& retrieval = *job.archive;
    auto const archive = view.archive(retrieval.archive_pk);
    if (archive && !archive->description.empty()) {
        response.fields.add(std::string(description_field), archive->description);
    }
    // Only a range that is tree-hash aligned has a checksum that a client can combine. Its place in the
    // archive counts, not its place in the output.
    if (range == retrieval.range) {
        if (retrieval.range_tree_hash) {
            response.fields.add(std::string(tree_hash_field), storage::to_hex(*retrieval.range_tree_hash));
        }
    } else if (retrieval.range_tree_hash &&
               storage::is_tree_hash_aligned(range, retrieval.archive_size_bytes)) {
        response.fields.add(std::string(tree_hash_field),
                            storage::to_hex(view.range_tree_hash(retrieval.archive_pk, range)));
    }
}

}  // namespace

http::Response get_job_output(Request const& request, storage::View const& view) {
    auto const vault = require_vault(request, view);
    auto const job = require_job(request, view, vault);
    require_finished(job);
    auto const output = output_of(job);
    auto const total = output.range.size_bytes();
    auto const requested = requested_range(request.head.fields.find("Range").value_or(""), total);
    auto range = output.range;
    if (requested) range = {output.range.first + requested->first, output.range.first + requested->last};

    http::Response response;
    if (requested) response.status = 206;
    if (job.archive) add_archive_fields(response, job, range, view);
    response.fields.add("Accept-Ranges", "bytes");
    if (requested) {
        response.fields.add("Content-Range",
                            fmt::format("bytes {}-{}/{}", requested->first, requested->last, total));
    }
    response.fields.add("Content-Type", output.content_type);
    response.body = std::make_unique<ContentStream>(view, output.owner_pk, range);
    return response;
}

}  // namespace firn::glacier
