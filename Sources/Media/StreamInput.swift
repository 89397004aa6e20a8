internal import Base
internal import CFFmpeg

/// Bytes that come one after the other, as FFmpeg reads them: nothing is opened, and nothing sought.
typealias StreamInput = ByteInput<StreamCursor>

final class StreamCursor {
  fileprivate let read: StreamDemuxer.Read
  /// Why no more bytes came, where that is no end.
  fileprivate(set) var fault: Fault?
  fileprivate var byteCount = 0
  /// When a picture was there last.
  private var marked = 0

  /// What a demuxer looks at first is given again out of the buffer, so that must fit.
  static let bufferSize = 64 << 10
  /// A container that shows no picture in so many bytes has none.
  fileprivate static let mostWithout = 16 << 20

  fileprivate init(_ read: @escaping StreamDemuxer.Read) { self.read = read }

  /// A picture is there: so many bytes may come without another one.
  func mark() { marked = byteCount }

  fileprivate var hasTooMany: Bool { byteCount - marked > Self.mostWithout }
}

extension StreamInput {
  convenience init(_ read: @escaping StreamDemuxer.Read) throws(Fault) {
    unsafe try self.init(StreamCursor(read), bufferSize: StreamCursor.bufferSize, read: readStream)
  }
}

/// Called by the demuxer, on the thread that reads it.
@c private func readStream(
  _ opaque: UnsafeMutableRawPointer?, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32
) -> Int32 {
  let cursor = unsafe StreamInput.cursor(opaque)
  guard cursor.fault == nil else { return ridley_av_eof }
  do throws(Fault) {
    let found = try cursor.read(Int(count))
    guard !found.isEmpty, found.count <= Int(count), let bytes = unsafe bytes else { return ridley_av_eof }
    unsafe found.withUnsafeBufferPointer { unsafe bytes.update(from: $0.baseAddress!, count: $0.count) }
    cursor.byteCount += found.count
    guard !cursor.hasTooMany else {
      throw Fault(.badInput, "there is no picture in \(StreamCursor.mostWithout >> 20) MiB of what came")
    }
    return Int32(found.count)
  } catch {
    cursor.fault = error
    return ridley_av_eof
  }
}
