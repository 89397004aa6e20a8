// Prints what FFmpeg's libraries make of a file's first video stream: a line a frame with its PTS and digests of its planes and of its
// RGB, in the order of output. Runs with any build of the libraries it was compiled for: see check-ffmpeg.
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/md5.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <stdio.h>

static void digest(uint8_t *const planes[4], const int strides[4], enum AVPixelFormat format, int width, int height) {
  int size = av_image_get_buffer_size(format, width, height, 1);
  uint8_t *packed = size > 0 ? av_malloc(size) : NULL, sum[16];
  if (!packed || av_image_copy_to_buffer(packed, size, (const uint8_t *const *)planes, strides, format, width, height, 1) < 0) {
    printf(" none");
  } else {
    av_md5_sum(sum, packed, size);
    printf(" ");
    for (int place = 0; place < 16; place++) printf("%02x", sum[place]);
  }
  av_free(packed);
}

static void show(AVFrame *frame) {
  printf("%lld %dx%d %s", (long long)frame->best_effort_timestamp, frame->width, frame->height, av_get_pix_fmt_name(frame->format));
  digest(frame->data, frame->linesize, frame->format, frame->width, frame->height);
  uint8_t *planes[4];
  int strides[4];
  // As Sources/Media/Picture.swift converts what libyuv does not.
  struct SwsContext *scaler = sws_getContext(
      frame->width, frame->height, frame->format, frame->width, frame->height, AV_PIX_FMT_RGB24,
      SWS_BILINEAR | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
  if (scaler && av_image_alloc(planes, strides, frame->width, frame->height, AV_PIX_FMT_RGB24, 64) >= 0) {
    sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0, frame->height, planes, strides);
    digest(planes, strides, AV_PIX_FMT_RGB24, frame->width, frame->height);
    av_freep(&planes[0]);
  }
  sws_freeContext(scaler);
  printf("\n");
}

int main(int count, char **words) {
  if (count != 2) return fprintf(stderr, "usage: frame-hashes FILE\n"), 2;
  av_log_set_level(AV_LOG_QUIET);
  AVFormatContext *file = NULL;
  const AVCodec *codec;
  if (avformat_open_input(&file, words[1], NULL, NULL) < 0) return printf("not opened\n"), 0;
  avformat_find_stream_info(file, NULL);
  int stream = av_find_best_stream(file, AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
  printf("%s, %u streams, video %d\n", file->iformat->name, file->nb_streams, stream);
  if (stream < 0) return 0;
  AVCodecContext *decoder = avcodec_alloc_context3(codec);
  avcodec_parameters_to_context(decoder, file->streams[stream]->codecpar);
  if (avcodec_open2(decoder, codec, NULL) < 0) return printf("no decoder\n"), 0;
  printf("%s\n", codec->name);
  AVPacket *packet = av_packet_alloc();
  AVFrame *frame = av_frame_alloc();
  for (int isOpen = 1; isOpen;) {
    isOpen = av_read_frame(file, packet) >= 0;
    if (isOpen && packet->stream_index != stream) {
      av_packet_unref(packet);
      continue;
    }
    avcodec_send_packet(decoder, isOpen ? packet : NULL);
    av_packet_unref(packet);
    while (avcodec_receive_frame(decoder, frame) >= 0) show(frame);
  }
  return 0;
}
