internal import Base
internal import CFFmpeg

/// A file as FFmpeg reads it: through its descriptor, by place, so that nothing is opened here.
@safe final class FileInput {
  let context: UnsafeMutablePointer<AVIOContext>
  /// What the library gives back with every call, on the thread that reads; freed with the context.
  private let cursor: Unmanaged<Cursor>

  fileprivate final class Cursor {
    let file: MediaFile
    var offset = 0
    init(_ file: MediaFile) { self.file = file }
  }

  /// As much as FFmpeg's own file protocol reads at once.
  private static let bufferSize: Int32 = 32 << 10

  init(_ file: MediaFile) throws(Fault) {
    let cursor = unsafe Unmanaged.passRetained(Cursor(file))
    let buffer = unsafe av_malloc(Int(Self.bufferSize))?.assumingMemoryBound(to: UInt8.self)
    guard let buffer = unsafe buffer,
      let context = unsafe avio_alloc_context(
        buffer, Self.bufferSize, 0, cursor.toOpaque(), readFile, nil, seekInFile)
    else {
      unsafe av_free(buffer)
      unsafe cursor.release()
      throw Fault(.exhausted, "there is not enough memory to read this file")
    }
    unsafe self.context = context
    unsafe self.cursor = cursor
  }

  deinit {
    var context: UnsafeMutablePointer<AVIOContext>? = unsafe context
    // The library may have replaced the buffer.
    unsafe av_free(context!.pointee.buffer)
    unsafe avio_context_free(&context)
    unsafe cursor.release()
  }
}

/// Called by the demuxer, on the thread that reads it.
@c private func readFile(_ opaque: UnsafeMutableRawPointer?, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32)
  -> Int32
{
  let cursor = unsafe Unmanaged<FileInput.Cursor>.fromOpaque(opaque!).takeUnretainedValue()
  let read = unsafe cursor.file.read(
    into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count)), at: cursor.offset)
  cursor.offset += max(0, read)
  return read == 0 ? ridley_av_eof : Int32(read)
}

/// Called by the demuxer, on the thread that reads it; FFmpeg's error numbers are the system's, negative.
@c private func seekInFile(_ opaque: UnsafeMutableRawPointer?, _ offset: Int64, _ whence: Int32) -> Int64 {
  let cursor = unsafe Unmanaged<FileInput.Cursor>.fromOpaque(opaque!).takeUnretainedValue()
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
