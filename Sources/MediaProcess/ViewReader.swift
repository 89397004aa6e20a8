internal import Base
internal import Glibc
internal import Isolation

/// What a live source's process gives to look at, as it comes; one thread reads.
public final class ViewReader: Sendable {
  private let descriptor: Int32

  /// Both ends of a line; the other end is the caller's to hand over and to close, and what is written there never waits.
  static func make() throws(Fault) -> (reader: ViewReader, writeEnd: Int32) {
    // More than one picture, so that a thread that comes late loses none.
    let ends = try Pipe.make(byteCount: 1 << 20)
    return (ViewReader(ends.read), ends.write)
  }

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// The next piece; `nil` where the process has ended, or says what is none.
  public func next() -> ViewPiece? {
    guard let head = read(ViewLine.headCount), let counts = try? ViewLine.read(head: head),
      let fields = read(counts.fields), let content = read(counts.content)
    else { return nil }
    return try? ViewLine.read(fields: fields, content: content)
  }

  private func read(_ count: Int) -> [UInt8]? {
    var place = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while place < count {
        let found = unsafe Glibc.read(descriptor, buffer.baseAddress! + place, count - place)
        if found > 0 {
          place += found
        } else if found == 0 || errno != EINTR {
          break
        }
      }
      initialized = place
    }
    return place == count ? bytes : nil
  }
}
