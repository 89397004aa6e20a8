#include <dlfcn.h>

#include <openvino/core/version.hpp>

#include "COpenVINOOperators.h"

const char *ridley_engine_library(void) {
  Dl_info found;
  const auto inside = reinterpret_cast<const void *>(&ov::get_openvino_version);
  return dladdr(inside, &found) && found.dli_fname ? found.dli_fname : "";
}
