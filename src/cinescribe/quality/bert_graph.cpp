#include "cinescribe/quality/bert_graph.h"

#include <cmath>
#include <vector>

#include "cinescribe/models/safetensors.h"
#include "cinescribe/ort/onnx_writer.h"
#include "cinescribe/tensor/json_fields.h"

namespace cinescribe::quality {

namespace {

using Shape = std::vector<std::int64_t>;

/// Writes the encoder layer by layer; the first weight that is missing or of another shape is remembered.
class BertWriter {
 public:
  BertWriter(const models::Checkpoint& weights, const BertShape& shape) : weights_(weights), shape_(shape) {}

  Result<std::string> write() {
    const Shape free = {-1};
    graph_.add_int64_input("ids", free);
    graph_.add_int64_input("positions", free);
    const Shape width = {shape_.width};
    graph_.add_output("mean", width);
    add_shared_constants();
    std::string x = embeddings();
    for (std::int64_t i = 0; i < shape_.layers; ++i) x = layer("encoder.layer." + std::to_string(i) + ".", x);
    node("ReduceMean", {x}, "mean", {{"axes", Shape{0}}, {"keepdims", std::int64_t{0}}});
    CINESCRIBE_TRY(status_);
    return graph_.finish();
  }

 private:
  std::string node(const char* type, std::vector<std::string> inputs, std::string output,
                   std::vector<ort::OnnxAttribute> attributes = {}) {
    graph_.add_node(type, inputs, output, attributes);
    return output;
  }

  /// A weight under its own name.
  std::string weight(const std::string& name, const Shape& shape) {
    const auto values = weights_.floats(name, shape);
    if (!values.ok()) {
      if (status_.ok()) status_ = values.error();
      return name;
    }
    graph_.add_constant(name, shape, *values);
    return name;
  }

  /// x · Wᵀ + b.
  std::string linear(const std::string& name, const std::string& x, std::int64_t in, std::int64_t out) {
    const std::string matrix = weight(name + ".weight", {out, in});
    const std::string bias = weight(name + ".bias", {out});
    return node("Gemm", {x, matrix, bias}, name, {{"transB", std::int64_t{1}}});
  }

  std::string norm(const std::string& name, const std::string& x) {
    const std::string scale = weight(name + ".weight", {shape_.width});
    const std::string bias = weight(name + ".bias", {shape_.width});
    return node("LayerNormalization", {x, scale, bias}, name,
                {{"axis", std::int64_t{-1}}, {"epsilon", shape_.norm_eps}});
  }

  void add_shared_constants() {
    const std::int64_t head = shape_.width / shape_.heads;
    const Shape scalar;
    const auto number = [&](const char* name, double value) {
      const auto single = static_cast<float>(value);
      graph_.add_constant(name, scalar, std::span(&single, 1));
    };
    number("scale", 1.0 / std::sqrt(static_cast<double>(head)));
    number("sqrt_half", std::sqrt(0.5));
    number("one", 1.0);
    number("half", 0.5);
    const Shape apart = {-1, shape_.heads, head};
    const Shape together = {-1, shape_.width};
    graph_.add_constant("apart", Shape{3}, apart);
    graph_.add_constant("together", Shape{2}, together);
  }

  std::string embeddings() {
    const std::string words = weight("embeddings.word_embeddings.weight", {shape_.vocabulary, shape_.width});
    const std::string places = weight("embeddings.position_embeddings.weight", {shape_.positions, shape_.width});
    const std::string kinds = weight("embeddings.token_type_embeddings.weight", {2, shape_.width});
    const std::int64_t first = 0;
    graph_.add_constant("first", Shape{}, std::span(&first, 1));
    node("Gather", {words, "ids"}, "word");
    node("Gather", {places, "positions"}, "place");
    node("Gather", {kinds, "first"}, "kind");
    node("Add", {"word", "place"}, "word+place");
    node("Add", {"word+place", "kind"}, "embedded");
    return norm("embeddings.LayerNorm", "embedded");
  }

  /// N × width as heads × N × head, or with the last two swapped.
  std::string by_heads(const std::string& x, Shape order) {
    node("Reshape", {x, "apart"}, x + "/apart");
    return node("Transpose", {x + "/apart"}, x + "/heads", {{"perm", std::move(order)}});
  }

