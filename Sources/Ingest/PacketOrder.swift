/// Puts packets of one sender back into order: jitter buffer for transports that may swap and lose them.
///
/// One that is missing is waited for until so many later ones are there, or so much time has passed since the first of these came.
struct PacketOrder {
  /// A packet in its turn.
  struct Ordered {
    let bytes: [UInt8]
    let packet: RTPPacket
    /// Monotonic nanoseconds.
    let arrival: UInt64
    /// Packets between the one before and this one that never came.
    let missing: Int
  }

  private let mostWaiting: Int
  /// Nanoseconds.
  private let patience: UInt64
  private var counter = UnwrappedCounter(bits: 16)
  private var next: Int?
  private var waiting: [Int: (bytes: [UInt8], packet: RTPPacket, arrival: UInt64)] = [:]
  /// Packets that never came, and those that came twice or too late.
  private(set) var lost = 0
  private(set) var late = 0

  /// The number of the last packet that was given, counted on where that wraps.
  var last: Int? { next.map { $0 - 1 } }

  init(mostWaiting: Int, patience: UInt64) { (self.mostWaiting, self.patience) = (mostWaiting, patience) }

  /// Takes a packet in.
  mutating func add(_ bytes: [UInt8], _ packet: RTPPacket, arrival: UInt64) {
    let place = counter.unwrap(Int(packet.sequence))
    if let next, place < next {
      // A sender that began anew counts from anywhere.
      guard next - place > 1000 else { return late += 1 }
      waiting.removeAll()
      self.next = place
    }
    guard waiting[place] == nil else { return late += 1 }
    if next == nil { next = place }
    waiting[place] = (bytes, packet, arrival)
  }

  /// The next packet in order, where it is there or what is before it is not waited for any more.
  mutating func take(now: UInt64) -> Ordered? {
    guard let next, let first = waiting.keys.min(), let found = waiting[first] else { return nil }
    guard first == next || waiting.count > mostWaiting || now >= found.arrival + patience else { return nil }
    waiting[first] = nil
    self.next = first + 1
    lost += first - next
    return Ordered(bytes: found.bytes, packet: found.packet, arrival: found.arrival, missing: first - next)
  }

  /// When ``take(now:)`` is to be asked again though nothing came, in monotonic nanoseconds.
  var deadline: UInt64? { waiting.values.map(\.arrival).min().map { $0 + patience } }
}
