#include "tests/model/requests.hpp"

#include <algorithm>
#include <cctype>

#include "tests/model/rules.hpp"

namespace firn::test::model {
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

struct Form {
    char const* name;
    unsigned weight;
    char const* method;
    char const* path;  // {v}: the vault's path, {i}: the id
};

// clang-format off
constexpr Form forms[] = {
    {"CreateVault", 8, "PUT", "{v}"},
    {"DescribeVault", 6, "GET", "{v}"},
    {"ListVaults", 3, "GET", "/vaults"},
    {"DeleteVault", 4, "DELETE", "{v}"},
    {"SetVaultNotifications", 2, "PUT", "{v}/notification-configuration"},
    {"GetVaultNotifications", 2, "GET", "{v}/notification-configuration"},
    {"DeleteVaultNotifications", 1, "DELETE", "{v}/notification-configuration"},
    {"SetVaultAccessPolicy", 2, "PUT", "{v}/access-policy"},
    {"GetVaultAccessPolicy", 2, "GET", "{v}/access-policy"},
    {"DeleteVaultAccessPolicy", 1, "DELETE", "{v}/access-policy"},
    {"InitiateVaultLock", 2, "POST", "{v}/lock-policy"},
    {"GetVaultLock", 2, "GET", "{v}/lock-policy"},
    {"AbortVaultLock", 2, "DELETE", "{v}/lock-policy"},
    {"CompleteVaultLock", 3, "POST", "{v}/lock-policy/{i}"},
    {"AddTagsToVault", 3, "POST", "{v}/tags"},
    {"RemoveTagsFromVault", 2, "POST", "{v}/tags"},
    {"ListTagsForVault", 2, "GET", "{v}/tags"},
    {"UploadArchive", 12, "POST", "{v}/archives"},
    {"DeleteArchive", 8, "DELETE", "{v}/archives/{i}"},
    {"InitiateMultipartUpload", 5, "POST", "{v}/multipart-uploads"},
    {"UploadMultipartPart", 10, "PUT", "{v}/multipart-uploads/{i}"},
    {"CompleteMultipartUpload", 7, "POST", "{v}/multipart-uploads/{i}"},
    {"AbortMultipartUpload", 1, "DELETE", "{v}/multipart-uploads/{i}"},
    {"ListParts", 4, "GET", "{v}/multipart-uploads/{i}"},
    {"ListMultipartUploads", 2, "GET", "{v}/multipart-uploads"},
    {"InitiateJob", 14, "POST", "{v}/jobs"},
    {"DescribeJob", 8, "GET", "{v}/jobs/{i}"},
    {"ListJobs", 6, "GET", "{v}/jobs"},
    {"GetJobOutput", 12, "GET", "{v}/jobs/{i}/output"},
    {"GetDataRetrievalPolicy", 1, "GET", "/policies/data-retrieval"},
    {"SetDataRetrievalPolicy", 1, "PUT", "/policies/data-retrieval"},
    {"ListProvisionedCapacity", 1, "GET", "/provisioned-capacity"},
    {"PurchaseProvisionedCapacity", 1, "POST", "/provisioned-capacity"},
};
// clang-format on

std::string encoded(std::string const& text) {
    std::string result;
    for (unsigned char const c : text) {
        char escaped[4] = {static_cast<char>(c)};
        if (std::isalnum(c) == 0 && c != '-' && c != '_') std::snprintf(escaped, sizeof escaped, "%%%02X", c);
        result += escaped;
    }
    return result;
}

template <typename Items>
std::vector<std::string> ids_of(Items const& items) {
    std::vector<std::string> ids;
    for (auto const& item : items) ids.push_back(item.id);
    return ids;
}

std::vector<std::string> archive_ids(Vault const* vault) {
    std::vector<std::string> ids;
    if (vault == nullptr) return ids;
    for (auto const& archive : vault->live()) ids.push_back(archive->id);
    return ids;
}

Upload const* upload_of(Vault const* vault, std::string const& id) {
    if (vault == nullptr) return nullptr;
    for (auto const& upload : vault->uploads) {
        if (upload.id == id) return &upload;
    }
    return nullptr;
}

// Whether the vault has what the operation is about.
bool suits(std::string const& operation, Vault const* vault) {
    if (vault == nullptr) return false;
    auto const about = [&](char const* word) { return operation.find(word) != operation.npos; };
    if (about("CompleteVaultLock")) return vault->lock && !vault->lock->locked;
    if (about("GetVaultLock")) return vault->lock.has_value();
    if (about("GetVaultNotifications")) return vault->notifications.has_value();
    if (about("GetVaultAccessPolicy")) return vault->access_policy.has_value();
    if (about("DescribeJob") || about("GetJobOutput")) return !vault->jobs.empty();
    if (about("UploadMultipartPart") || about("ListParts") || about("AbortMultipart") ||
        about("CompleteMultipart")) {
        return !vault->uploads.empty();
    }
    return true;
}

}  // namespace

