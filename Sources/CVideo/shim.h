// Cameras at this machine (Video4Linux2): requests whose numbers are macros, and structures with unions.
#ifndef RIDLEY_CVIDEO_H
#define RIDLEY_CVIDEO_H

#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static inline int ridley_video_ask(int file, unsigned long request, void *what) {
  int status;
  do status = ioctl(file, request, what);
  while (status < 0 && errno == EINTR);
  return status;
}

/// Whether it gives pictures, into memory that is shared with it; -1 for what is no such device.
static inline int ridley_video_check(int file) {
  struct v4l2_capability found = {0};
  if (ridley_video_ask(file, VIDIOC_QUERYCAP, &found)) return -1;
  unsigned able = found.capabilities & V4L2_CAP_DEVICE_CAPS ? found.device_caps : found.capabilities;
  return (able & V4L2_CAP_VIDEO_CAPTURE) && (able & V4L2_CAP_STREAMING);
}

/// The code of the format at a place of those that it has; 0 behind the last.
static inline unsigned ridley_video_format(int file, unsigned place) {
  struct v4l2_fmtdesc found = {.index = place, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  return ridley_video_ask(file, VIDIOC_ENUM_FMT, &found) ? 0 : found.pixelformat;
}

/// Has it code pictures so, as near to the size as it can; a width of 0 leaves that as it is. The code that it chose, 0 where it refuses.
static inline unsigned ridley_video_set(int file, unsigned code, unsigned width, unsigned height) {
  struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  if (ridley_video_ask(file, VIDIOC_G_FMT, &format)) return 0;
  format.fmt.pix.pixelformat = code;
  format.fmt.pix.field = V4L2_FIELD_ANY;
  format.fmt.pix.bytesperline = format.fmt.pix.sizeimage = 0;
  if (width) format.fmt.pix.width = width, format.fmt.pix.height = height;
  return ridley_video_ask(file, VIDIOC_S_FMT, &format) ? 0 : format.fmt.pix.pixelformat;
}

/// Pictures in a thousand seconds, as near as it can; what has no pace of its own is left alone.
static inline void ridley_video_pace(int file, unsigned pictures) {
  struct v4l2_streamparm pace = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  pace.parm.capture.timeperframe = (struct v4l2_fract){1000, pictures};
  ridley_video_ask(file, VIDIOC_S_PARM, &pace);
}

/// Takes buffers of its memory; how many there are, -1 where none are to be had.
static inline int ridley_video_buffers(int file, unsigned count) {
  struct v4l2_requestbuffers asked = {.count = count, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
  return ridley_video_ask(file, VIDIOC_REQBUFS, &asked) ? -1 : (int)asked.count;
}

/// The bytes of a buffer, and where they begin for mmap; -1 where it is not there.
static inline int ridley_video_place(int file, unsigned buffer, size_t *count, off_t *start) {
  struct v4l2_buffer found = {.index = buffer, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
  if (ridley_video_ask(file, VIDIOC_QUERYBUF, &found)) return -1;
  *count = found.length;
  *start = (off_t)found.m.offset;
  return 0;
}

/// Gives it a buffer to fill.
static inline int ridley_video_give(int file, unsigned buffer) {
  struct v4l2_buffer given = {.index = buffer, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
  return ridley_video_ask(file, VIDIOC_QBUF, &given);
}

static inline int ridley_video_begin(int file) {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  return ridley_video_ask(file, VIDIOC_STREAMON, &type);
}

struct ridley_video_picture {
  unsigned buffer, count, number;
  int is_key, is_broken;
  /// Of the monotonic clock, -1 where it tells another one's.
  long long microseconds;
};

/// The next buffer that it has filled; -1 with EAGAIN where there is none.
static inline int ridley_video_take(int file, struct ridley_video_picture *picture) {
  struct v4l2_buffer filled = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
  if (ridley_video_ask(file, VIDIOC_DQBUF, &filled)) return -1;
  int is_monotonic = (filled.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  *picture = (struct ridley_video_picture){
      filled.index, filled.bytesused, filled.sequence, !!(filled.flags & V4L2_BUF_FLAG_KEYFRAME),
      !!(filled.flags & V4L2_BUF_FLAG_ERROR),
      is_monotonic ? filled.timestamp.tv_sec * 1000000LL + filled.timestamp.tv_usec : -1};
  return 0;
}

#endif
