// OpenVINO's C interface as Swift sees it.
#include <openvino/c/openvino.h>
