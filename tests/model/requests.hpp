// Random requests: mostly such as make sense in the state of the model, often such as nearly do.
#pragma once

#include <cstdint>
#include <random>

#include "tests/model/model.hpp"

namespace firn::test::model {

class Requests {
public:
    explicit Requests(std::uint64_t seed) : random_(seed) {}

    Call next(Model const& model);
    // How far the clock moves.
    Duration pause();
    // In one of `n` cases.
    bool one_in(std::uint64_t n) { return below(n) == 0; }

private:
    std::uint64_t below(std::uint64_t n) { return random_() % n; }
    template <typename T>
    T const& pick(std::vector<T> const& values) {
        return values[below(values.size())];
    }
    std::string pick_vault(Owner const& owner);
    std::string pick_id(std::vector<std::string> const& present);
    std::string content();
    void add_paging(Call& call, Model const& model, std::vector<std::string> const& names);
    void add_hashes(Call& call);
    void fill_vault_request(Call& call, Owner const& owner, Vault const* vault);
    void fill_upload_request(Call& call, Vault const* vault);
    void fill_part(Call& call, Upload const* upload);
    void fill_completion(Call& call, Upload const* upload);
    void fill_job_request(Call& call, Model const& model, Vault const* vault);
    json job_parameters(Model const& model, Vault const* vault);
    std::string policy_body(std::string const& arn);

    std::mt19937_64 random_;
    std::vector<std::string> past_ids_;
    std::uint64_t count_ = 0;
};

// The method and target of a call.
std::pair<std::string, std::string> method_and_target(Call const& call);

}  // namespace firn::test::model
