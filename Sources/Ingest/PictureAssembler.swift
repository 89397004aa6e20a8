/// Makes pictures of the packets of one track, each as soon as its last packet is there.
struct PictureAssembler {
  /// A picture that grows beyond this is none.
  private static let mostBytes = 32 << 20

  private let format: VideoFormat
  private let waits: (packets: Int, nanoseconds: UInt64)
  private var order: PacketOrder
  private var depacketizer: any Depacketizer
  private var clock = UnwrappedCounter(bits: 32)
  private var sender: UInt32?
  /// Of the picture at hand.
  private var timestamp: UInt32?
  private var (isWhole, arrival, byteCount) = (true, (first: UInt64(0), last: UInt64(0)), 0)
  private var ready: [AccessUnit] = []
  private var lostBefore = 0

  /// `packets` and `nanoseconds` are how long a packet is waited for that others have overtaken; none where they cannot be.
  init(_ format: VideoFormat, waits: (packets: Int, nanoseconds: UInt64) = (0, 0)) {
    (self.format, self.waits, depacketizer) = (format, waits, format.depacketizer)
    order = PacketOrder(mostWaiting: waits.packets, patience: waits.nanoseconds)
  }

  /// Packets that never came.
  var lost: Int { lostBefore + order.lost }
  /// What came of it all, for the sender.
  var reception: ReceptionReport { ReceptionReport(sender: sender, last: order.last ?? 0, lost: lost) }
  /// When ``take(now:)`` is to be asked again though nothing came, in monotonic nanoseconds.
  var deadline: UInt64? { order.deadline }

  /// Takes in what came, whatever it is.
  mutating func add(_ bytes: [UInt8], arrival: UInt64) {
    guard let packet = RTPPacket(bytes.span), packet.format == format.number else { return }
    if packet.source != sender {
      // A sender that began anew has other numbers and another clock.
      if sender != nil {
        while let next = order.take(now: .max) { take(next) }
        begin()
      }
      sender = packet.source
    }
    order.add(bytes, packet, arrival: arrival)
  }

  /// The next picture that is there.
  mutating func take(now: UInt64) -> AccessUnit? {
    while ready.isEmpty, let next = order.take(now: now) { take(next) }
    return ready.isEmpty ? nil : ready.removeFirst()
  }

  /// The timestamp of a report, in the same count as ``AccessUnit/time``.
  func time(of timestamp: UInt32) -> Int {
    var clock = clock
    return clock.unwrap(Int(timestamp))
  }

  private mutating func begin() {
    lostBefore += order.lost
    order = PacketOrder(mostWaiting: waits.packets, patience: waits.nanoseconds)
    depacketizer = format.depacketizer
    (timestamp, isWhole, byteCount) = (nil, true, 0)
  }

  private mutating func take(_ next: PacketOrder.Ordered) {
    let packet = next.packet
    if next.missing > 0 {
      depacketizer.lose()
      isWhole = false
    }
    if let timestamp, timestamp != packet.timestamp { finish(timestamp) }
    if timestamp == nil { (arrival.first, byteCount) = (next.arrival, 0) }
    (timestamp, arrival.last) = (packet.timestamp, max(arrival.last, next.arrival))
    byteCount += packet.payload.count
    if byteCount > Self.mostBytes || !depacketizer.add(next.bytes.span.extracting(packet.payload)) {
      depacketizer.lose()
      isWhole = false
    }
    if byteCount > Self.mostBytes { _ = depacketizer.finish() }
    if packet.isMarked { finish(packet.timestamp) }
  }

  private mutating func finish(_ timestamp: UInt32) {
    let time = clock.unwrap(Int(timestamp))
    let (bytes, isKey) = depacketizer.finish()
    if !bytes.isEmpty {
      ready.append(
        AccessUnit(
          bytes: bytes, time: time, isKey: isKey, isWhole: isWhole,
          arrival: min(arrival.first, arrival.last)...max(arrival.first, arrival.last)))
    }
    (self.timestamp, isWhole) = (nil, true)
  }
}