std::pair<std::string, std::string> method_and_target(Call const& call) {
    auto const* const form = std::find_if(std::begin(forms), std::end(forms),
                                          [&](Form const& f) { return f.name == call.operation; });
    std::string path = form->path;
    if (auto const at = path.find("{v}"); at != path.npos) path.replace(at, 3, "/vaults/" + call.vault);
    if (auto const at = path.find("{i}"); at != path.npos) path.replace(at, 3, call.id);
    path = "/" + call.account + path;
    char separator = '?';
    for (auto const& [name, value] : call.query) {
        path += separator + name + "=" + encoded(value);
        separator = '&';
    }
    return {form->method, path};
}

Duration Requests::pause() {
    using namespace std::chrono_literals;
    std::vector<Duration> const short_ones = {50ms, 2s, 6s, 10min};
    std::vector<Duration> const long_ones = {3h, 3h, 9h, 9h, 30h};
    auto const scale = one_in(80) ? Duration(24h * 32) : pick(one_in(3) ? long_ones : short_ones);
    return Duration(1 + static_cast<Duration::rep>(below(static_cast<std::uint64_t>(scale.count()))));
}

std::string Requests::pick_vault(Owner const& owner) {
    static std::vector<std::string> const names = {"photos", "docs", "a", "B.x_y-1", "photos"};
    if (one_in(40)) return pick(std::vector<std::string>{"bad*name", std::string(256, 'x'), "never"});
    if (owner.vaults.empty() || one_in(5)) return pick(names);
    return std::next(owner.vaults.begin(), static_cast<std::ptrdiff_t>(below(owner.vaults.size())))->first;
}

// Mostly one that is there, at times one that was once picked anywhere or never was.
std::string Requests::pick_id(std::vector<std::string> const& present) {
    if (one_in(60)) return "made-up";
    if (!past_ids_.empty() && one_in(8)) return pick(past_ids_);
    if (present.empty()) return past_ids_.empty() ? "none" : pick(past_ids_);
    // The newest ones are the most interesting.
    auto const id = one_in(2) ? present.back() : pick(present);
    past_ids_.push_back(id);
    if (past_ids_.size() > 200) past_ids_.erase(past_ids_.begin());
    return id.empty() ? "none" : id;
}

std::string Requests::content() {
    if (one_in(60)) return "";
    std::string bytes(one_in(30) ? 65'537 + below(20'000) : 1 + below(300), static_cast<char>(below(256)));
    for (std::size_t i = 0; i < bytes.size() && i < 8; ++i) bytes[i] = static_cast<char>(below(256));
    return bytes;
}

void Requests::add_paging(Call& call, Model const& model, std::vector<std::string> const& names) {
    if (one_in(2))
        call.query["limit"] = pick(std::vector<std::string>{"1", "2", "3", "1000", "", "0", "x", "-1"});
    if (!one_in(3)) return;
    std::vector<std::string> markers = names;
    for (auto const& [marker, place] : model.markers()) markers.push_back(marker);
    markers.push_back("made-up");
    call.query["marker"] = one_in(2) && !names.empty() ? pick(names) : pick(markers);
}

