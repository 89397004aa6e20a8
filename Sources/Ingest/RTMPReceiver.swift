public import Base
internal import CRTMP
internal import Glibc

/// Speaks RTMP over a connection that is there already, by librtmp, and gives what comes as a file of Flash Video.
///
/// It opens nothing itself. One thread at a time.
@safe public final class RTMPReceiver {
  private let address: UnsafeMutablePointer<CChar>
  private let session: UnsafeMutablePointer<RTMP>

  /// Asks for the stream at an address, and waits until it is promised; the descriptor is owned.
  ///
  /// - Throws: `unavailable` where the server has no such stream, or speaks no RTMP.
  public init(_ address: String, connection: Int32) throws(Fault) {
    // Spaces would begin options of the library's own.
    let plain = address.replacing(" ", with: "%20")
    guard let copy = unsafe strdup(plain) else { throw .noMemory(to: "read a stream") }
    guard let session = unsafe ridley_rtmp_begin(copy, connection) else {
      unsafe free(copy)
      throw Fault(.unavailable, "the server refused the stream, has none of this name, or speaks no RTMP")
    }
    unsafe (self.address, self.session) = (copy, session)
  }

  deinit {
    unsafe ridley_rtmp_end(session)
    unsafe free(address)
  }

  /// The next bytes, at most so many; empty at the end.
  public func read(upTo count: Int) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: count)
    let found = unsafe block.withUnsafeMutableBytes { block in
      unsafe RTMP_Read(session, block.baseAddress!.assumingMemoryBound(to: CChar.self), Int32(count))
    }
    return found > 0 ? Array(block.prefix(Int(found))) : []
  }
}
