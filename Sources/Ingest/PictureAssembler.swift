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
  /// Of the last picture that ended with its mark.
  private var marked: UInt32?
  /// The camera marks parts of pictures as their ends: a picture is over where the next one begins.
  private var marksParts = false
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
    (timestamp, isWhole, byteCount, marked, marksParts) = (nil, true, 0, nil, false)
  }

  /// No picture is made from another.
  private var standsAlone: Bool { format.codec == .mjpeg }

  private mutating func take(_ next: PacketOrder.Ordered) {
    let (packet, payload) = (next.packet, next.bytes.span.extracting(next.packet.payload))
    if next.missing > 0 {
      depacketizer.lose()
      isWhole = false
    }
    separate(packet, payload)
    // What is missing may have been the end of the last picture, the beginning of this one, or one between them.
    if next.missing > 0 { isWhole = standsAlone && depacketizer.goesOn(with: payload) == false }
    if timestamp == nil { (arrival.first, byteCount) = (next.arrival, 0) }
    (timestamp, arrival.last) = (packet.timestamp, max(arrival.last, next.arrival))
    byteCount += packet.payload.count
    if byteCount > Self.mostBytes || !depacketizer.add(payload) {
      depacketizer.lose()
      isWhole = false
    }
    if byteCount > Self.mostBytes { _ = depacketizer.finish() }
    // Parameters alone are no picture, whatever is said of them.
    if packet.isMarked, !marksParts, depacketizer.hasPicture {
      finish(packet.timestamp)
      marked = packet.timestamp
    }
  }

  /// Ends the picture at hand where the next packet is none of it.
  private mutating func separate(_ packet: RTPPacket, _ payload: Span<UInt8>) {
    guard let timestamp else {
      // A picture was given too soon: what comes now is the rest of it.
      if packet.timestamp == marked, depacketizer.goesOn(with: payload) == true {
        (marksParts, isWhole) = (true, false)
      }
      return
    }
    guard depacketizer.hasPicture else { return }
    if timestamp != packet.timestamp || marksParts && depacketizer.goesOn(with: payload) == false { finish(timestamp) }
  }

  private mutating func finish(_ timestamp: UInt32) {
    let time = clock.unwrap(Int(timestamp))
    let (bytes, isKey) = depacketizer.finish()
    self.timestamp = nil
    // Where nothing is left of a picture, the next one is made from what is not there.
    guard !bytes.isEmpty else { return isWhole = isWhole || standsAlone }
    ready.append(
      AccessUnit(
        bytes: bytes, time: time, isKey: isKey, isWhole: isWhole,
        arrival: min(arrival.first, arrival.last)...max(arrival.first, arrival.last)))
    isWhole = true
  }
}
