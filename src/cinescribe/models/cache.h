#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "cinescribe/core/status.h"

/// Where things lie in the cache folder (`cache_folder()` of model_store.h).
namespace cinescribe::models {

/// `models/NAME`: an installed model; there whole or not at all.
std::filesystem::path installed_folder(std::string_view name);
/// `staging/NAME`: a model on its way; what an interrupted run left here is continued.
std::filesystem::path staging_folder(std::string_view name);
/// `downloads`: registry packages on their way.
std::filesystem::path downloads_folder();
/// `locks/NAME.lock`.
std::filesystem::path lock_path(std::string_view name);
/// `pins/NAME.json`: checksums seen at the first fetch of files whose publisher gives none.
std::filesystem::path pins_path(std::string_view name);

/// Makes sure that the cache can be written. Errors: kResource, naming the folder, the cause and CINESCRIBE_CACHE.
Status check_cache_is_writable();

/// Flushes a folder's entries to the disk (after a rename in it).
void sync_folder(const std::filesystem::path& folder);

}  // namespace cinescribe::models
