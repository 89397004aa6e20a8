// libyuv as Swift sees it, and the one conversion that it does not do well enough.
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
