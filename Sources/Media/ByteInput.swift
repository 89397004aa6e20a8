internal import Base
internal import CFFmpeg

/// Bytes as FFmpeg reads them through functions of ours: one owner of the context, its buffer, and the cursor that each call is handed.
@safe final class ByteInput<Cursor: AnyObject> {
  let context: UnsafeMutablePointer<AVIOContext>
  /// What the functions are handed, on the thread that reads; it goes after the context.
  let cursor: Cursor

  init(
    _ cursor: Cursor, bufferSize: Int,
    read: @escaping @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, Int32) -> Int32,
    seek: (@convention(c) (UnsafeMutableRawPointer?, Int64, Int32) -> Int64)? = nil
  ) throws(Fault) {
    let buffer = unsafe av_malloc(bufferSize)?.assumingMemoryBound(to: UInt8.self)
    let opaque = unsafe Unmanaged.passUnretained(cursor).toOpaque()
    guard let buffer = unsafe buffer,
      let context = unsafe avio_alloc_context(buffer, Int32(bufferSize), 0, opaque, read, nil, seek)
    else {
      unsafe av_free(buffer)
      throw .noMemory(to: "read this")
    }
    if unsafe seek == nil { unsafe context.pointee.seekable = 0 }
    unsafe self.context = context
    self.cursor = cursor
  }

  deinit {
    var context: UnsafeMutablePointer<AVIOContext>? = unsafe context
    // The library may have replaced the buffer.
    unsafe av_free(context!.pointee.buffer)
    unsafe avio_context_free(&context)
  }

  /// The cursor that a call was handed.
  static func cursor(_ opaque: UnsafeMutableRawPointer?) -> Cursor {
    unsafe Unmanaged<Cursor>.fromOpaque(opaque!).takeUnretainedValue()
  }
}
