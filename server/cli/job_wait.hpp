// Waits until a job has completed, for `firn jobs wait`.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "server/cli/session.hpp"

namespace firn::cli {

// Waits in real time, and returns the job when it has completed. Throws ControlError when there is no such
// job, or no longer; when `timeout` is over; and, without a timeout, while the clock is frozen: then the job
// would never complete. With a timeout another process may still move the clock, so that a frozen clock is
// only reported on stderr.
Json wait_for_job(Session const& session, std::string const& id,
                  std::optional<std::chrono::milliseconds> timeout);

}  // namespace firn::cli