void Requests::add_hashes(Call& call) {
    std::string linear = linear_hash(call.body);
    std::string tree = tree_hash_of(call.body);
    if (one_in(30)) linear = linear_hash("other");
    if (one_in(30)) tree = pick(std::vector<std::string>{"000", std::string(64, '0'), ""});
    if (!one_in(40)) call.fields.emplace_back("x-amz-content-sha256", linear);
    if (!one_in(40)) call.fields.emplace_back("x-amz-sha256-tree-hash", tree);
}

Call Requests::next(Model const& model) {
    unsigned sum = 0;
    for (auto const& form : forms) sum += form.weight;
    auto weight = below(sum);
    auto const* form = std::begin(forms);
    while (weight >= form->weight) weight -= (form++)->weight;

    Call call;
    call.operation = form->name;
    // Vaults fill and drain in turn, so that they are deleted at times.
    if (++count_ / 100 % 2 == 1 && call.operation == "UploadArchive" && !one_in(5))
        call.operation = "DeleteArchive";
    call.client = below(model.owners().size());
    auto const& owner = model.owners()[call.client];
    if (one_in(10)) call.account = one_in(4) ? "999999999999" : owner.account;
    call.has_version = !one_in(100);
    Vault const* vault = nullptr;
    for (int attempt = 0; attempt < 4 && !suits(call.operation, vault); ++attempt) {
        call.vault = pick_vault(owner);
        auto const found = owner.vaults.find(call.vault);
        vault = found == owner.vaults.end() ? nullptr : &found->second;
    }
    fill_vault_request(call, owner, vault);
    fill_upload_request(call, vault);
    fill_job_request(call, model, vault);
    if (call.operation == "ListParts" || call.operation == "ListJobs") add_paging(call, model, {});
    if (call.operation == "ListMultipartUploads") {
        add_paging(call, model, vault ? ids_of(vault->uploads) : std::vector<std::string>{});
    }
    if (call.operation == "ListVaults")
        add_paging(call, model, {owner.arn("a"), owner.arn("d"), owner.arn("q")});
    return call;
}

std::string Requests::policy_body(std::string const& arn) {
    json const statement = {{"Effect", "Allow"},
                            {"Principal", "*"},
                            {"Action", one_in(2) ? json("glacier:*") : json::array({"Glacier:ListJobs"})},
                            {"Resource", arn},
                            {"Sid", std::to_string(below(1000))}};
    json const policy = {{"Version", "2012-10-17"}, {"Statement", json::array({statement})}};
    if (!one_in(5)) return json{{"Policy", policy.dump(one_in(2) ? 2 : -1)}}.dump();
    return pick(std::vector<std::string>{"", "{}", "no JSON", R"({"Policy":"{}"})", R"({"Policy":1})",
                                         R"({"Policy":"no JSON"})",
                                         json{{"Policy", std::string(20481, ' ')}}.dump()});
}

