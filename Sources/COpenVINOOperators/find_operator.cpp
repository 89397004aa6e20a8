#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <unordered_set>

#include "COpenVINOOperators.h"
#include "models.hpp"

namespace {

bool isFree(const std::string &type) { return type == "Parameter" || type == "Convert" || type == "Result"; }

bool takes(const ov::Node &node, std::initializer_list<ov::element::Type> types) {
  const auto inputs = node.inputs();
  return std::any_of(inputs.begin(), inputs.end(), [&](const auto &input) {
    return std::find(types.begin(), types.end(), input.get_element_type()) != types.end();
  });
}

/// What to call the operator where it fits, else null.
const char *fits(ridley_pattern pattern, const ov::Node &node, const std::string &type) {
  switch (pattern) {
    case RIDLEY_DOUBLE: return takes(node, {ov::element::f64}) ? "FP64" : nullptr;
    case RIDLEY_NARROW_PRODUCT:
      return type == "Multiply" && takes(node, {ov::element::u8, ov::element::i8}) ? "8-bit integers" : nullptr;
  }
  return nullptr;
}

}  // namespace

int ridley_find_operator(const ov_model *model, ridley_pattern pattern, char *text, size_t room) try {
  std::unordered_set<const ov::Node *> dependent;
  for (const auto &node : model->object->get_ordered_ops()) {
    const std::string type = node->get_type_info().name;
    // What is computed from shapes alone is known when the network is compiled.
    bool depends = type == "Parameter";
    if (type != "ShapeOf")
      for (const auto &input : node->inputs()) depends = depends || dependent.count(input.get_source_output().get_node());
    if (!depends) continue;
    dependent.insert(node.get());
    const char *numbers = isFree(type) ? nullptr : fits(pattern, *node, type);
    if (!numbers) continue;
    std::snprintf(text, room, "%s in %s (%s)", type.c_str(), numbers, node->get_friendly_name().c_str());
    return 1;
  }
  return 0;
} catch (...) {
  return 0;
}
