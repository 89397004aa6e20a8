// What Ridley uses of LiteRT's C interface, as Swift sees it. The library is opened at run time, and its functions are found by name.
#pragma once
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

typedef struct LiteRtEnvironmentT *LiteRtEnvironment;
typedef struct LiteRtModelT *LiteRtModel;
typedef struct LiteRtSignatureT *LiteRtSignature;
typedef struct LiteRtTensorT *LiteRtTensor;
typedef struct LiteRtOptionsT *LiteRtOptions;
typedef struct LiteRtOpaqueOptionsT *LiteRtOpaqueOptions;
typedef struct LiteRtCompiledModelT *LiteRtCompiledModel;
typedef struct LiteRtTensorBufferT *LiteRtTensorBuffer;

// The sides of a tensor; one that is open is below 0.
typedef struct {
  uint32_t sideCount;  // 7 bits; the eighth says that there are strides
  int32_t sides[8];
  uint32_t strides[8];
} LiteRtLayout;

typedef struct {
  int element;
  LiteRtLayout layout;
} LiteRtRankedTensorType;

// A setting of the environment; of the kinds of values only whole numbers are used.
typedef struct {
  int tag;
  struct {
    int kind;
    int64_t number;
  } value;
} LiteRtEnvOption;

_Static_assert(sizeof(LiteRtRankedTensorType) == 72 && sizeof(LiteRtEnvOption) == 24, "as LiteRT 2 has them");

// Each but those that destroy gives a status; 0 is success.
typedef struct {
  int (*CreateEnvironment)(int optionCount, const LiteRtEnvOption *, LiteRtEnvironment *);
  int (*CreateModelFromFile)(LiteRtEnvironment, const char *path, LiteRtModel *);
  int (*GetNumModelSignatures)(LiteRtModel, size_t *);
  int (*GetModelSignature)(LiteRtModel, size_t index, LiteRtSignature *);
  int (*GetNumSignatureInputs)(LiteRtSignature, size_t *);
  int (*GetNumSignatureOutputs)(LiteRtSignature, size_t *);
  int (*GetSignatureInputTensorByIndex)(LiteRtSignature, size_t index, LiteRtTensor *);
  int (*GetSignatureOutputTensorByIndex)(LiteRtSignature, size_t index, LiteRtTensor *);
  int (*GetTensorName)(LiteRtTensor, const char **);
  int (*GetRankedTensorType)(LiteRtTensor, LiteRtRankedTensorType *);
  int (*CreateOptions)(LiteRtOptions *);
  int (*SetOptionsHardwareAccelerators)(LiteRtOptions, int accelerators);
  int (*CreateOpaqueOptions)(const char *name, void *text, void (*freeText)(void *), LiteRtOpaqueOptions *);
  int (*AddOpaqueOptions)(LiteRtOptions, LiteRtOpaqueOptions);
  int (*CreateCompiledModel)(LiteRtEnvironment, LiteRtModel, LiteRtOptions, LiteRtCompiledModel *);
  int (*CompiledModelResizeInputTensor)(LiteRtCompiledModel, size_t signature, size_t input, const int *sides, size_t sideCount);
  int (*GetCompiledModelOutputTensorLayouts)(LiteRtCompiledModel, size_t signature, size_t count, LiteRtLayout *, _Bool allocates);
  int (*CreateTensorBufferFromHostMemory)(const LiteRtRankedTensorType *, void *bytes, size_t byteCount, void (*freeBytes)(void *),
                                          LiteRtTensorBuffer *);
  int (*RunCompiledModel)(LiteRtCompiledModel, size_t signature, size_t inputCount, LiteRtTensorBuffer *inputs, size_t outputCount,
                          LiteRtTensorBuffer *outputs);
  void (*DestroyTensorBuffer)(LiteRtTensorBuffer);
  void (*DestroyCompiledModel)(LiteRtCompiledModel);
  void (*DestroyOptions)(LiteRtOptions);
  void (*DestroyModel)(LiteRtModel);
} LiteRtFunctions;

// Fills the table from an opened library; gives the name of a function that it does not have, or null.
static inline const char *ridley_litert_functions(void *library, LiteRtFunctions *functions) {
  const char *missing = NULL;
#define FIND(name) \
  if (!(*(void **)&functions->name = dlsym(library, "LiteRt" #name))) missing = "LiteRt" #name
  FIND(CreateEnvironment); FIND(CreateModelFromFile); FIND(GetNumModelSignatures); FIND(GetModelSignature);
  FIND(GetNumSignatureInputs); FIND(GetNumSignatureOutputs); FIND(GetSignatureInputTensorByIndex);
  FIND(GetSignatureOutputTensorByIndex); FIND(GetTensorName); FIND(GetRankedTensorType); FIND(CreateOptions);
  FIND(SetOptionsHardwareAccelerators); FIND(CreateOpaqueOptions); FIND(AddOpaqueOptions); FIND(CreateCompiledModel);
  FIND(CompiledModelResizeInputTensor); FIND(GetCompiledModelOutputTensorLayouts); FIND(CreateTensorBufferFromHostMemory);
  FIND(RunCompiledModel); FIND(DestroyTensorBuffer); FIND(DestroyCompiledModel); FIND(DestroyOptions); FIND(DestroyModel);
#undef FIND
  return missing;
}
