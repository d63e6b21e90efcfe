// Multipart uploads: InitiateMultipartUpload, UploadMultipartPart, CompleteMultipartUpload,
// AbortMultipartUpload, ListParts, ListMultipartUploads. Parts are byte ranges; they come in any order, and
// again.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

http::Response initiate_multipart_upload(Request const& request, storage::Transaction& transaction);
// Everything that can be said before the body is read. Throws ServiceError.
void check_upload_multipart_part(Request const& request, storage::View const& view);
http::Response upload_multipart_part(Request const& request, storage::Transaction& transaction);
// Copies no bytes: the parts become the archive's blobs as they are.
http::Response complete_multipart_upload(Request const& request, storage::Transaction& transaction);
http::Response abort_multipart_upload(Request const& request, storage::Transaction& transaction);
std::string list_parts(Request const& request, storage::View const& view);
std::string list_multipart_uploads(Request const& request, storage::View const& view);

}  // namespace firn::glacier
