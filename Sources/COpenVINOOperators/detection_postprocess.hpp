#pragma once

#include <openvino/frontend/node_context.hpp>

namespace ridley {

/// The custom operator of TensorFlow Lite that ends SSD networks: boxes from anchors, then suppression of doubles.
///
/// Three inputs: offsets [1, N, 4 or more] as y, x, height, width; scores [1, N, classes, with or without a background in
/// front]; anchors [N, 4] as centre y, x, height, width. Four outputs of f32: corners [1, R, 4] as top, left, bottom,
/// right; classes [1, R] counted without the background; scores [1, R]; and [1], how many were found. What is left
/// over is zero. Semantics: TensorFlow Lite, tensorflow/lite/kernels/detection_postprocess.cc.
///
/// Throws std::runtime_error, its text beginning with the operator's name, for attributes or shapes that are none of it.
ov::OutputVector detectionPostprocess(const ov::frontend::NodeContext &node);

}  // namespace ridley
