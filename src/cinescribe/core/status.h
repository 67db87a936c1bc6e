#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace cinescribe {

/// What kind of failure happened; the command line turns each kind into its exit code.
enum class ErrorCode {
  kUsage,        ///< The caller asked for something that makes no sense (exit 2).
  kInput,        ///< A media or data file is missing, empty, corrupt or of no use here (exit 3).
  kModel,        ///< A model is missing, unverified, corrupt or of an unknown kind (exit 4).
  kResource,     ///< Memory, disk, device or network did not suffice (exit 5).
  kInterrupted,  ///< A stop was requested; finished work is kept (exit 6).
  kInternal,     ///< A defect of cinescribe or of a library under it (exit 70).
};

/// Name of the code as written in journals and JSON, e.g. "input".
const char* error_code_name(ErrorCode code);

/// A failure: its kind, and a message that says what was tried, on what, what was found, and what to do.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  /// The same error with `context` and ": " before the message.
  [[nodiscard]] Error with_context(const std::string& context) const { return {code, context + ": " + message}; }
};

/// Success or an `Error`. Values, never exceptions, carry failures between rooms and threads.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor): errors convert

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  /// Precondition: !ok().
  [[nodiscard]] const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

/// A value or an `Error`.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  /// Precondition of all value accessors: ok().
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  T& value() & { return **this; }
  const T& value() const& { return **this; }
  T&& value() && { return std::move(**this); }
  /// Precondition: !ok().
  [[nodiscard]] const Error& error() const { return *std::get_if<1>(&state_); }
  [[nodiscard]] Status status() const { return ok() ? Status() : Status(error()); }

 private:
  std::variant<T, Error> state_;
};

}  // namespace cinescribe

/// Returns the error of a failed `Status` or `Result` expression from the calling function.
#define CINESCRIBE_TRY(expression)                                           \
  do {                                                                       \
    if (const auto& cinescribe_try_ = (expression); !cinescribe_try_.ok()) { \
      return cinescribe_try_.error();                                        \
    }                                                                        \
  } while (false)

#define CINESCRIBE_JOIN_INNER_(a, b) a##b
#define CINESCRIBE_JOIN_(a, b) CINESCRIBE_JOIN_INNER_(a, b)
/// Declares `variable` from a `Result` expression, or returns its error from the calling function.
#define CINESCRIBE_ASSIGN(variable, expression)                       \
  auto CINESCRIBE_JOIN_(cinescribe_result_, __LINE__) = (expression); \
  if (!CINESCRIBE_JOIN_(cinescribe_result_, __LINE__).ok()) {         \
    return CINESCRIBE_JOIN_(cinescribe_result_, __LINE__).error();    \
  }                                                                   \
  variable = *std::move(CINESCRIBE_JOIN_(cinescribe_result_, __LINE__))  // NOLINT(bugprone-macro-parentheses): declares
