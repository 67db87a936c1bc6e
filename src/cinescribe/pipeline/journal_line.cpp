#include <array>
#include <cstdint>
#include <cstdio>

#include <zlib.h>

#include "cinescribe/pipeline/journal.h"

namespace cinescribe::pipeline {

namespace {

constexpr std::string_view kHead = "{\"crc\":\"";
constexpr std::size_t kCrcDigits = 8;
constexpr std::string_view kAfterCrc = "\",";
constexpr std::string_view kType = "\"type\":\"";
constexpr std::string_view kStage = "\",\"stage\":\"";
constexpr std::string_view kData = "\",\"data\":";

std::string checksum(std::string_view text) {
  const uLong crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size());
  std::array<char, 9> digits{};
  std::snprintf(digits.data(), digits.size(), "%08lx", crc & 0xffffffffUL);
  return {digits.data(), kCrcDigits};
}

/// Takes `prefix` off the front of `text`.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes a name (letters and '_') off the front of `text`.
std::string take_name(std::string_view& text) {
  const std::size_t length = text.find('"');
  std::string name(text.substr(0, length));
  text.remove_prefix(name.size());
  return name;
}

}  // namespace

std::string journal_line(const JournalRecord& record) {
  std::string body(kType);
  body.append(record.type).append(kStage).append(record.stage).append(kData).append(record.data).append("}");
  std::string line(kHead);
  return line.append(checksum(body)).append(kAfterCrc).append(body).append("\n");
}

std::optional<JournalRecord> parse_journal_line(std::string_view line) {
  if (!take(line, kHead) || line.size() < kCrcDigits) return std::nullopt;
  const std::string_view crc = line.substr(0, kCrcDigits);
  line.remove_prefix(kCrcDigits);
  if (!take(line, kAfterCrc) || checksum(line) != crc || !line.ends_with('}')) return std::nullopt;
  JournalRecord record;
  if (!take(line, kType)) return std::nullopt;
  record.type = take_name(line);
  if (!take(line, kStage)) return std::nullopt;
  record.stage = take_name(line);
  if (!take(line, kData)) return std::nullopt;
  record.data = line.substr(0, line.size() - 1);
  return record;
}

}  // namespace cinescribe::pipeline
