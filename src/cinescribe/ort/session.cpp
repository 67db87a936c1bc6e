#include "cinescribe/ort/session.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

#include "cinescribe/ort/runtime.h"

namespace cinescribe::ort {

namespace {

ElementType element_type(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
      return ElementType::kFloat;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      return ElementType::kInt64;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      return ElementType::kInt32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8:
      return ElementType::kUint8;
    default:
      return ElementType::kOther;
  }
}

ElementType input_type(const Input& input) {
  constexpr ElementType kTypes[] = {ElementType::kFloat, ElementType::kInt64, ElementType::kInt32, ElementType::kUint8};
  return kTypes[input.data.index()];
}

TensorInfo describe(std::string name, const Ort::TypeInfo& type) {
  TensorInfo info;
  info.name = std::move(name);
  if (type.GetONNXType() != ONNX_TYPE_TENSOR) return info;
  const auto tensor = type.GetTensorTypeAndShapeInfo();
  info.type = element_type(tensor.GetElementType());
  info.shape = tensor.GetShape();
  return info;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i == 0 ? "" : ",") + (shape[i] < 0 ? std::string("?") : std::to_string(shape[i]));
  }
  return text + "]";
}

Error kind_of_load_failure(const std::filesystem::path& model, const Ort::Exception& error) {
  const bool is_memory = std::strstr(error.what(), "bad_alloc") != nullptr;
  return {is_memory ? ErrorCode::kResource : ErrorCode::kModel,
          "cannot load the ONNX model " + model.string() + ": " + error.what()};
}

Status choose_device(Ort::SessionOptions& settings, const std::string& device) {
  if (device.empty() || device == "cpu") return {};
  const std::string name = device.substr(0, device.find(':'));
  if (name != "cuda") {
    return Error{ErrorCode::kUsage, "unknown device '" + device + "' for ONNX models; known are cpu, cuda, cuda:N"};
  }
  OrtCUDAProviderOptions options{};
  if (name.size() != device.size()) {
    const char* end = device.data() + device.size();
    const auto [rest, code] = std::from_chars(device.data() + name.size() + 1, end, options.device_id);
    if (code != std::errc() || rest != end || options.device_id < 0) {
      return Error{ErrorCode::kUsage, "unknown device '" + device + "'; write cuda:0, cuda:1, ..."};
    }
  }
  try {
    settings.AppendExecutionProvider_CUDA(options);
  } catch (const Ort::Exception& error) {
    return Error{ErrorCode::kResource, "cannot use the device " + device + " for ONNX models: " + error.what() +
                                           "; use --device cpu or an ONNX Runtime built with CUDA"};
  }
  return {};
}

template <typename T>
Tensor copy_out(const Ort::Value& value, std::vector<std::int64_t> shape, std::size_t count) {
  const T* first = value.GetTensorData<T>();
  return Tensor{std::move(shape), std::vector<T>(first, first + count)};
}

Result<Tensor> to_tensor(const Ort::Value& value, const std::string& name) {
  if (!value.IsTensor()) return Error{ErrorCode::kModel, "output '" + name + "' of the ONNX model is no tensor"};
  const auto info = value.GetTensorTypeAndShapeInfo();
  const std::size_t count = info.GetElementCount();
  switch (element_type(info.GetElementType())) {
    case ElementType::kFloat:
      return copy_out<float>(value, info.GetShape(), count);
    case ElementType::kInt64:
      return copy_out<std::int64_t>(value, info.GetShape(), count);
    case ElementType::kInt32:
      return copy_out<std::int32_t>(value, info.GetShape(), count);
    case ElementType::kUint8:
      return copy_out<std::uint8_t>(value, info.GetShape(), count);
    case ElementType::kOther:
      break;
  }
  return Error{ErrorCode::kModel, "output '" + name + "' of the ONNX model has an element type that is not supported"};
}

Status check_input(const Input& input, const TensorInfo& expected) {
  const std::string name = "input '" + expected.name + "' of the ONNX model";
  if (input_type(input) != expected.type) return Error{ErrorCode::kUsage, name + " has another element type"};
  std::uint64_t count = 1;
  for (const std::int64_t size : input.shape) {
    if (size < 0 || (size > 0 && count > (std::uint64_t{1} << 40) / static_cast<std::uint64_t>(size))) {
      return Error{ErrorCode::kUsage, name + ": absurd shape " + shape_text(input.shape)};
    }
    count *= static_cast<std::uint64_t>(size);
  }
  const std::size_t given = std::visit([](auto span) { return span.size(); }, input.data);
  const bool fits = input.shape.size() == expected.shape.size() &&
                    std::equal(input.shape.begin(), input.shape.end(), expected.shape.begin(),
                               [](std::int64_t a, std::int64_t b) { return b < 0 || a == b; });
  if (!fits || given != count) {
    return Error{ErrorCode::kUsage, name + " needs the shape " + shape_text(expected.shape) + ", got " +
                                        shape_text(input.shape) + " with " + std::to_string(given) + " elements"};
  }
  return {};
}

template <typename T>
Ort::Value borrow(const Ort::MemoryInfo& memory, std::span<const T> values, const std::vector<std::int64_t>& shape) {
  static constexpr T kNothing{};  // a valid address for tensors without elements
  const T* first = values.empty() ? &kNothing : values.data();
  // The runtime's interface is not const-correct; it only reads inputs.
  return Ort::Value::CreateTensor<T>(memory, const_cast<T*>(first), values.size(), shape.data(), shape.size());
}

