// UploadArchive and DeleteArchive.
#pragma once

#include "server/glacier/request.hpp"
#include "storage/transaction.hpp"

namespace firn::glacier {

// The checks of UploadArchive that need only the head of the request. Throws ServiceError.
void check_upload_archive(Request const& request, storage::View const& view);
http::Response upload_archive(Request const& request, storage::Transaction& transaction);
// The archive that the request makes in its vault, with a new id; not stored yet.
storage::Archive new_archive(Request const& request, storage::Vault const& vault,
                             storage::Transaction& transaction, std::uint64_t size_bytes);
http::Response delete_archive(Request const& request, storage::Transaction& transaction);

}  // namespace firn::glacier
