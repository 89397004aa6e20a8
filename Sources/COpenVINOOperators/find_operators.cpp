#include <algorithm>
#include <cmath>
#include <cstdio>
#include <openvino/op/constant.hpp>
#include <openvino/op/softmax.hpp>
#include <openvino/op/util/max_pool_base.hpp>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "COpenVINOOperators.h"
#include "models.hpp"

namespace {

/// Writes what `describe` says of the first operator that it says anything of, in the order in which they run, and gives whether there is
/// one.
template <class Describe>
int find(const ov_model *model, char *text, size_t room, Describe describe) try {
  for (const auto &node : model->object->get_ordered_ops()) {
    const std::optional<std::string> found = describe(*node);
    if (!found) continue;
    std::snprintf(text, room, "%s", found->c_str());
    return 1;
  }
  return 0;
} catch (...) {
  return 0;
}

/// Which operators lie on the way from an input, told of each in the order in which they run; what is computed from shapes alone is known
/// when the network is compiled.
class Dependent {
 public:
  bool operator()(const ov::Node &node) {
    const std::string type = node.get_type_info().name;
    bool depends = type == "Parameter";
    if (type != "ShapeOf")
      for (const auto &input : node.inputs()) depends = depends || seen.count(input.get_source_output().get_node());
    if (depends) seen.insert(&node);
    return depends;
  }

 private:
  std::unordered_set<const ov::Node *> seen;
};

bool isFree(const std::string &type) { return type == "Parameter" || type == "Convert" || type == "Result"; }

bool takesDoubles(const ov::Node &node) {
  const auto inputs = node.inputs();
  return std::any_of(inputs.begin(), inputs.end(),
                     [](const auto &input) { return input.get_element_type() == ov::element::f64; });
}

std::optional<int64_t> softmaxAxis(const ov::Node &node) {
  if (const auto *softmax = dynamic_cast<const ov::op::v1::Softmax *>(&node)) return static_cast<int64_t>(softmax->get_axis());
  if (const auto *softmax = dynamic_cast<const ov::op::v8::Softmax *>(&node)) return softmax->get_axis();
  return std::nullopt;
}

bool isInner(const ov::PartialShape &shape, int64_t axis) {
  if (axis == -1) return false;
  if (shape.rank().is_dynamic()) return true;
  const int64_t rank = shape.rank().get_length();
  for (int64_t side = (axis < 0 ? axis + rank : axis) + 1; side < rank; side++)
    if (shape[side] != 1) return true;
  return false;
}

/// Two products of such numbers are beyond what 32 bits hold.
constexpr float mostWeight = 1e18F;

/// Whether the numbers are multiplied with what a network is shown, as far as the operators that take them tell.
bool multiplies(const ov::Output<const ov::Node> &value) {
  for (const auto &taker : value.get_target_inputs()) {
    const std::string type = taker.get_node()->get_type_info().name;
    if (type == "Convert" && multiplies(std::as_const(*taker.get_node()).output(0))) return true;
    if (type == "MatMul" || type.find("Convolution") != std::string::npos) return true;
  }
  return false;
}

template <class Number>
bool isBroken(const ov::op::v0::Constant &constant, bool isFactor) {
  const auto *numbers = constant.get_data_ptr<Number>();
  const size_t count = ov::shape_size(constant.get_shape());
  // Without a way out in the middle the loop takes several numbers at once.
  bool isNaN = false, isHuge = false;
  for (size_t index = 0; index < count; index++) {
    const float number = static_cast<float>(numbers[index]);
    isNaN |= number != number;
    isHuge |= std::fabs(number) > mostWeight;
  }
  return isNaN || (isFactor && isHuge);
}

bool isBroken(const ov::op::v0::Constant &constant) {
  const auto type = constant.get_element_type();
  const bool isFactor = multiplies(constant.output(0));
  if (type == ov::element::f32) return isBroken<float>(constant, isFactor);
  if (type == ov::element::f16) return isBroken<ov::float16>(constant, isFactor);
  if (type == ov::element::bf16) return isBroken<ov::bfloat16>(constant, isFactor);
  return false;
}

/// One side of a pool: whether rounding up counts a window that begins at the end of the data or later.
bool overhangs(const ov::Dimension &side, size_t kernel, size_t stride, size_t before, size_t after) {
  if (stride == 1) return false;
  if (side.is_dynamic()) return before + after > 0 || stride > kernel;
  const int64_t room = side.get_length() + static_cast<int64_t>(before + after) - static_cast<int64_t>(kernel);
  if (room < 0) return false;
  const int64_t step = static_cast<int64_t>(stride);
  return (room + step - 1) / step * step >= side.get_length() + static_cast<int64_t>(before);
}

bool overhangs(const ov::op::util::MaxPoolBase &pool) {
  const auto shape = pool.get_input_partial_shape(0);
  const auto kernel = pool.get_kernel();
  if (pool.get_rounding_type() != ov::op::RoundingType::CEIL || pool.get_auto_pad() != ov::op::PadType::EXPLICIT) return false;
  for (size_t side = 0; side < kernel.size(); side++) {
    const auto length = shape.rank().is_static() ? shape[side + 2] : ov::Dimension::dynamic();
    if (overhangs(length, kernel[side], pool.get_strides()[side], pool.get_pads_begin()[side], pool.get_pads_end()[side]))
      return true;
  }
  return false;
}

bool isNarrow(const ov::element::Type &type) {
  return type == ov::element::u8 || type == ov::element::i8 || type == ov::element::u16 || type == ov::element::i16;
}

}  // namespace

