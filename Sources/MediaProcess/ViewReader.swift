internal import Base
internal import Glibc
internal import Isolation
internal import Synchronization

/// What a live source's process gives to look at, as it comes; one thread reads.
public final class ViewReader: Sendable {
  private let descriptor: Int32
  private let isOver = Atomic(false)
  private static let glance: Int32 = 200

  /// Both ends of a line; the other end is the caller's to hand over and to close, and what is written there never waits.
  static func make() throws(Fault) -> (reader: ViewReader, writeEnd: Int32) {
    // More than most pictures; users have so much for all pipes together that hundreds of streams fit.
    let ends = try Pipe.make(byteCount: 256 << 10)
    return (ViewReader(ends.read), ends.write)
  }

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Whoever reads stops soon, also where somebody still holds the other end.
  func end() { isOver.store(true, ordering: .relaxed) }

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
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let ready = unsafe poll(&waiting, 1, Self.glance)
        if isOver.load(ordering: .relaxed) { break }
        guard ready > 0 else { continue }
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