class OrtSession final : public Session {
 public:
  explicit OrtSession(Ort::Session session) : session_(std::move(session)) {
    const Ort::AllocatorWithDefaultOptions allocator;
    for (std::size_t i = 0; i < session_.GetInputCount(); ++i) {
      inputs_.push_back(describe(session_.GetInputNameAllocated(i, allocator).get(), session_.GetInputTypeInfo(i)));
    }
    for (std::size_t i = 0; i < session_.GetOutputCount(); ++i) {
      outputs_.push_back(describe(session_.GetOutputNameAllocated(i, allocator).get(), session_.GetOutputTypeInfo(i)));
    }
    const Ort::ModelMetadata facts = session_.GetModelMetadata();
    for (const auto& key : facts.GetCustomMetadataMapKeysAllocated(allocator)) {
      const auto value = facts.LookupCustomMetadataMapAllocated(key.get(), allocator);
      if (value) metadata_.emplace(key.get(), value.get());
    }
  }

  [[nodiscard]] const std::vector<TensorInfo>& inputs() const override { return inputs_; }
  [[nodiscard]] const std::vector<TensorInfo>& outputs() const override { return outputs_; }
  [[nodiscard]] const std::map<std::string, std::string>& metadata() const override { return metadata_; }

  Result<std::vector<Tensor>> run(std::span<const Input> inputs, std::span<const std::string> output_names,
                                  const std::stop_token& stop) override {
    CINESCRIBE_TRY(check_inputs(inputs));
    std::vector<const char*> wanted;
    for (const std::string& name : output_names) {
      if (std::none_of(outputs_.begin(), outputs_.end(), [&](const TensorInfo& o) { return o.name == name; })) {
        return Error{ErrorCode::kUsage, "the ONNX model has no output '" + name + "'"};
      }
      wanted.push_back(name.c_str());
    }
    if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped"};
    try {
      std::vector<std::string> names;
      std::vector<Ort::Value> values;
      names.reserve(inputs.size());
      for (const Input& input : inputs) {
        names.emplace_back(input.name);
        values.push_back(std::visit([&](auto data) { return borrow(memory_, data, input.shape); }, input.data));
      }
      std::vector<const char*> name_pointers;
      name_pointers.reserve(names.size());
      for (const std::string& name : names) name_pointers.push_back(name.c_str());
      Ort::RunOptions options;
      const std::stop_callback on_stop(stop, [&options] { options.SetTerminate(); });
      const std::vector<Ort::Value> results =
          session_.Run(options, name_pointers.data(), values.data(), values.size(), wanted.data(), wanted.size());
      std::vector<Tensor> tensors;
      for (std::size_t i = 0; i < results.size(); ++i) {
        CINESCRIBE_ASSIGN(Tensor tensor, to_tensor(results[i], output_names[i]));
        tensors.push_back(std::move(tensor));
      }
      return tensors;
    } catch (const Ort::Exception& error) {
      if (stop.stop_requested()) return Error{ErrorCode::kInterrupted, "stopped"};
      return Error{ErrorCode::kModel, std::string("cannot run the ONNX model: ") + error.what()};
    }
  }

 private:
  Status check_inputs(std::span<const Input> inputs) const {
    for (const TensorInfo& expected : inputs_) {
      const auto given =
          std::find_if(inputs.begin(), inputs.end(), [&](const Input& input) { return input.name == expected.name; });
      if (given == inputs.end())
        return Error{ErrorCode::kUsage, "the ONNX model needs the input '" + expected.name + "'"};
      CINESCRIBE_TRY(check_input(*given, expected));
    }
    if (inputs.size() != inputs_.size()) return Error{ErrorCode::kUsage, "the ONNX model has fewer inputs than given"};
    return {};
  }

  Ort::Session session_;
  Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  std::vector<TensorInfo> inputs_;
  std::vector<TensorInfo> outputs_;
  std::map<std::string, std::string> metadata_;
};

Result<Ort::SessionOptions> make_settings(const SessionOptions& options) {
  Ort::SessionOptions settings;
  settings.SetIntraOpNumThreads(std::max(1, options.threads));
  settings.SetInterOpNumThreads(1);
  settings.SetExecutionMode(ORT_SEQUENTIAL);
  settings.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  settings.AddConfigEntry("session.intra_op.allow_spinning", "0");
  settings.AddConfigEntry("session.inter_op.allow_spinning", "0");
  CINESCRIBE_TRY(choose_device(settings, options.device));
  return settings;
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const std::filesystem::path& model, const SessionOptions& options) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(model, code)) {
    return Error{ErrorCode::kModel, "cannot load the ONNX model " + model.string() + ": no such file"};
  }
  CINESCRIBE_ASSIGN(Ort::Env * environment, runtime_environment());
  try {
    CINESCRIBE_ASSIGN(const Ort::SessionOptions settings, make_settings(options));
    std::unique_ptr<Session> session =
        std::make_unique<OrtSession>(Ort::Session(*environment, model.c_str(), settings));
    return session;
  } catch (const Ort::Exception& error) {
    return kind_of_load_failure(model, error);
  }
}

Result<std::unique_ptr<Session>> Session::from_bytes(std::string_view model, const std::string& name,
                                                     const SessionOptions& options) {
  CINESCRIBE_ASSIGN(Ort::Env * environment, runtime_environment());
  try {
    CINESCRIBE_ASSIGN(const Ort::SessionOptions settings, make_settings(options));
    std::unique_ptr<Session> session =
        std::make_unique<OrtSession>(Ort::Session(*environment, model.data(), model.size(), settings));
    return session;
  } catch (const Ort::Exception& error) {
    return kind_of_load_failure(name, error);
  }
}

}  // namespace cinescribe::ort