void Requests::fill_vault_request(Call& call, Owner const& owner, Vault const* vault) {
    auto const& operation = call.operation;
    auto const key = "key " + std::to_string(below(70));
    if (operation == "SetVaultAccessPolicy" || operation == "InitiateVaultLock") {
        call.body = policy_body(owner.arn(call.vault));
    } else if (operation == "CompleteVaultLock") {
        call.id = pick_id(vault && vault->lock ? std::vector{vault->lock->id} : std::vector<std::string>{});
    } else if (operation == "AddTagsToVault") {
        json tags = {{key, "v:w"}};
        while (one_in(2) || tags.size() == 9)
            tags["key " + std::to_string(below(70))] = std::to_string(below(9));
        call.body = json{{"Tags", tags}}.dump();
        if (one_in(5)) {
            call.body = pick(std::vector<std::string>{"{}", R"({"Tags":{}})", R"({"Tags":{"AWS:x":"y"}})",
                                                      R"({"Tags":{"x":1}})", R"({"Tags":{"x":"*"}})", "[]"});
        }
        call.query["operation"] = "add";
    } else if (operation == "RemoveTagsFromVault") {
        call.body = json{{"TagKeys", {key, "key 1"}}}.dump();
        if (one_in(5))
            call.body = pick(std::vector<std::string>{"{}", R"({"TagKeys":[]})", R"({"TagKeys":[1]})"});
        call.query["operation"] = "remove";
    } else if (operation == "SetVaultNotifications") {
        call.body = pick(std::vector<std::string>{
            R"({"SNSTopic":"arn:aws:sns:us-east-1:000000000000:t","Events":["ArchiveRetrievalCompleted"]})",
            R"({"SNSTopic":"arn:aws:sns:us-east-1:000000000000:u","Events":["InventoryRetrievalCompleted"]})",
            R"({"SNSTopic":"arn:aws-cn:sns:cn-north-1:1:t","Events":["InventoryRetrievalCompleted"]})",
            R"({"SNSTopic":"arn:aws:sns:us-east-1:000000000000:v","Events":["InventoryRetrievalCompleted",)"
            R"("ArchiveRetrievalCompleted","InventoryRetrievalCompleted"]})",
            R"({"SNSTopic":"topic","Events":["InventoryRetrievalCompleted"]})",
            R"({"SNSTopic":"arn:aws:sns:us-east-1:000000000000:t","Events":["Other"]})",
            R"({"SNSTopic":"arn:aws:sns:us-east-1:000000000000:t"})", R"({"Events":"x"})", ""});
    } else if (operation == "SetDataRetrievalPolicy") {
        call.body = pick(std::vector<std::string>{
            R"({"Policy":{"Rules":[{"Strategy":"BytesPerHour","BytesPerHour":10737418240}]}})",
            R"({"Policy":{"Rules":[{"Strategy":"None"}]}})",
            R"({"Policy":{"Rules":[{"Strategy":"FreeTier"}]}})",
            R"({"Policy":{"Rules":[{"Strategy":"None","BytesPerHour":1}]}})", R"({"Policy":{"Rules":[]}})",
            R"({"Policy":{"Rules":[{"Strategy":"BytesPerHour"}]}})", R"({"Policy":{}})", "{}",
            R"({"Policy":{"Rules":[{"Strategy":"All"}]}})", R"({"Policy":{"Rules":[{"Strategy":1}]}})"});
    }
}

void Requests::fill_upload_request(Call& call, Vault const* vault) {
    auto const& operation = call.operation;
    auto const description = pick(std::vector<std::string>{"holiday", "a, \"b\" \\ c", "x", "caf\xc3\xa9"});
    if (operation == "UploadArchive") {
        call.body = content();
        add_hashes(call);
        if (one_in(2)) call.fields.emplace_back("x-amz-archive-description", description);
    } else if (operation == "DeleteArchive") {
        call.id = pick_id(archive_ids(vault));
    } else if (operation == "InitiateMultipartUpload") {
        auto const size = pick(std::vector<std::string>{"1048576", "1048576", "2097152", "1048577", "1"});
        if (!one_in(20)) call.fields.emplace_back("x-amz-part-size", size);
        if (one_in(2)) call.fields.emplace_back("x-amz-archive-description", description);
    } else if (call.operation == "ListParts" || call.operation == "AbortMultipartUpload" ||
               call.operation == "UploadMultipartPart" || call.operation == "CompleteMultipartUpload") {
        call.id = pick_id(vault ? ids_of(vault->uploads) : std::vector<std::string>{});
        auto const* const upload = upload_of(vault, call.id);
        if (operation == "UploadMultipartPart") fill_part(call, upload);
        if (operation == "CompleteMultipartUpload") fill_completion(call, upload);
    }
}

void Requests::fill_part(Call& call, Upload const* upload) {
    auto const part_size = upload ? upload->part_size : mebibyte;
    call.body = content();
    if (one_in(5)) call.body = std::string(part_size, static_cast<char>('a' + below(26)));
    std::uint64_t first = one_in(3) ? part_size * below(4) : 0;
    if (upload && !upload->parts.empty() && one_in(2)) {
        auto const& [last_first, part] = *upload->parts.rbegin();
        first = part.size() == part_size ? last_first + part_size : last_first;
        if (part.size() != part_size) call.body = std::string(part_size, 'f');
    }
    if (one_in(30)) first = part_size * 10'000;
    if (one_in(30)) first += 1;
    auto const last = first + call.body.size() - (one_in(30) ? 2 : 1);
    auto const range = std::to_string(first) + "-" + std::to_string(last);
    if (!one_in(40)) call.fields.emplace_back("Content-Range", (one_in(40) ? "" : "bytes ") + range + "/*");
    add_hashes(call);
}

