// A backend that lets Triton run networks with OpenVINO: its own is in no package, so this one stands for it. It does as little as
// can be done: the request's bytes are the input tensor, one request at a time in each of Triton's instances (as many as
// the engine has streams), the outputs are copied into Triton's answer. Hint and precision: BENCH_HINT, BENCH_PRECISION.
#include <openvino/c/openvino.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What is used of Triton's C interface, version 1.
typedef struct Error Error;
typedef struct Model Model;
typedef struct Instance Instance;
typedef struct Request Request;
typedef struct Response Response;
typedef struct Input Input;
typedef struct Output Output;
enum { IN_FOLDER = 0, INTERNAL = 1, UINT8_TYPE = 2, FP32_TYPE = 11, CPU_MEMORY = 0, FINAL = 1, ALL = 1 };
Error *TRITONSERVER_ErrorNew(int code, const char *message);
void TRITONSERVER_ErrorDelete(Error *);
Error *TRITONBACKEND_ModelRepository(Model *, int *artifact, const char **location);
Error *TRITONBACKEND_ModelSetState(Model *, void *state);
Error *TRITONBACKEND_ModelState(Model *, void **state);
Error *TRITONBACKEND_ModelInstanceModel(Instance *, Model **model);
Error *TRITONBACKEND_ModelInstanceSetState(Instance *, void *state);
Error *TRITONBACKEND_ModelInstanceState(Instance *, void **state);
Error *TRITONBACKEND_RequestInputByIndex(Request *, uint32_t index, Input **input);
Error *TRITONBACKEND_RequestRelease(Request *, uint32_t flags);
Error *TRITONBACKEND_InputProperties(
  Input *, const char **name, int *type, const int64_t **shape, uint32_t *rank, uint64_t *bytes, uint32_t *buffers);
Error *TRITONBACKEND_InputBuffer(
  Input *, uint32_t index, const void **buffer, uint64_t *bytes, int *memory, int64_t *memory_id);
Error *TRITONBACKEND_ResponseNew(Response **response, Request *);
Error *TRITONBACKEND_ResponseOutput(
  Response *, Output **output, const char *name, int type, const int64_t *shape, uint32_t rank);
Error *TRITONBACKEND_OutputBuffer(Output *, void **buffer, uint64_t bytes, int *memory, int64_t *memory_id);
Error *TRITONBACKEND_ResponseSend(Response *, uint32_t flags, Error *);

typedef struct { ov_core_t *core; ov_compiled_model_t *compiled; char output[128]; } Network;

#define TRY(call) if ((call) != OK) return TRITONSERVER_ErrorNew(INTERNAL, ov_get_last_err_msg())
#define PASS(call) do { Error *error = (call); if (error) return error; } while (0)

static const char *setting(const char *name, const char *usual) {
  const char *value = getenv(name);
  return value ? value : usual;
}

static Error *load(Network *network, const char *folder) {
  char path[4096];
  snprintf(path, sizeof path, "%s/1/model.xml", folder);
  ov_model_t *model;
  TRY(ov_core_create(&network->core));
  TRY(ov_core_set_property(network->core, "CPU", "CACHE_DIR", setting("BENCH_CACHE", "")));
  TRY(ov_core_read_model(network->core, path, NULL, &model));
  ov_output_const_port_t *port;
  char *name;
  TRY(ov_model_const_output(model, &port));
  TRY(ov_port_get_any_name(port, &name));
  snprintf(network->output, sizeof network->output, "%s", name);
  TRY(ov_core_compile_model(
    network->core, model, "CPU", 4, &network->compiled, "PERFORMANCE_HINT", setting("BENCH_HINT", "THROUGHPUT"),
    "INFERENCE_PRECISION_HINT", setting("BENCH_PRECISION", "f32")));
  return NULL;
}

Error *TRITONBACKEND_ModelInitialize(Model *model) {
  int artifact;
  const char *folder;
  PASS(TRITONBACKEND_ModelRepository(model, &artifact, &folder));
  Network *network = calloc(1, sizeof *network);
  PASS(load(network, folder));
  return TRITONBACKEND_ModelSetState(model, network);
}

Error *TRITONBACKEND_ModelInstanceInitialize(Instance *instance) {
  Model *model;
  Network *network;
  ov_infer_request_t *request;
  PASS(TRITONBACKEND_ModelInstanceModel(instance, &model));
  PASS(TRITONBACKEND_ModelState(model, (void **)&network));
  TRY(ov_compiled_model_create_infer_request(network->compiled, &request));
  return TRITONBACKEND_ModelInstanceSetState(instance, request);
}

static Error *infer(ov_infer_request_t *engine, Request *request) {
  Input *input;
  int type, memory = CPU_MEMORY;
  const int64_t *shape;
  uint32_t rank, buffers;
  uint64_t count;
  int64_t memory_id = 0;
  const void *bytes;
  PASS(TRITONBACKEND_RequestInputByIndex(request, 0, &input));
  PASS(TRITONBACKEND_InputProperties(input, NULL, &type, &shape, &rank, &count, &buffers));
  if (buffers != 1) return TRITONSERVER_ErrorNew(INTERNAL, "the input came in pieces");
  PASS(TRITONBACKEND_InputBuffer(input, 0, &bytes, &count, &memory, &memory_id));
  ov_shape_t dimensions;
  TRY(ov_shape_create(rank, shape, &dimensions));
  ov_tensor_t *tensor;
  TRY(ov_tensor_create_from_host_ptr(type == FP32_TYPE ? F32 : U8, dimensions, (void *)bytes, &tensor));
  ov_shape_free(&dimensions);
  TRY(ov_infer_request_set_input_tensor(engine, tensor));
  ov_tensor_free(tensor);
  TRY(ov_infer_request_infer(engine));
  return NULL;
}

static Error *answer(ov_infer_request_t *engine, const char *name, Response *response) {
  ov_tensor_t *tensor;
  ov_shape_t shape;
  size_t count;
  void *from, *to;
  int memory = CPU_MEMORY;
  int64_t memory_id = 0;
  Output *output;
  TRY(ov_infer_request_get_output_tensor(engine, &tensor));
  TRY(ov_tensor_get_shape(tensor, &shape));
  TRY(ov_tensor_get_byte_size(tensor, &count));
  TRY(ov_tensor_data(tensor, &from));
  PASS(TRITONBACKEND_ResponseOutput(response, &output, name, FP32_TYPE, shape.dims, shape.rank));
  PASS(TRITONBACKEND_OutputBuffer(output, &to, count, &memory, &memory_id));
  memcpy(to, from, count);
  ov_shape_free(&shape);
  ov_tensor_free(tensor);
  return NULL;
}

Error *TRITONBACKEND_ModelInstanceExecute(Instance *instance, Request **requests, const uint32_t count) {
  Model *model;
  Network *network;
  ov_infer_request_t *engine;
  PASS(TRITONBACKEND_ModelInstanceModel(instance, &model));
  PASS(TRITONBACKEND_ModelState(model, (void **)&network));
  PASS(TRITONBACKEND_ModelInstanceState(instance, (void **)&engine));
  for (uint32_t k = 0; k < count; k++) {
    Response *response;
    PASS(TRITONBACKEND_ResponseNew(&response, requests[k]));
    Error *error = infer(engine, requests[k]);
    if (!error) error = answer(engine, network->output, response);
    PASS(TRITONBACKEND_ResponseSend(response, FINAL, error));
    if (error) TRITONSERVER_ErrorDelete(error);
    PASS(TRITONBACKEND_RequestRelease(requests[k], ALL));
  }
  return NULL;
}
