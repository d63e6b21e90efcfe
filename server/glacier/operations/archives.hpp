// UploadArchive and DeleteArchive.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

// The checks of UploadArchive that need only the head of the request. Throws ServiceError.
void check_upload_archive(Request const& request, storage::View const& view);
http::Response upload_archive(Request const& request, storage::Transaction& transaction);
http::Response delete_archive(Request const& request, storage::Transaction& transaction);

}  // namespace firn::glacier
