#include "server/glacier/operations/job_output.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/glacier/byte_range.hpp"
#include "server/glacier/operations/jobs.hpp"
#include "storage/blobs/blob_directory.hpp"
#include "storage/blobs/synthetic.hpp"

namespace firn::glacier {
namespace {

constexpr std::uint64_t synthetic_piece_bytes = 256 << 10;

// The slices of blobs that make up an output. Files are opened one after the other as their turn comes, and
// stay on disk meanwhile, even if the job expires.
class BlobStream : public http::BodyStream {
public:
    BlobStream(storage::BlobDirectory& blobs, std::int64_t owner_pk, std::vector<storage::BlobSlice> slices)
        : blobs_(blobs), pin_(blobs, owner_pk), slices_(std::move(slices)) {
        for (auto const& slice : slices_) size_bytes_ += slice.size_bytes;
        // A blob that is gone must show before the reply begins.
        if (!slices_.empty() && !slices_[0].file.empty()) file_ = blobs_.open(slices_[0].file);
    }

    std::uint64_t size_bytes() const override { return size_bytes_; }

    std::optional<http::BodyPiece> next() override {
        if (position_ == slices_.size()) return std::nullopt;
        auto& slice = slices_[position_];
        if (slice.synthetic_tag) return next_synthetic(slice);
        ++position_;
        if (slice.file.empty()) return std::move(slice.data);
        if (position_ > 1) file_ = blobs_.open(slice.file);
        return http::FileSlice{file_.descriptor(), slice.offset, slice.size_bytes};
    }

private:
    // Bytes that no file holds are computed as they are sent.
    std::string next_synthetic(storage::BlobSlice& slice) {
        std::string piece(std::min<std::uint64_t>(slice.size_bytes, synthetic_piece_bytes), '\0');
        storage::SyntheticContent const content(*slice.synthetic_tag, slice.blob_size_bytes);
        content.read(slice.offset, std::as_writable_bytes(std::span(piece)));
        slice.offset += piece.size();
        slice.size_bytes -= piece.size();
        if (slice.size_bytes == 0) ++position_;
        return piece;
    }

    storage::BlobDirectory& blobs_;
    storage::BlobDirectory::Pin pin_;
    std::vector<storage::BlobSlice> slices_;
    std::size_t position_ = 0;
    std::uint64_t size_bytes_ = 0;
    storage::File file_;
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
        response.fields.add("x-amz-archive-description", archive->description);
    }
    // A checksum only where a client can combine it: the place in the archive counts, not the place in the
    // output.
    if (range == retrieval.range) {
        if (retrieval.range_tree_hash) {
            response.fields.add("x-amz-sha256-tree-hash", storage::to_hex(*retrieval.range_tree_hash));
        }
    } else if (retrieval.range_tree_hash &&
               storage::is_tree_hash_aligned(range, retrieval.archive_size_bytes)) {
        response.fields.add("x-amz-sha256-tree-hash",
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

    auto response = empty_response(request);
    if (requested) response.status = 206;
    if (job.archive) add_archive_fields(response, job, range, view);
    response.fields.add("Accept-Ranges", "bytes");
    if (requested) {
        response.fields.add("Content-Range",
                            fmt::format("bytes {}-{}/{}", requested->first, requested->last, total));
    }
    response.fields.add("Content-Type", output.content_type);
    response.body =
        std::make_unique<BlobStream>(view.blobs(), output.owner_pk, view.blob_slices(output.owner_pk, range));
    return response;
}

}  // namespace firn::glacier