int ridley_find_double(const ov_model *model, char *text, size_t room) {
  Dependent depends;
  return find(model, text, room, [&](const ov::Node &node) -> std::optional<std::string> {
    const std::string type = node.get_type_info().name;
    if (!depends(node) || isFree(type) || !takesDoubles(node)) return std::nullopt;
    return type + " in FP64 (" + node.get_friendly_name() + ")";
  });
}

int ridley_find_inner_softmax(const ov_model *model, char *text, size_t room) {
  return find(model, text, room, [](const ov::Node &node) -> std::optional<std::string> {
    const auto axis = softmaxAxis(node);
    if (!axis || !isInner(node.get_input_partial_shape(0), *axis)) return std::nullopt;
    return node.get_friendly_name();
  });
}

int ridley_find_broken_weight(const ov_model *model, char *text, size_t room) {
  return find(model, text, room, [](const ov::Node &node) -> std::optional<std::string> {
    const auto *constant = dynamic_cast<const ov::op::v0::Constant *>(&node);
    if (constant == nullptr || !isBroken(*constant)) return std::nullopt;
    return node.get_friendly_name();
  });
}

int ridley_find_overhanging_pool(const ov_model *model, char *text, size_t room) {
  return find(model, text, room, [](const ov::Node &node) -> std::optional<std::string> {
    const auto *pool = dynamic_cast<const ov::op::util::MaxPoolBase *>(&node);
    if (pool == nullptr || !overhangs(*pool)) return std::nullopt;
    return node.get_friendly_name();
  });
}

int ridley_find_narrow_arithmetic(const ov_model *model, char *text, size_t room) {
  static const std::unordered_set<std::string> kinds = {
      "Abs", "Add", "CumSum", "MatMul", "Multiply", "Negative", "Power", "ReduceProd", "ReduceSum", "SquaredDifference", "Subtract"};
  Dependent depends;
  return find(model, text, room, [&](const ov::Node &node) -> std::optional<std::string> {
    const std::string type = node.get_type_info().name;
    if (!depends(node) || !kinds.count(type) || !isNarrow(node.get_output_element_type(0))) return std::nullopt;
    return type + " of " + node.get_output_element_type(0).get_type_name() + " (" + node.get_friendly_name() + ")";
  });
}
