/// All of one picture as its camera sent it: what a decoder is given at once.
public struct AccessUnit: Sendable, Hashable {
  /// H.264 and HEVC with start codes, AV1 as OBUs that say their size, JPEG as a file.
  public var bytes: [UInt8]
  /// When it is shown, in the format's clock, counted on where that wraps.
  public var time: Int
  /// Decoding may begin with it, as far as its units tell.
  public var isKey: Bool
  /// No part of it is missing that was sent, and nothing that was sent before it.
  public var isWhole: Bool
  /// When its first packet was here, and its last, in monotonic nanoseconds.
  public var arrival: ClosedRange<UInt64>

  public init(bytes: [UInt8], time: Int, isKey: Bool, isWhole: Bool, arrival: ClosedRange<UInt64>) {
    (self.bytes, self.time, self.isKey, self.isWhole, self.arrival) = (bytes, time, isKey, isWhole, arrival)
  }
}

/// Makes one kind of pictures of the payloads of RTP packets.
protocol Depacketizer: Sendable {
  /// Takes the payload of the next packet of the picture at hand; `false` where it cannot be read.
  mutating func add(_ payload: Span<UInt8>) -> Bool
  /// What comes next does not continue what came last.
  mutating func lose()
  /// Something of a picture came since the last one, and not only what is said before one.
  var hasPicture: Bool { get }
  /// Whether the next payload goes on with a picture that seemed to be over, or begins one; `nil` where it does not tell.
  func goesOn(with payload: Span<UInt8>) -> Bool?
  /// What came since the last one; empty where that is nothing. Whether decoding may begin with it.
  mutating func finish() -> (bytes: [UInt8], isKey: Bool)
}

extension Depacketizer {
  func goesOn(with payload: Span<UInt8>) -> Bool? { nil }
}

/// Pictures that are made of units with start codes, in any number of packets.
struct UnitCollector: Sendable {
  private(set) var bytes: [UInt8] = []
  /// Where a unit began whose end has not come.
  private(set) var open: Int?

  /// A whole unit, or the first part of one; the header is what is not in the bytes.
  mutating func begin(_ header: [UInt8] = [], _ unit: Span<UInt8>, isWhole: Bool) {
    drop()
    open = isWhole ? nil : bytes.count
    bytes += [0, 0, 0, 1]
    bytes += header
    append(unit)
  }

  /// `false` where nothing is open that it could go on with.
  mutating func go(on part: Span<UInt8>, isLast: Bool) -> Bool {
    guard open != nil else { return false }
    append(part)
    if isLast { open = nil }
    return true
  }

  /// A unit without its end goes.
  mutating func drop() {
    if let open { bytes.removeSubrange(open...) }
    open = nil
  }

  mutating func finish() -> [UInt8] {
    drop()
    defer { bytes.removeAll() }
    return bytes
  }

  private mutating func append(_ part: Span<UInt8>) {
    bytes.reserveCapacity(bytes.count + part.count)
    for index in part.indices { bytes.append(part[index]) }
  }
}

/// Units that stand one behind the other, each with its length in front; `false` where one is longer than what is there.
func eachUnit(of payload: Span<UInt8>, _ body: (Span<UInt8>) -> Void) -> Bool {
  var place = 0
  while place < payload.count {
    guard place + 2 <= payload.count else { return false }
    let end = place + 2 + BigEndian.u16(payload, place)
    guard end <= payload.count, end > place + 2 else { return false }
    body(payload.extracting(place + 2..<end))
    place = end
  }
  return true
}
