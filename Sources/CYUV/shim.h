// libyuv as Swift sees it, with the colour matrices it keeps as extern structs chosen by number.
#include <libyuv/convert.h>
#include <libyuv/convert_argb.h>
#include <libyuv/convert_from_argb.h>
#include <libyuv/planar_functions.h>
#include <libyuv/rotate.h>
#include <libyuv/scale.h>
#include <libyuv/scale_rgb.h>
#include <libyuv/version.h>

static const int ridley_yuv_version = LIBYUV_VERSION;

// Three full-size planes to three interleaved bytes. Matrix: 0 BT.601, 1 BT.709, 2 BT.2020.
// The library's "RGB24" is blue first in memory; red first comes from swapping U and V and the mirrored matrix.
static inline int ridley_yuv_to_rgb(
    const uint8_t *y, int y_stride, const uint8_t *u, int u_stride, const uint8_t *v, int v_stride,
    uint8_t *out, int out_stride, int matrix, int full, int red_first, int width, int height) {
  const struct YuvConstants *const blue[3][2] = {
      {&kYuvI601Constants, &kYuvJPEGConstants},
      {&kYuvH709Constants, &kYuvF709Constants},
      {&kYuv2020Constants, &kYuvV2020Constants}};
  const struct YuvConstants *const red[3][2] = {
      {&kYvuI601Constants, &kYvuJPEGConstants},
      {&kYvuH709Constants, &kYvuF709Constants},
      {&kYvu2020Constants, &kYvuV2020Constants}};
  return red_first ? I444ToRGB24Matrix(
                         y, y_stride, v, v_stride, u, u_stride, out, out_stride, red[matrix][full], width, height)
                   : I444ToRGB24Matrix(
                         y, y_stride, u, u_stride, v, v_stride, out, out_stride, blue[matrix][full], width, height);
}
