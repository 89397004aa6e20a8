// FFmpeg as Swift sees it: macros that cannot be imported, given a name.
#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/crc.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
#include <string.h>

static const int ridley_av_eof = AVERROR_EOF;
static const int ridley_av_again = AVERROR(EAGAIN);
static const int ridley_av_no_memory = AVERROR(ENOMEM);
static const int ridley_av_no_space = AVERROR(ENOSPC);
static const int ridley_av_no_access = AVERROR(EACCES);
static const int ridley_av_no_entry = AVERROR(ENOENT);
static const int ridley_av_invalid_data = AVERROR_INVALIDDATA;
static const int ridley_av_invalid_argument = AVERROR(EINVAL);
static const int ridley_av_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int64_t ridley_av_no_pts = AV_NOPTS_VALUE;
static const int64_t ridley_av_time_base = AV_TIME_BASE;

// Names that newer releases moved or renamed, given one spelling.
static inline int ridley_av_is_key_frame(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_KEY
  return (frame->flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame->key_frame;
#endif
}

static inline int64_t ridley_av_frame_duration(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  return frame->duration;
#else
  return frame->pkt_duration;
#endif
}

// Bytes of the packet a frame came from; -1 where the library no longer says.
static inline int ridley_av_frame_packet_size(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_MAJOR < 60
  return frame->pkt_size;
#else
  return -1;
#endif
}

// The nine numbers of the stream's display matrix, or nothing.
static inline const int32_t *ridley_av_stream_matrix(const AVStream *stream) {
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  const AVPacketSideData *data = av_packet_side_data_get(
      stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  return data && data->size >= 36 ? (const int32_t *)data->data : NULL;
#else
  size_t size = 0;
  const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
  return data && size >= 36 ? (const int32_t *)data : NULL;
#endif
}

static inline const int32_t *ridley_av_frame_matrix(const AVFrame *frame) {
  const AVFrameSideData *data = av_frame_get_side_data(frame, AV_FRAME_DATA_DISPLAYMATRIX);
  return data && data->size >= 36 ? (const int32_t *)data->data : NULL;
}

static inline void ridley_av_tell(int *told) { __atomic_add_fetch(told, 1, __ATOMIC_RELEASE); }
static inline int ridley_av_told(const int *told) { return __atomic_load_n(told, __ATOMIC_ACQUIRE); }

// The libraries are silent; one message is a fact that several decoding threads tell in no other reliable way: that missing parts of a
// picture were painted over. It is counted where the decoder's `opaque` points.
static inline void ridley_av_listen(void *object, int level, const char *format, va_list arguments) {
  const AVClass *kind = object ? *(const AVClass **)object : NULL;
  if (!kind || strcmp(kind->class_name, "AVCodecContext") != 0 || strncmp(format, "concealing ", 11) != 0) return;
  int *told = ((AVCodecContext *)object)->opaque;
  if (told) ridley_av_tell(told);
}

static inline void ridley_av_log_quietly(void) {
  av_log_set_level(AV_LOG_QUIET);
  av_log_set_callback(ridley_av_listen);
}

// Decoders call a picture that finds no memory damaged; here it is counted behind the first of what `opaque` points to.
static inline int ridley_av_take(AVCodecContext *context, AVFrame *frame, int flags) {
  int status = avcodec_default_get_buffer2(context, frame, flags);
  if (status == AVERROR(ENOMEM)) ridley_av_tell((int *)context->opaque + 1);
  return status;
}

static inline int ridley_av_take_gray(AVCodecContext *context, AVFrame *frame, int flags) {
  int status = ridley_av_take(context, frame, flags);
  for (int index = 0; status >= 0 && index < AV_NUM_DATA_POINTERS && frame->buf[index]; index++)
    memset(frame->buf[index]->data, 128, frame->buf[index]->size);
  return status;
}

// Pictures may begin as gray, so that what a damaged one leaves out is not what happened to be in that memory.
static inline void ridley_av_give_pictures(AVCodecContext *context, int are_gray) {
  context->get_buffer2 = are_gray ? ridley_av_take_gray : ridley_av_take;
#if FF_API_THREAD_SAFE_CALLBACKS
  _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wdeprecated-declarations\"")
  context->thread_safe_callbacks = 1;
  _Pragma("GCC diagnostic pop")
#endif
}

static inline int ridley_av_refuse(
    struct AVFormatContext *context, AVIOContext **io, const char *url, int flags, AVDictionary **options) {
  return AVERROR(EPERM);
}

// From here on the demuxer reads the file it was given and opens no other.
static inline void ridley_av_refuse_other_files(AVFormatContext *context) { context->io_open = ridley_av_refuse; }
