#pragma once

#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/runtime/compiled_model.hpp>

// The objects behind the handles of the engine's C interface, as its `common.h` has them: that header is not installed, and there is
// no call that gives the object. The engine is pinned and its hash checked, so that this is the layout it was built with; tests walk
// and export networks through it.
struct ov_model {
  std::shared_ptr<ov::Model> object;
};

struct ov_compiled_model {
  std::shared_ptr<ov::CompiledModel> object;
};