  std::string layer(const std::string& at, const std::string& x) {
    const std::int64_t width = shape_.width;
    const std::string self = at + "attention.self.";
    const std::string q = by_heads(linear(self + "query", x, width, width), {1, 0, 2});
    const std::string k = by_heads(linear(self + "key", x, width, width), {1, 2, 0});
    const std::string v = by_heads(linear(self + "value", x, width, width), {1, 0, 2});
    node("MatMul", {q, k}, at + "products");
    node("Mul", {at + "products", "scale"}, at + "scores");
    node("Softmax", {at + "scores"}, at + "shares", {{"axis", std::int64_t{-1}}});
    node("MatMul", {at + "shares", v}, at + "mixed");
    node("Transpose", {at + "mixed"}, at + "mixed/rows", {{"perm", Shape{1, 0, 2}}});
    node("Reshape", {at + "mixed/rows", "together"}, at + "context");
    const std::string attended = linear(at + "attention.output.dense", at + "context", width, width);
    node("Add", {attended, x}, at + "attended");
    const std::string middle = norm(at + "attention.output.LayerNorm", at + "attended");
    const std::string wide = gelu(linear(at + "intermediate.dense", middle, width, shape_.ffn_width));
    const std::string narrow = linear(at + "output.dense", wide, shape_.ffn_width, width);
    node("Add", {narrow, middle}, at + "sum");
    return norm(at + "output.LayerNorm", at + "sum");
  }

  std::string gelu(const std::string& x) {
    node("Mul", {x, "sqrt_half"}, x + "/scaled");
    node("Erf", {x + "/scaled"}, x + "/erf");
    node("Add", {x + "/erf", "one"}, x + "/gate");
    node("Mul", {x, "half"}, x + "/half");
    return node("Mul", {x + "/half", x + "/gate"}, x + "/gelu");
  }

  const models::Checkpoint& weights_;
  const BertShape& shape_;
  ort::OnnxWriter graph_;
  Status status_;
};

}  // namespace

Result<BertShape> read_bert_shape(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / "config.json";
  CINESCRIBE_ASSIGN(const nlohmann::json json, tensor::read_json_object(file));
  const tensor::JsonFields config(json, file.string());
  CINESCRIBE_ASSIGN(const std::string kind, config.text("model_type", ""));
  CINESCRIBE_ASSIGN(const std::string activation, config.text("hidden_act", "gelu"));
  CINESCRIBE_ASSIGN(const std::string places, config.text("position_embedding_type", "absolute"));
  if (kind != "bert" || activation != "gelu" || places != "absolute") {
    return Error{ErrorCode::kModel, file.string() + ": a BERT with GELU and absolute positions is needed, this is '" +
                                        kind + "' with '" + activation + "' and '" + places + "' positions"};
  }
  BertShape shape;
  CINESCRIBE_ASSIGN(shape.vocabulary, config.integer("vocab_size", 1, 1 << 20));
  CINESCRIBE_ASSIGN(shape.positions, config.integer("max_position_embeddings", 1, 1 << 16));
  CINESCRIBE_ASSIGN(shape.width, config.integer("hidden_size", 1, 1 << 14));
  CINESCRIBE_ASSIGN(shape.layers, config.integer("num_hidden_layers", 1, 64));
  CINESCRIBE_ASSIGN(shape.heads, config.integer("num_attention_heads", 1, 256));
  CINESCRIBE_ASSIGN(shape.ffn_width, config.integer("intermediate_size", 1, 1 << 16));
  CINESCRIBE_ASSIGN(const double eps, config.number("layer_norm_eps", 0.0, 1.0, 1e-12));
  shape.norm_eps = static_cast<float>(eps);
  if (shape.width % shape.heads != 0) {
    return Error{ErrorCode::kModel, file.string() + ": a width of " + std::to_string(shape.width) +
                                        " cannot be shared by " + std::to_string(shape.heads) + " heads"};
  }
  return shape;
}

Result<std::string> bert_graph(const std::filesystem::path& folder, const BertShape& shape) {
  CINESCRIBE_ASSIGN(const auto weights, models::Checkpoint::open(folder));
  return BertWriter(weights, shape).write();
}

}  // namespace cinescribe::quality
