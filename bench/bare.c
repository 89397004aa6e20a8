// The engine alone: as many requests as it likes to have at a time, on inputs that are there already, as benchmark_app does.
//
//   bare NETWORK PRECISION SECONDS [HINT...]     prints {"HINT":{"per_second":…,"cpu_ms":…,"requests":…},…}
//
// The hint THREADS is not the engine's: a compiled copy for each core, and a thread for each copy that infers by itself.
#define _GNU_SOURCE
#include <openvino/c/openvino.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { MOST = 64 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int idle[MOST], idle_count;

static void must(ov_status_e status, const char *what) {
  if (status == OK) return;
  fprintf(stderr, "bare: %s: %s\n", what, ov_get_last_err_msg());
  exit(1);
}

static void done(void *number) {
  pthread_mutex_lock(&lock);
  idle[idle_count++] = (int)(intptr_t)number;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
}

static int take(void) {
  pthread_mutex_lock(&lock);
  while (idle_count == 0) pthread_cond_wait(&changed, &lock);
  int number = idle[--idle_count];
  pthread_mutex_unlock(&lock);
  return number;
}

static double seconds_of(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

// Any bytes do for pictures of bytes; as floats of 0 to 1 they have to be some.
static void fill(ov_infer_request_t *request) {
  ov_tensor_t *tensor;
  ov_element_type_e type;
  size_t count;
  void *bytes;
  must(ov_infer_request_get_input_tensor(request, &tensor), "input");
  must(ov_tensor_get_element_type(tensor, &type), "input");
  must(ov_tensor_get_size(tensor, &count), "input");
  must(ov_tensor_data(tensor, &bytes), "input");
  for (size_t k = 0; k < count; k++) {
    int value = rand() & 255;
    if (type == F32) ((float *)bytes)[k] = value / 255.0f;
    else ((unsigned char *)bytes)[k] = value;
  }
  ov_tensor_free(tensor);
}

static void measure(ov_core_t *core, ov_model_t *model, const char *precision, const char *hint, double seconds) {
  ov_compiled_model_t *compiled;
  must(ov_core_compile_model(core, model, "CPU", 4, &compiled, "PERFORMANCE_HINT", hint, "INFERENCE_PRECISION_HINT", precision),
       "compiling");
  char *told;
  must(ov_compiled_model_get_property(compiled, "OPTIMAL_NUMBER_OF_INFER_REQUESTS", &told), "requests");
  int count = atoi(told);
  if (count < 1 || count > MOST) exit(1);
  ov_infer_request_t *requests[MOST];
  ov_callback_t callbacks[MOST];
  idle_count = 0;
  for (int k = 0; k < count; k++) {
    must(ov_compiled_model_create_infer_request(compiled, &requests[k]), "request");
    fill(requests[k]);
    must(ov_infer_request_infer(requests[k]), "inference");
    callbacks[k] = (ov_callback_t){done, (void *)(intptr_t)k};
    must(ov_infer_request_set_callback(requests[k], &callbacks[k]), "callback");
    done((void *)(intptr_t)k);
  }
  double start = seconds_of(CLOCK_MONOTONIC), before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  long runs = 0;
  for (; seconds_of(CLOCK_MONOTONIC) - start < seconds; runs++) must(ov_infer_request_start_async(requests[take()]), "start");
  for (int k = 0; k < count; k++) take();
  double wall = seconds_of(CLOCK_MONOTONIC) - start, cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - before;
  printf("\"%s\":{\"per_second\":%.2f,\"cpu_ms\":%.4f,\"requests\":%d}", hint, runs / wall, cpu / runs * 1000, count);
  for (int k = 0; k < count; k++) ov_infer_request_free(requests[k]);
  ov_compiled_model_free(compiled);
}

static double own_seconds;

// One copy's thread; gives how often it ran.
static void *infer(void *request) {
  double start = seconds_of(CLOCK_MONOTONIC);
  long runs = 0;
  for (; seconds_of(CLOCK_MONOTONIC) - start < own_seconds; runs++) must(ov_infer_request_infer(request), "inference");
  return (void *)runs;
}

static void measure_threads(ov_core_t *core, ov_model_t *model, const char *precision, double seconds) {
  cpu_set_t cores;
  int count = sched_getaffinity(0, sizeof cores, &cores) ? 1 : CPU_COUNT(&cores);
  if (count > MOST) count = MOST;
  ov_compiled_model_t *copies[MOST];
  ov_infer_request_t *requests[MOST];
  pthread_t threads[MOST];
  for (int k = 0; k < count; k++) {
    must(ov_core_compile_model(
             core, model, "CPU", 8, &copies[k], "NUM_STREAMS", "1", "INFERENCE_NUM_THREADS", "1", "ENABLE_CPU_PINNING", "NO",
             "INFERENCE_PRECISION_HINT", precision),
         "compiling");
    must(ov_compiled_model_create_infer_request(copies[k], &requests[k]), "request");
    fill(requests[k]);
    must(ov_infer_request_infer(requests[k]), "inference");
  }
  own_seconds = seconds;
  double start = seconds_of(CLOCK_MONOTONIC), before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  long runs = 0;
  for (int k = 0; k < count; k++)
    if (pthread_create(&threads[k], NULL, infer, requests[k])) exit(1);
  for (int k = 0; k < count; k++) {
    void *own;
    pthread_join(threads[k], &own);
    runs += (long)own;
  }
  double wall = seconds_of(CLOCK_MONOTONIC) - start, cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - before;
  printf("\"THREADS\":{\"per_second\":%.2f,\"cpu_ms\":%.4f,\"requests\":%d}", runs / wall, cpu / runs * 1000, count);
  for (int k = 0; k < count; k++) {
    ov_infer_request_free(requests[k]);
    ov_compiled_model_free(copies[k]);
  }
}

int main(int count, char **words) {
  if (count < 4) {
    fprintf(stderr, "bare: NETWORK PRECISION SECONDS [HINT...] are needed\n");
    return 2;
  }
  ov_core_t *core;
  ov_model_t *model;
  must(ov_core_create(&core), "engine");
  must(ov_core_read_model(core, words[1], NULL, &model), words[1]);
  printf("{");
  const char *usual[] = {"THROUGHPUT", "LATENCY"};
  int hints = count > 4 ? count - 4 : 2;
  for (int k = 0; k < hints; k++) {
    if (k) printf(",");
    const char *hint = count > 4 ? words[4 + k] : usual[k];
    if (strcmp(hint, "THREADS") == 0) measure_threads(core, model, words[2], atof(words[3]));
    else measure(core, model, words[2], hint, atof(words[3]));
  }
  printf("}\n");
  ov_model_free(model);
  ov_core_free(core);
  return 0;
}
