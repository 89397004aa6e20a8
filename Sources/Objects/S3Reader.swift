internal import Base

/// An object of a bucket, read by ranges.
///
/// Who reads on from where the last range ended gets bytes that were fetched ahead, twice as many each time up to 4 MiB; those are all that it keeps.
final class S3Reader: ObjectReader {
  private struct Window {
    var start: Int
    var bytes: [UInt8]
    /// How many were wanted the last time.
    var ahead: Int
    var end: Int { start + bytes.count }
  }

  let byteCount: Int
  private let name: ObjectName
  private let store: S3ObjectStore
  /// Holds the object to its end; `nil` where all of it is in the window.
  private let lease: (any ObjectLease)?
  private let window: Monitor<Window>

  private static let leastAhead = 256 << 10
  private static let mostAhead = 4 << 20

  init(_ first: S3Client.Part, _ name: ObjectName, _ lease: (any ObjectLease)?, _ store: S3ObjectStore) {
    (byteCount, self.name, self.store, self.lease) = (first.total, name, store, lease)
    window = Monitor(Window(start: 0, bytes: first.bytes, ahead: Self.leastAhead))
  }

  func read(_ range: Range<Int>) throws(Fault) -> [UInt8] {
    let wanted = range.clamped(to: 0..<byteCount)
    guard !wanted.isEmpty else { return [] }
    let (known, ahead) = window.update { window in
      let isInside = window.start <= wanted.lowerBound && wanted.upperBound <= window.end
      let bytes =
        isInside ? Array(window.bytes[(wanted.lowerBound - window.start)..<(wanted.upperBound - window.start)]) : nil
      let isNext = window.start <= wanted.lowerBound && wanted.lowerBound <= window.end
      return (bytes, isNext ? min(window.ahead * 2, Self.mostAhead) : 0)
    }
    if let known { return known }
    var bytes: [UInt8] = []
    let end = min(max(wanted.upperBound, wanted.lowerBound + ahead), byteCount)
    while wanted.lowerBound + bytes.count < end {
      let start = wanted.lowerBound + bytes.count
      let part = try fetch(start..<min(end, start + S3ObjectStore.blockByteCount))
      if bytes.isEmpty { bytes = part } else { bytes += part }
    }
    // What is longer is not read twice.
    if bytes.count <= Self.mostAhead {
      window.update { $0 = Window(start: wanted.lowerBound, bytes: bytes, ahead: max(ahead, Self.leastAhead)) }
    }
    if bytes.count > wanted.count { bytes.removeLast(bytes.count - wanted.count) }
    return bytes
  }

  private func fetch(_ range: Range<Int>) throws(Fault) -> [UInt8] {
    guard let part = try store.client.get(store.key(of: name), range) else {
      throw Fault(.unavailable, "the object \(name) was taken away while it was read")
    }
    guard part.total == byteCount, part.bytes.count == range.count else {
      throw Fault(.badInput, "the object \(name) had \(byteCount) bytes, and now \(part.total)")
    }
    return part.bytes
  }
}