void Requests::fill_completion(Call& call, Upload const* upload) {
    std::string content;
    if (upload) {
        for (auto const& [first, part] : upload->parts) content += part;
        if (upload->archive) content = upload->archive->content;
    }
    auto const size = one_in(15) ? below(9) : content.size();
    auto const hash = one_in(15) ? "000" : one_in(15) ? linear_hash("other") : tree_hash_of(content);
    if (!one_in(20)) call.fields.emplace_back("x-amz-archive-size", std::to_string(size));
    if (!one_in(20)) call.fields.emplace_back("x-amz-sha256-tree-hash", hash);
}

json Requests::job_parameters(Model const& model, Vault const* vault) {
    if (one_in(2)) {
        json job = {{"Type", "archive-retrieval"}, {"ArchiveId", pick_id(archive_ids(vault))}};
        if (one_in(2))
            job["Tier"] = pick(std::vector<std::string>{"Expedited", "Bulk", "Standard", "", "Fast"});
        if (one_in(5)) {
            job["RetrievalByteRange"] = pick(std::vector<std::string>{
                "0-1048575", "1048576-2097151", "0-2097151", "0-9", "x", "1048576-1048575"});
        }
        if (one_in(40)) job.erase("ArchiveId");
        return job;
    }
    json job = {{"Type", "inventory-retrieval"}};
    if (one_in(2)) job["Format"] = pick(std::vector<std::string>{"CSV", "CSV", "JSON", "XML"});
    if (one_in(40)) job["ArchiveId"] = "x";
    if (!one_in(2)) return job;
    json filter = json::object();
    if (one_in(2)) filter["Limit"] = pick(std::vector<std::string>{"1", "2", "3", "10000", "0", "x"});
    if (one_in(5)) filter["StartDate"] = seconds_text(model.now() - pause());
    if (one_in(5)) filter["EndDate"] = seconds_text(model.now() - pause());
    if (one_in(40)) filter["EndDate"] = "yesterday";
    std::vector<std::string> markers;
    for (auto const& [marker, place] : model.markers()) {
        bool const mine = vault && place.first == "inventory " + std::to_string(vault->number);
        if (mine || one_in(50)) markers.push_back(marker);
    }
    if (one_in(2) && !markers.empty()) filter["Marker"] = pick(markers);
    job["InventoryRetrievalParameters"] = filter;
    return job;
}

void Requests::fill_job_request(Call& call, Model const& model, Vault const* vault) {
    if (call.operation == "InitiateJob") {
        auto job = job_parameters(model, vault);
        if (one_in(4)) job["Description"] = pick(std::vector<std::string>{"get it", "", "a\tb"});
        if (one_in(4))
            job["SNSTopic"] = pick(std::vector<std::string>{"arn:aws:sns:us-east-1:000000000000:t", "", "t"});
        call.body = job.dump();
        if (one_in(30))
            call.body =
                pick(std::vector<std::string>{"", "{}", "[]", R"({"Type":"select"})", R"({"Type":1})"});
    } else if (call.operation == "DescribeJob" || call.operation == "GetJobOutput") {
        call.id = pick_id(vault ? ids_of(vault->jobs) : std::vector<std::string>{});
        if (call.operation == "DescribeJob" || !one_in(2)) return;
        auto const first = one_in(3) ? mebibyte * below(3) : below(200);
        auto const last = one_in(3) ? first + mebibyte - 1 : first + below(100);
        call.fields.emplace_back("Range", (one_in(8) ? "bytes " : "bytes=") + std::to_string(first) + "-" +
                                              (one_in(4) ? "" : std::to_string(last)));
    } else if (call.operation == "ListJobs") {
        auto const& codes =
            std::vector<std::string>{"InProgress", "Succeeded", "Succeeded", "Failed", "", "x"};
        if (one_in(3)) call.query["statuscode"] = pick(codes);
        if (one_in(3)) call.query["completed"] = pick(std::vector<std::string>{"true", "false", "", "yes"});
    }
}

}  // namespace firn::test::model
