#include "COpenVINOOperators.h"

#include <openvino/c/openvino.h>

#include <openvino/core/extension.hpp>
#include <openvino/frontend/tensorflow_lite/extension/conversion.hpp>

#include "detection_postprocess.hpp"

namespace lite = ov::frontend::tensorflow_lite;

// What the engine looks for in a library of extensions.
OPENVINO_CREATE_EXTENSIONS(std::vector<ov::Extension::Ptr>(
    {std::make_shared<lite::ConversionExtension>("TFLite_Detection_PostProcess", ridley::detectionPostprocess)}))

int ridley_add_operators(const struct ov_core *core) {
  return ov_core_add_extension(core, "");  // the empty path is the running program
}
