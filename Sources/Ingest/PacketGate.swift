internal import Base

/// Lets the packets of one sender and one format through, and knows why none are.
///
/// Cameras mix other senders' numbers and other formats into the numbering of their pictures: the first go on as the one sender's, the second
/// are taken out of the numbering where packets come in order.
struct PacketGate {
  /// Nanoseconds without a packet of the one sender after which another one takes its place, and without one of the format until that is a fault.
  private static let (silence, patience) = (UInt64(1_000_000_000), UInt64(4_000_000_000))
  /// How far apart packets of one numbering are, at most, and their times in seconds.
  private static let (near, nearTime) = (64, 10)

  private let format: VideoFormat
  /// Over a connection none is lost or late.
  private let isOrdered: Bool
  private var sender: UInt32?
  private var last: (sequence: UInt16, timestamp: UInt32, arrival: UInt64)?
  /// Packets that were taken out of the numbering.
  private var removed: UInt16 = 0
  /// The first format that was not promised, and when it came.
  private var stranger: (format: UInt8, arrival: UInt64)?
  private var obstacle: String?

  init(_ format: VideoFormat, isOrdered: Bool) { (self.format, self.isOrdered) = (format, isOrdered) }

  /// The packet as it goes on; `nil` where it does not.
  mutating func take(_ bytes: [UInt8], arrival: UInt64) -> [UInt8]? {
    guard let packet = RTPPacket(bytes.span) else { return nil }
    guard packet.format == format.number else {
      passOver(packet, arrival)
      return nil
    }
    if packet.source != sender, !goesOn(packet) {
      if let last, arrival < last.arrival + Self.silence { return nil }
      (sender, last, removed) = (packet.source, nil, 0)
    }
    let isAhead = last.map { isOrdered || Int16(bitPattern: packet.sequence &- $0.sequence) > 0 } ?? true
    last = isAhead ? (packet.sequence, packet.timestamp, arrival) : last.map { ($0.sequence, $0.timestamp, arrival) }
    if format.codec == .mjpeg, obstacle == nil {
      let payload = bytes.span.extracting(packet.payload)
      obstacle = JPEGDepacketizer.obstacle(payload, width: format.width, height: format.height)
    }
    return rewritten(bytes, packet)
  }

  /// Why there are no pictures; `nil` while there is no reason.
  func fault(now: UInt64) -> Fault? {
    if let obstacle { return Fault(.unsupported, obstacle) }
    guard last == nil, let stranger, now > stranger.arrival + Self.patience else { return nil }
    let promise = "\(format.number) for \(format.codec.rawValue)"
    return Fault(.unavailable, "packets of payload type \(stranger.format) come, and the camera promised \(promise)")
  }

  private mutating func passOver(_ packet: RTPPacket, _ arrival: UInt64) {
    if stranger == nil { stranger = (packet.format, arrival) }
    guard isOrdered, packet.source == sender, let last, packet.sequence == last.sequence &+ 1 else { return }
    self.last?.sequence = packet.sequence
    removed &+= 1
  }

  /// It stands in the numbering of the one sender, whatever it says who sent it.
  private func goesOn(_ packet: RTPPacket) -> Bool {
    guard let last, sender != nil else { return false }
    let step = Int(Int16(bitPattern: packet.sequence &- last.sequence))
    let time = abs(Int(Int32(bitPattern: packet.timestamp &- last.timestamp)))
    return (isOrdered ? step == 1 : abs(step) <= Self.near) && time <= Self.nearTime * format.clockRate
  }

  private func rewritten(_ bytes: [UInt8], _ packet: RTPPacket) -> [UInt8] {
    guard let sender, removed != 0 || packet.source != sender else { return bytes }
    var bytes = bytes
    let sequence = packet.sequence &- removed
    (bytes[2], bytes[3]) = (UInt8(sequence >> 8), UInt8(sequence & 0xFF))
    bytes.replaceSubrange(8..<12, with: BigEndian.bytes(sender))
    return bytes
  }
}
