#include <openvino/op/constant.hpp>
#include <openvino/op/parameter.hpp>
#include <vector>

#include "COpenVINOOperators.h"
#include "models.hpp"

int ridley_fix_input(ov_model *model, size_t index, const double *values, size_t count) try {
  auto &network = *model->object;
  const auto input = network.get_parameters().at(index);
  const auto shape = input->get_partial_shape();
  if (shape.is_dynamic() || ov::shape_size(shape.to_shape()) != count) return 1;
  const auto constant = std::make_shared<ov::op::v0::Constant>(
      input->get_element_type(), shape.to_shape(), std::vector<double>(values, values + count));
  constant->set_friendly_name(input->get_friendly_name());
  input->output(0).replace(constant->output(0));
  network.remove_parameter(input);
  network.validate_nodes_and_infer_types();
  return 0;
} catch (...) {
  return 1;
}
