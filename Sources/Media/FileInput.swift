internal import Base
internal import CFFmpeg

/// A file as FFmpeg reads it: through its descriptor, by place, so that nothing is opened here.
typealias FileInput = ByteInput<FileCursor>

final class FileCursor {
  fileprivate let file: MediaFile
  fileprivate var offset = 0

  fileprivate init(_ file: MediaFile) { self.file = file }
}

extension FileInput {
  /// With a buffer for as much as FFmpeg's own file protocol reads at once.
  convenience init(_ file: MediaFile) throws(Fault) {
    unsafe try self.init(FileCursor(file), bufferSize: 32 << 10, read: readFile, seek: seekInFile)
  }
}

/// Called by the demuxer, on the thread that reads it.
@c private func readFile(_ opaque: UnsafeMutableRawPointer?, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32)
  -> Int32
{
  let cursor = unsafe FileInput.cursor(opaque)
  let read = unsafe cursor.file.read(
    into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)), at: cursor.offset)
  cursor.offset += max(0, read)
  return read == 0 ? ridley_av_eof : Int32(read)
}

/// Called by the demuxer, on the thread that reads it; FFmpeg's error numbers are the system's, negative.
@c private func seekInFile(_ opaque: UnsafeMutableRawPointer?, _ offset: Int64, _ whence: Int32) -> Int64 {
  let cursor = unsafe FileInput.cursor(opaque)
  let start: Int
  switch whence & ~AVSEEK_FORCE {
  case AVSEEK_SIZE: return Int64(cursor.file.byteCount)
  case SEEK_SET: start = 0
  case SEEK_CUR: start = cursor.offset
  case SEEK_END: start = cursor.file.byteCount
  default: return Int64(ridley_av_invalid_argument)
  }
  let (place, overflows) = start.addingReportingOverflow(Int(offset))
  guard !overflows, place >= 0 else { return Int64(ridley_av_invalid_argument) }
  cursor.offset = place
  return Int64(place)
}
