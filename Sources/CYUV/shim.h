// libyuv as Swift sees it, and what it does not do well enough: one conversion, and scaling by weights.
#include <libyuv/convert.h>
#include <libyuv/convert_argb.h>
#include <libyuv/convert_from_argb.h>
#include <libyuv/planar_functions.h>
#include <libyuv/rotate.h>
#include <libyuv/scale.h>
#include <libyuv/scale_rgb.h>
#include <libyuv/version.h>

static const int ridley_yuv_version = LIBYUV_VERSION;

// One row of luma and chroma to red, green and blue. The factors k (luma, V to red, U to green, V to green, U to blue)
// are in 1/8192; sums are kept in 1/16. Within one level of exact arithmetic. The library's own conversion is not used
// because its factor for blue ends at 2.0, which is up to 12 levels off in BT.709 and BT.2020.
static inline void ridley_yuv_row(
    const uint8_t *restrict y, const uint8_t *restrict u, const uint8_t *restrict v, uint8_t *restrict red,
    uint8_t *restrict green, uint8_t *restrict blue, int width, int black, const int16_t *restrict k) {
  const int16_t k0 = k[0], k1 = k[1], k2 = k[2], k3 = k[3], k4 = k[4];
  for (int x = 0; x < width; x++) {
    const int16_t l = (int16_t)((y[x] - black) * 128), a = (int16_t)((u[x] - 128) * 128),
                  c = (int16_t)((v[x] - 128) * 128);
    const int16_t base = (int16_t)(((l * k0) >> 16) + 9);
    const int16_t r = (int16_t)(base + ((c * k1) >> 16)) >> 4;
    const int16_t g = (int16_t)(base - ((a * k2) >> 16) - ((c * k3) >> 16)) >> 4;
    const int16_t b = (int16_t)(base + ((a * k4) >> 16)) >> 4;
    red[x] = (uint8_t)(r < 0 ? 0 : r > 255 ? 255 : r);
    green[x] = (uint8_t)(g < 0 ? 0 : g > 255 ? 255 : g);
    blue[x] = (uint8_t)(b < 0 ? 0 : b > 255 ? 255 : b);
  }
}

// Scaling by weights in 1/2^22, each as high * 2^11 + low, so that products are of 16 bits and vectors of them quick. Sums wrap round and end
// right, since the whole fits in 32 bits.
static inline uint8_t ridley_level(uint32_t high, uint32_t low) {
  const int32_t level = (int32_t)(high * 2048u + low + (1u << 21)) >> 22;
  return (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
}

// One row to `count` samples of `taps` weights each, from `starts` on.
static inline void ridley_across(
    const uint8_t *restrict row, uint8_t *restrict out, int count, int taps, const int32_t *restrict starts,
    const int16_t *restrict high, const int16_t *restrict low) {
  for (int x = 0; x < count; x++, high += taps, low += taps) {
    const uint8_t *restrict from = row + starts[x];
    uint32_t a = 0, b = 0;
    for (int i = 0; i < taps; i++) {
      a += (uint32_t)((int32_t)(int16_t)from[i] * high[i]);
      b += (uint32_t)((int32_t)(int16_t)from[i] * low[i]);
    }
    out[x] = ridley_level(a, b);
  }
}

// `taps` rows, `stride` bytes apart, to one.
static inline void ridley_down(
    const uint8_t *restrict rows, ptrdiff_t stride, uint8_t *restrict out, int width, int taps,
    const int16_t *restrict high, const int16_t *restrict low) {
  for (int left = 0; left < width; left += 64) {
    const int n = width - left < 64 ? width - left : 64;
    uint32_t a[64] = {0}, b[64] = {0};
    for (int i = 0; i < taps; i++) {
      const uint8_t *restrict from = rows + i * stride + left;
      const int16_t h = high[i], l = low[i];
      for (int x = 0; x < n; x++) {
        a[x] += (uint32_t)((int32_t)(int16_t)from[x] * h);
        b[x] += (uint32_t)((int32_t)(int16_t)from[x] * l);
      }
    }
    for (int x = 0; x < n; x++) out[left + x] = ridley_level(a[x], b[x]);
  }
}

// The same of up to 16 bits with weights in 1/2^14, which add up to 1: samples are taken as signed, and the middle is added again.
static inline void ridley_across_deep(
    const uint16_t *restrict row, uint16_t *restrict out, int count, int taps, const int32_t *restrict starts,
    const int16_t *restrict weights, int top) {
  for (int x = 0; x < count; x++, weights += taps) {
    const uint16_t *restrict from = row + starts[x];
    int32_t sum = (1 << 29) + (1 << 13);
    for (int i = 0; i < taps; i++) sum += (int32_t)(int16_t)(from[i] ^ 0x8000) * weights[i];
    sum >>= 14;
    out[x] = (uint16_t)(sum < 0 ? 0 : sum > top ? top : sum);
  }
}

// To 8 bits; `stride` is in samples.
static inline void ridley_down_deep(
    const uint16_t *restrict rows, ptrdiff_t stride, uint8_t *restrict out, int width, int taps,
    const int16_t *restrict weights, int bits) {
  for (int x = 0; x < width; x++) {
    int32_t sum = (1 << 29) + (1 << (bits + 5));
    for (int i = 0; i < taps; i++) sum += (int32_t)(int16_t)(rows[i * stride + x] ^ 0x8000) * weights[i];
    sum >>= bits + 6;
    out[x] = (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
  }
}
