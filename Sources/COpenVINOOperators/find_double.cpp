#include <algorithm>
#include <cstdio>
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
