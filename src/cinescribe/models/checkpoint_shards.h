#pragma once

#include <filesystem>
#include <vector>

#include "cinescribe/core/status.h"
#include "cinescribe/models/catalogue.h"

namespace cinescribe::models {

/// The shards that the index of a fetched checkpoint names, with the sources that the index itself came from. Those
/// that the catalogue lists anyway are left out. Errors: kModel (a damaged index).
Result<std::vector<CatalogueFile>> find_shards(const CatalogueEntry& entry, const std::filesystem::path& folder);

/// `source` with `name` in place of its last path component.
Source beside(const Source& source, const std::string& name);

}  // namespace cinescribe::models
