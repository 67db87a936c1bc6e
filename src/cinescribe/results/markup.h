#pragma once

#include <string>
#include <string_view>

/// Text made fit to stand inside other formats.
namespace cinescribe::results {

/// Line breaks, tabs and other control characters become single spaces; none at the ends.
std::string on_one_line(std::string_view text);

/// `&`, `<`, `>` and `"` as entities, which XML, HTML and WebVTT share; control characters that XML forbids are left
/// out.
std::string escaped_markup(std::string_view text);

/// What Markdown would read as markup is escaped.
std::string escaped_markdown(std::string_view text);

/// A path as part of an address: all but letters, digits and `/-._~` becomes %NN.
std::string escaped_path(std::string_view path);

}  // namespace cinescribe::results
