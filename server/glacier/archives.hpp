// UploadArchive and DeleteArchive.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

// Everything that can be said before the body is read. Throws ServiceError.
void check_upload_archive(Request const& request, storage::Snapshot const& snapshot);
http::Response upload_archive(Request const& request, storage::Transaction& transaction);
http::Response delete_archive(Request const& request, storage::Transaction& transaction);

}  // namespace firn::glacier
