#include <unistd.h>

#include <cerrno>
#include <ostream>
#include <streambuf>

#include "COpenVINOOperators.h"
#include "models.hpp"

namespace {

/// A file as a stream that remembers which error of the system ended it.
class File : public std::streambuf {
 public:
  explicit File(int descriptor) : descriptor(descriptor) {}

  int error = 0;

 protected:
  std::streamsize xsputn(const char *bytes, std::streamsize count) override {
    std::streamsize written = 0;
    while (written < count) {
      const ssize_t now = pwrite(descriptor, bytes + written, static_cast<size_t>(count - written), place);
      if (now < 0 && errno == EINTR) continue;
      if (now <= 0) {
        error = now < 0 ? errno : EIO;
        break;
      }
      written += now;
      place += now;
    }
    end = std::max(end, place);
    return written;
  }

  int_type overflow(int_type value) override {
    if (traits_type::eq_int_type(value, traits_type::eof())) return traits_type::not_eof(value);
    const char byte = traits_type::to_char_type(value);
    return xsputn(&byte, 1) == 1 ? value : traits_type::eof();
  }

  // The engine writes its header last, where it left room for it.
  pos_type seekoff(off_type offset, std::ios_base::seekdir from, std::ios_base::openmode) override {
    const off_type base = from == std::ios_base::beg ? 0 : from == std::ios_base::cur ? place : end;
    if (base + offset < 0) return pos_type(off_type(-1));
    place = base + offset;
    return pos_type(place);
  }

  pos_type seekpos(pos_type position, std::ios_base::openmode mode) override {
    return seekoff(off_type(position), std::ios_base::beg, mode);
  }

 private:
  const int descriptor;
  off_type place = 0, end = 0;
};

}  // namespace

int ridley_export(const ov_compiled_model *model, int descriptor) {
  File file(descriptor);
  try {
    std::ostream stream(&file);
    model->object->export_model(stream);
    stream.flush();
    if (file.error) return file.error;
    return stream.good() ? 0 : -1;
  } catch (...) {
    return file.error ? file.error : -1;
  }
}
