#include <algorithm>
#include <cstdio>
#include <openvino/op/softmax.hpp>
#include <optional>
#include <string>
#include <unordered_set>

#include "COpenVINOOperators.h"
#include "models.hpp"

namespace {

bool isFree(const std::string &type) { return type == "Parameter" || type == "Convert" || type == "Result"; }

bool takesDoubles(const ov::Node &node) {
  const auto inputs = node.inputs();
  return std::any_of(inputs.begin(), inputs.end(),
                     [](const auto &input) { return input.get_element_type() == ov::element::f64; });
}

}  // namespace

int ridley_find_double(const ov_model *model, char *text, size_t room) try {
  std::unordered_set<const ov::Node *> dependent;
  for (const auto &node : model->object->get_ordered_ops()) {
    const std::string type = node->get_type_info().name;
    // What is computed from shapes alone is known when the network is compiled.
    bool depends = type == "Parameter";
    if (type != "ShapeOf")
      for (const auto &input : node->inputs()) depends = depends || dependent.count(input.get_source_output().get_node());
    if (!depends) continue;
    dependent.insert(node.get());
    if (isFree(type) || !takesDoubles(*node)) continue;
    std::snprintf(text, room, "%s in FP64 (%s)", type.c_str(), node->get_friendly_name().c_str());
    return 1;
  }
  return 0;
} catch (...) {
  return 0;
}

namespace {

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

}  // namespace

int ridley_find_inner_softmax(const ov_model *model, char *text, size_t room) try {
  for (const auto &node : model->object->get_ordered_ops()) {
    const auto axis = softmaxAxis(*node);
    if (!axis || !isInner(node->get_input_partial_shape(0), *axis)) continue;
    std::snprintf(text, room, "%s", node->get_friendly_name().c_str());
    return 1;
  }
  return 0;
} catch (...) {
  return 0;
}
