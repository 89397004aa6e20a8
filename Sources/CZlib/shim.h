#include <zlib.h>

// inflateInit2 is a macro that measures its own stream.
static inline int ridley_inflate_begin(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
