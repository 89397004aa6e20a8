internal import Base
internal import CFFmpeg

/// Bytes that come one after the other, as FFmpeg reads them: nothing is opened, and nothing sought.
@safe final class StreamInput {
  let context: UnsafeMutablePointer<AVIOContext>
  /// What the library gives back with every call, on the thread that reads; freed with the context.
  private let cursor: Unmanaged<Cursor>

  fileprivate final class Cursor {
    let read: StreamDemuxer.Read
    var fault: Fault?
    var byteCount = 0
    /// When a picture was there last.
    var marked = 0
    init(_ read: @escaping StreamDemuxer.Read) { self.read = read }
  }

  /// What a demuxer looks at first is given again out of the buffer, so that must fit.
  static let bufferSize = 64 << 10

  init(_ read: @escaping StreamDemuxer.Read) throws(Fault) {
    let cursor = unsafe Unmanaged.passRetained(Cursor(read))
    let buffer = unsafe av_malloc(Self.bufferSize)?.assumingMemoryBound(to: UInt8.self)
    guard let buffer = unsafe buffer,
      let context = unsafe avio_alloc_context(
        buffer, Int32(Self.bufferSize), 0, cursor.toOpaque(), readStream, nil, nil)
    else {
      unsafe av_free(buffer)
      unsafe cursor.release()
      throw .noMemory(to: "read a stream")
    }
    unsafe context.pointee.seekable = 0
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

  /// Why no more bytes came, where that is no end.
  var fault: Fault? { unsafe cursor.takeUnretainedValue().fault }

  /// A picture is there: so many bytes may come without another one.
  func mark() {
    let cursor = unsafe cursor.takeUnretainedValue()
    cursor.marked = cursor.byteCount
  }

  /// A container that shows no picture in so many bytes has none.
  fileprivate static let mostWithout = 16 << 20
}

/// Called by the demuxer, on the thread that reads it.
@c private func readStream(
  _ opaque: UnsafeMutableRawPointer?, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32
) -> Int32 {
  let cursor = unsafe Unmanaged<StreamInput.Cursor>.fromOpaque(opaque!).takeUnretainedValue()
  guard cursor.fault == nil else { return ridley_av_eof }
  do throws(Fault) {
    let found = try cursor.read(Int(count))
    guard !found.isEmpty, found.count <= Int(count), let bytes = unsafe bytes else { return ridley_av_eof }
    unsafe found.withUnsafeBufferPointer { unsafe bytes.update(from: $0.baseAddress!, count: $0.count) }
    cursor.byteCount += found.count
    guard cursor.byteCount - cursor.marked <= StreamInput.mostWithout else {
      throw Fault(.badInput, "there is no picture in \(StreamInput.mostWithout >> 20) MiB of what came")
    }
    return Int32(found.count)
  } catch {
    cursor.fault = error
    return ridley_av_eof
  }
}
