#include "server/control/seed/seed_contents.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <fstream>

#include "server/control/refusal.hpp"

namespace firn::control {
namespace {

constexpr std::size_t piece_bytes = 1 << 20;

std::string decode_base64(std::string const& text) {
    std::string bytes(text.size() / 4 * 3, '\0');
    auto const length =
        EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                        reinterpret_cast<unsigned char const*>(text.data()), static_cast<int>(text.size()));
    auto const digits = text.find_last_not_of('=') + 1;  // 0 when there is none
    auto const padding = text.size() - digits;
    if (length < 0 || text.size() % 4 != 0 || padding > 2 || text.find('=') < digits) {
        throw Refusal{400, "base64 is not valid"};
    }
    // The padding was decoded as zeros.
    bytes.resize(static_cast<std::size_t>(length) - padding);
    return bytes;
}

void copy(std::filesystem::path const& path, storage::StagedBlob& blob) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Refusal{400, fmt::format("the file {} cannot be read", path.string())};
    std::string piece(piece_bytes, '\0');
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())), file.gcount() > 0) {
        blob.write(std::as_bytes(std::span(piece).first(static_cast<std::size_t>(file.gcount()))));
    }
    if (file.bad()) throw Refusal{400, fmt::format("the end of the file {} cannot be read", path.string())};
}

}  // namespace

std::shared_ptr<storage::StagedBlob> stage_content(storage::Store& store, std::filesystem::path const& folder,
                                                   SeedArchive const& archive) {
    auto blob = store.stage(0);
    if (archive.file) {
        copy(folder / *archive.file, *blob);
    } else {
        auto const bytes = archive.text ? *archive.text : decode_base64(archive.base64.value_or(""));
        blob->write(std::as_bytes(std::span(bytes)));
    }
    blob->finish();
    if (blob->size_bytes() == 0) throw Refusal{400, "an archive must have at least one byte"};
    blob->make_durable();
    return blob;
}

}  // namespace firn::control
