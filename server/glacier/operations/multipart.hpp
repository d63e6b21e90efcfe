// Multipart uploads: InitiateMultipartUpload, UploadMultipartPart, CompleteMultipartUpload,
// AbortMultipartUpload, ListParts, ListMultipartUploads. Parts are byte ranges; clients send them in any
// order, and may send one again.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

http::Response initiate_multipart_upload(Request const& request, storage::Transaction& transaction);
// The checks of UploadMultipartPart that need only the head of the request. Throws ServiceError.
void check_upload_multipart_part(Request const& request, storage::View const& view);
http::Response upload_multipart_part(Request const& request, storage::Transaction& transaction);
// The parts become the archive's blobs as they are; no bytes are copied.
http::Response complete_multipart_upload(Request const& request, storage::Transaction& transaction);
http::Response abort_multipart_upload(Request const& request, storage::Transaction& transaction);
std::string list_parts(Request const& request, storage::View const& view);
std::string list_multipart_uploads(Request const& request, storage::View const& view);

}  // namespace firn::glacier
