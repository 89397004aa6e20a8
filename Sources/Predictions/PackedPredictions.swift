public import Base
internal import Crypto

/// The predictions of one analysis, packed by columns: a few percent of their JSON Lines, which they give again byte for byte.
///
/// A mark, then blocks of whole frames, then their index (texts; place, length, frames and times of each block; its checksum), the index's
/// own checksum, its length, a mark. Immutable. What is read of a range of time is the end and the blocks that it touches.
public struct PackedPredictions {
  static let magic = Array("RIDLEY-PREDICTIONS-1\n".utf8)
  static let end = Array("RPREDS-1".utf8)
  static let tailCount = FastChecksum.byteCount + 8 + end.count

  struct Entry: Sendable, Hashable {
    var offset: Int
    var byteCount: Int
    var frames: Int
    var predictions: Int
    /// Microseconds of the earliest and the latest frame, rounded outwards.
    var first: Int
    var last: Int
    var checksum: [UInt8]
  }

  let texts: TextTable
  let entries: [Entry]
  private let read: (Range<Int>) throws(Fault) -> [UInt8]

  /// `read` gives the bytes of a range, as many as are there; the index is read as a whole, and is as long as `mostIndexBytes` at most.
  public init(
    byteCount: Int, mostIndexBytes: Int = .max, read: @escaping (Range<Int>) throws(Fault) -> [UInt8]
  ) throws(Fault) {
    self.read = read
    guard byteCount >= Self.magic.count + Self.tailCount else { throw PackedBlock.damaged }
    let tail = try read(byteCount - Self.tailCount..<byteCount)
    guard tail.count == Self.tailCount, tail.suffix(Self.end.count) == Self.end[...] else {
      throw Fault(.badInput, "these are no packed predictions, or they were cut short")
    }
    let length = (0..<8).reduce(0) { $0 | Int(tail[FastChecksum.byteCount + $1]) << (8 * $1) }
    let start = byteCount - Self.tailCount
    guard length >= 0, length <= start - Self.magic.count else { throw PackedBlock.damaged }
    guard length <= mostIndexBytes else {
      throw Fault(.tooLarge, "the index of packed predictions has \(length) bytes, \(mostIndexBytes) at most")
    }
    let index = try read(start - length..<start)
    guard index.count == length, FastChecksum.of(index.span.bytes) == Array(tail.prefix(FastChecksum.byteCount)) else {
      throw PackedBlock.damaged
    }
    (texts, entries) = try PackedIndex.read(index, before: start - length)
  }

  /// Of bytes in memory.
  public init(_ bytes: [UInt8]) throws(Fault) {
    try self.init(byteCount: bytes.count) { Array(bytes[$0.clamped(to: 0..<bytes.count)]) }
  }

  /// Predictions in all.
  public var count: Int { entries.reduce(0) { $0 + $1.predictions } }

  /// Calls `body` with each prediction whose frame lies in a range of seconds, in order.
  public func forEach(
    in seconds: ClosedRange<Double> = -.infinity ... .infinity, _ body: (PredictionRow) throws(Fault) -> Void
  ) throws(Fault) {
    for entry in entries
    where Double(entry.first) / 1e6 <= seconds.upperBound && Double(entry.last) / 1e6 >= seconds.lowerBound {
      try rows(of: entry) { (row) throws(Fault) in
        if seconds.contains(row.stamp.time) || seconds == -.infinity ... .infinity { try body(row) }
      }
    }
  }

  private func rows(of entry: Entry, _ body: (PredictionRow) throws(Fault) -> Void) throws(Fault) {
    try Self.rows(of: try bytes(of: entry), frames: entry.frames, texts, body)
  }

  /// A block's bytes, as they were written.
  func bytes(of entry: Entry) throws(Fault) -> [UInt8] {
    let bytes = try read(entry.offset..<entry.offset + entry.byteCount)
    guard bytes.count == entry.byteCount, FastChecksum.of(bytes.span.bytes) == entry.checksum else {
      throw PackedBlock.damaged
    }
    return bytes
  }

  /// Calls `body` with each prediction from a number on, and its number, counted from 0, until it gives `false`.
  ///
  /// Blocks that lie before the number or outside of the range of seconds are not read.
  public func forEach(
    from first: Int, in seconds: ClosedRange<Double> = -.infinity ... .infinity,
    _ body: (Int, PredictionRow) throws(Fault) -> Bool
  ) throws(Fault) {
    var begin = 0
    for entry in entries {
      let numbers = begin..<begin + entry.predictions
      begin = numbers.upperBound
      guard numbers.upperBound > first, Double(entry.first) / 1e6 <= seconds.upperBound,
        Double(entry.last) / 1e6 >= seconds.lowerBound
      else { continue }
      var found: [PredictionRow] = []
      try rows(of: entry) { found.append($0) }
      for (number, row) in zip(numbers, found) where number >= first && seconds.contains(row.stamp.time) {
        guard try body(number, row) else { return }
      }
    }
  }

  /// One prediction by its number, counted from 0; `nil` behind the last.
  public func row(_ number: Int) throws(Fault) -> PredictionRow? {
    var found: PredictionRow?
    guard number >= 0 else { return nil }
    try forEach(from: number) { (_, row) in
      found = row
      return false
    }
    return found
  }

  /// The rows of one block's bytes, which may be any.
  static func rows(
    of bytes: [UInt8], frames: Int, _ texts: TextTable, _ body: (PredictionRow) throws(Fault) -> Void
  ) throws(Fault) {
    var cursor = PackedCursor(try PackedBlock(bytes, frames: frames), texts)
    try cursor.forEach(body)
  }

  /// For tests of hostile bytes: the first byte says how many frames and how many texts, the rest is a block, past its checksum.
  package static func readBlock(_ bytes: [UInt8]) throws(Fault) {
    guard let first = bytes.first else { return }
    let texts = TextTable((0..<Int(first & 15)).map { "text \($0)" })
    try rows(of: Array(bytes.dropFirst()), frames: Int(first >> 4) + 1, texts) { _ in }
  }
}
