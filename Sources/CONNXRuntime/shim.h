// What Ridley uses of ONNX Runtime's C interface, as Swift sees it. The library is opened at run time, so nothing is linked.
//
// The library gives a table of functions that only ever grows: a function keeps its place. So the places that are not used are left
// out here, and the test of the room calls each of the others.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct OrtStatus OrtStatus;  // null is success
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtAllocator OrtAllocator;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtCUDAProviderOptionsV2 OrtCUDAProviderOptionsV2;

typedef struct {
  void *unused_0[1];
  int (*GetErrorCode)(const OrtStatus *);                // 1
  const char *(*GetErrorMessage)(const OrtStatus *);     // 2
  OrtStatus *(*CreateEnv)(int level, const char *name, OrtEnv **);  // 3
  void *unused_4[2];
  OrtStatus *(*DisableTelemetryEvents)(const OrtEnv *);  // 6
  OrtStatus *(*CreateSession)(const OrtEnv *, const char *path, const OrtSessionOptions *, OrtSession **);  // 7
  void *unused_8[1];
  OrtStatus *(*Run)(OrtSession *, const OrtRunOptions *, const char *const *inputNames, const OrtValue *const *inputs,
                    size_t inputCount, const char *const *outputNames, size_t outputCount, OrtValue **outputs);  // 9
  OrtStatus *(*CreateSessionOptions)(OrtSessionOptions **);  // 10
  void *unused_11[11];
  OrtStatus *(*SetSessionLogSeverityLevel)(OrtSessionOptions *, int level);           // 22
  OrtStatus *(*SetSessionGraphOptimizationLevel)(OrtSessionOptions *, int level);     // 23
  OrtStatus *(*SetIntraOpNumThreads)(OrtSessionOptions *, int count);                 // 24
  OrtStatus *(*SetInterOpNumThreads)(OrtSessionOptions *, int count);                 // 25
  void *unused_26[4];
  OrtStatus *(*SessionGetInputCount)(const OrtSession *, size_t *);   // 30
  OrtStatus *(*SessionGetOutputCount)(const OrtSession *, size_t *);  // 31
  void *unused_32[1];
  OrtStatus *(*SessionGetInputTypeInfo)(const OrtSession *, size_t index, OrtTypeInfo **);   // 33
  OrtStatus *(*SessionGetOutputTypeInfo)(const OrtSession *, size_t index, OrtTypeInfo **);  // 34
  void *unused_35[1];
  OrtStatus *(*SessionGetInputName)(const OrtSession *, size_t index, OrtAllocator *, char **);   // 36
  OrtStatus *(*SessionGetOutputName)(const OrtSession *, size_t index, OrtAllocator *, char **);  // 37
  void *unused_38[11];
  OrtStatus *(*CreateTensorWithDataAsOrtValue)(const OrtMemoryInfo *, void *bytes, size_t byteCount, const int64_t *sides,
                                               size_t sideCount, int element, OrtValue **);  // 49
  void *unused_50[1];
  OrtStatus *(*GetTensorMutableData)(OrtValue *, void **);  // 51
  void *unused_52[3];
  OrtStatus *(*CastTypeInfoToTensorInfo)(const OrtTypeInfo *, const OrtTensorTypeAndShapeInfo **);  // 55
  void *unused_56[4];
  OrtStatus *(*GetTensorElementType)(const OrtTensorTypeAndShapeInfo *, int *);                     // 60
  OrtStatus *(*GetDimensionsCount)(const OrtTensorTypeAndShapeInfo *, size_t *);                    // 61
  OrtStatus *(*GetDimensions)(const OrtTensorTypeAndShapeInfo *, int64_t *, size_t);                // 62
  OrtStatus *(*GetSymbolicDimensions)(const OrtTensorTypeAndShapeInfo *, const char **, size_t);    // 63
  void *unused_64[1];
  OrtStatus *(*GetTensorTypeAndShape)(const OrtValue *, OrtTensorTypeAndShapeInfo **);  // 65
  void *unused_66[3];
  OrtStatus *(*CreateCpuMemoryInfo)(int allocator, int memory, OrtMemoryInfo **);  // 69
  void *unused_70[6];
  OrtStatus *(*AllocatorFree)(OrtAllocator *, void *);  // 76
  void *unused_77[1];
  OrtStatus *(*GetAllocatorWithDefaultOptions)(OrtAllocator **);  // 78
  void *unused_79[14];
  void (*ReleaseStatus)(OrtStatus *);    // 93
  void *unused_94[1];
  void (*ReleaseSession)(OrtSession *);  // 95
  void (*ReleaseValue)(OrtValue *);      // 96
  void *unused_97[1];
  void (*ReleaseTypeInfo)(OrtTypeInfo *);                              // 98
  void (*ReleaseTensorTypeAndShapeInfo)(OrtTensorTypeAndShapeInfo *);  // 99
  void (*ReleaseSessionOptions)(OrtSessionOptions *);                  // 100
  void *unused_101[23];
  OrtStatus *(*AddFreeDimensionOverrideByName)(OrtSessionOptions *, const char *name, int64_t side);  // 124
  void *unused_125[5];
  OrtStatus *(*AddSessionConfigEntry)(OrtSessionOptions *, const char *key, const char *value);  // 130
  void *unused_131[73];
  OrtStatus *(*SessionOptionsAppendExecutionProvider_CUDA_V2)(OrtSessionOptions *, const OrtCUDAProviderOptionsV2 *);  // 204
  OrtStatus *(*CreateCUDAProviderOptions)(OrtCUDAProviderOptionsV2 **);                                               // 205
  OrtStatus *(*UpdateCUDAProviderOptions)(OrtCUDAProviderOptionsV2 *, const char *const *keys, const char *const *values,
                                          size_t count);  // 206
  void *unused_207[1];
  void (*ReleaseCUDAProviderOptions)(OrtCUDAProviderOptionsV2 *);  // 208
} OrtApi;

#define PLACE(function, place) \
  _Static_assert(offsetof(OrtApi, function) == (place) * sizeof(void *), #function " stands in its place")
PLACE(CreateSession, 7);
PLACE(Run, 9);
PLACE(SetInterOpNumThreads, 25);
PLACE(SessionGetOutputName, 37);
PLACE(CreateTensorWithDataAsOrtValue, 49);
PLACE(GetSymbolicDimensions, 63);
PLACE(GetAllocatorWithDefaultOptions, 78);
PLACE(ReleaseSessionOptions, 100);
PLACE(AddFreeDimensionOverrideByName, 124);
PLACE(AddSessionConfigEntry, 130);
PLACE(SessionOptionsAppendExecutionProvider_CUDA_V2, 204);
PLACE(ReleaseCUDAProviderOptions, 208);
#undef PLACE

// What `OrtGetApiBase` gives.
typedef struct {
  const OrtApi *(*GetApi)(uint32_t version);  // null for a version that the library does not have
  const char *(*GetVersionString)(void);
} OrtApiBase;

typedef const OrtApiBase *(*OrtGetApiBaseFunction)(void);
