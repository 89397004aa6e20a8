/// Takes the chunks of a body apart, strictly (RFC 9112, 7.1).
///
/// Lines end in CR LF, sizes are plain hexadecimal
/// numbers, data is followed by CR LF. Extensions and trailers are read over.
struct ChunkReader {
  enum Fault: Error, Equatable { case malformed, tooMuchAround }

  enum Step: Equatable {
    /// So many bytes were read over, and all are used up.
    case more
    /// Data stands here.
    case data(Range<Int>)
    /// The body is complete behind so many bytes.
    case end(Int)
  }

  private enum Place {
    case size, afterSize, sizeEnd, data, dataReturn, dataEnd, trailerStart, trailerName, trailer, trailerEnd, lastEnd
  }

  private var place = Place.size
  private var digits = 0
  private var left = 0
  /// Bytes that were not data; a client may send as many as data, and a few more.
  private var around = 0
  private var data = 0
  private static let aroundMost = 128 << 10

  /// Whether this is the start of a body, of which nothing was read.
  var hasBegun: Bool { around + data > 0 }

  /// Reads from `start` on, up to the next run of data or the end.
  mutating func read(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(Fault) -> Step {
    var index = start
    while index < bytes.count {
      if place == .data {
        let count = min(left, bytes.count - index)
        left -= count
        data += count
        if left == 0 { place = .dataReturn }
        return .data(index..<index + count)
      }
      around += 1
      guard around <= Self.aroundMost + data else { throw .tooMuchAround }
      let isLast = try step(unsafe bytes[index])
      index += 1
      if isLast { return .end(index) }
    }
    return .more
  }

  private mutating func step(_ byte: UInt8) throws(Fault) -> Bool {
    switch place {
    case .size: try size(byte)
    case .afterSize: place = try within(byte, then: .sizeEnd, else: .afterSize)
    case .sizeEnd:
      try want(byte, UInt8(ascii: "\n"))
      (place, digits) = (left > 0 ? .data : .trailerStart, 0)
    case .data: break
    case .dataReturn:
      try want(byte, UInt8(ascii: "\r"))
      place = .dataEnd
    case .dataEnd:
      try want(byte, UInt8(ascii: "\n"))
      place = .size
    case .trailerStart:
      if byte == UInt8(ascii: "\r") {
        place = .lastEnd
      } else {
        guard Token.lowered[Int(byte)] != 0 else { throw .malformed }
        place = .trailerName
      }
    case .trailerName:
      guard byte == UInt8(ascii: ":") || Token.lowered[Int(byte)] != 0 else { throw .malformed }
      if byte == UInt8(ascii: ":") { place = .trailer }
    case .trailer: place = try within(byte, then: .trailerEnd, else: .trailer)
    case .trailerEnd:
      try want(byte, UInt8(ascii: "\n"))
      place = .trailerStart
    case .lastEnd:
      try want(byte, UInt8(ascii: "\n"))
      return true
    }
    return false
  }

  private mutating func size(_ byte: UInt8) throws(Fault) {
    let digit: Int
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = Int(byte) - 0x30
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): digit = Int(byte | 0x20) - 0x57
    case UInt8(ascii: "\r"), UInt8(ascii: ";"):
      guard digits > 0 else { throw .malformed }
      place = byte == UInt8(ascii: ";") ? .afterSize : .sizeEnd
      return
    default: throw .malformed
    }
    digits += 1
    guard digits <= 12 else { throw .malformed }
    left = left << 4 | digit
  }

  /// A byte of a line whose content does not matter; control characters are refused.
  private func within(_ byte: UInt8, then next: Place, else same: Place) throws(Fault) -> Place {
    if byte == UInt8(ascii: "\r") { return next }
    guard byte >= 0x20 && byte != 0x7f || byte == 0x09 else { throw .malformed }
    return same
  }

  private func want(_ byte: UInt8, _ wanted: UInt8) throws(Fault) {
    guard byte == wanted else { throw .malformed }
  }
}
