// FFmpeg as Swift sees it: macros that cannot be imported, given a name.
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/frame.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>

static const int ridley_av_eof = AVERROR_EOF;
static const int ridley_av_again = AVERROR(EAGAIN);
static const int ridley_av_invalid_data = AVERROR_INVALIDDATA;
static const int ridley_av_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int ridley_av_stream_not_found = AVERROR_STREAM_NOT_FOUND;
static const int ridley_av_protocol_not_found = AVERROR_PROTOCOL_NOT_FOUND;
static const int ridley_av_exit = AVERROR_EXIT;
static const int64_t ridley_av_no_pts = AV_NOPTS_VALUE;
static const int64_t ridley_av_time_base = AV_TIME_BASE;

// One field under two names: newer releases moved it into a flag word.
static inline int ridley_av_is_key_frame(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_KEY
  return (frame->flags & AV_FRAME_FLAG_KEY) != 0;
#else
  return frame->key_frame;
#endif
}
