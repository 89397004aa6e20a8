// What Ridley uses of OpenCV, as functions of C. `features.cpp` makes a library of its own from them, which is opened at run time where it is there.
#pragma once
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

// Counts changes of what follows; a library of another number is not used.
#define RIDLEY_FEATURES_INTERFACE 1
#define RIDLEY_FEATURES_BYTES 128

#ifdef __cplusplus
extern "C" {
#endif

// Local features of a picture: where they are, and what the picture looks like there.
typedef struct {
  int32_t count;
  const float *points;         // x and y of each, in pixels
  const uint8_t *descriptors;  // RIDLEY_FEATURES_BYTES of each
} RidleyFeatures;

// How two pictures lie on each other.
typedef struct {
  int32_t matches;       // pairs of features that look alike
  int32_t inliers;       // those of them that one projection explains
  uint32_t covered;      // cells of a 4x4 grid over the first picture's features that have an inlier, a bit each
  uint32_t textured;     // those that have features enough to expect one
  double projection[9];  // from the first picture's pixels to the second's, row by row; all 0 where there is none
} RidleyAlignment;

#ifdef __cplusplus
}
#endif

// Each gives a number below 0 where it failed.
typedef struct {
  int32_t (*interface)(void);
  // OpenCV's version, as text that stays.
  const char *(*version)(void);
  // Writes at most `most` features of 8-bit grey, strongest first, and gives their number.
  int32_t (*detect)(const uint8_t *gray, int32_t width, int32_t height, int32_t most, float *points, uint8_t *descriptors);
  // A pair counts where the nearest descriptor is nearer than `ratio` times the second, an inlier where it lies within `tolerance` pixels.
  int32_t (*align)(const RidleyFeatures *first, const RidleyFeatures *second, float ratio, double tolerance, RidleyAlignment *);
} RidleyFeatureFunctions;

// Fills the table from an opened library; gives the name of a function that it does not have, or null.
static inline const char *ridley_feature_functions(void *library, RidleyFeatureFunctions *functions) {
  const char *missing = NULL;
#define FIND(name) \
  if (!(*(void **)&functions->name = dlsym(library, "ridley_features_" #name))) missing = "ridley_features_" #name
  FIND(interface); FIND(version); FIND(detect); FIND(align);
#undef FIND
  return missing;
}
