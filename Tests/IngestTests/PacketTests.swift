import Testing

@testable import Ingest

/// Makes RTP packets as cameras do.
struct Packets {
  var sequence: UInt16 = 65_530
  var source: UInt32 = 7

  mutating func next(_ payload: [UInt8], timestamp: UInt32, isMarked: Bool = false) -> [UInt8] {
    defer { sequence &+= 1 }
    return [0x80, isMarked ? 0xE0 : 0x60, UInt8(sequence >> 8), UInt8(sequence & 0xFF)]
      + BigEndian.bytes(timestamp) + BigEndian.bytes(source) + payload
  }
}

struct PacketTests {
  private let format = VideoFormat(codec: .h264, clockRate: 90_000, number: 96, parameters: [])

  @Test(
    "A header says its format, its place and where the payload lies, with sources, an extension and padding around it")
  func header() throws {
    let bytes: [UInt8] =
      [0xB1, 0xE0, 0x12, 0x34, 0, 0, 0, 9, 0, 0, 0, 7] + [1, 2, 3, 4] + [0xBE, 0xDE, 0, 1, 5, 5, 5, 5] + [42, 43, 0, 2]
    let packet = try #require(RTPPacket(of: bytes))
    #expect(packet.format == 96 && packet.isMarked && packet.sequence == 0x1234 && packet.timestamp == 9)
    #expect(packet.source == 7 && Array(bytes[packet.payload]) == [42, 43])
  }

  @Test("Whatever bytes come, a packet's payload lies inside them")
  func anyBytes() {
    var dice = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      var bytes = (0..<Int.random(in: 0...40, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
      if let first = bytes.first { bytes[0] = first & 0x3F | 0x80 }
      guard let packet = RTPPacket(bytes.span) else { continue }
      #expect(packet.payload.lowerBound >= 12 && packet.payload.upperBound <= bytes.count)
    }
  }

  @Test("Counters go on where they wrap, and where values come out of order")
  func counter() {
    var counter = UnwrappedCounter(bits: 16)
    #expect(
      [65_534, 65_535, 0, 2, 1, 3].map { counter.unwrap($0) } == [65_534, 65_535, 65_536, 65_538, 65_537, 65_539])
    var clock = UnwrappedCounter(bits: 32)
    let wrapped = [clock.unwrap(0xFFFF_FF00), clock.unwrap(0x100)]
    #expect(wrapped == [0xFFFF_FF00, 0x1_0000_0100])
  }

  @Test("Packets that overtook each other come in order; one that never comes is waited for, and then counted")
  func order() throws {
    var (packets, order) = (Packets(), PacketOrder(mostWaiting: 8, patience: 1000))
    let sent = (0..<6).map { packets.next([UInt8($0)], timestamp: 0) }
    for (number, place) in [0, 2, 1, 4, 5].enumerated() {
      order.add(sent[place], try #require(RTPPacket(of: sent[place])), arrival: UInt64(number))
    }
    var got: [UInt8] = []
    while let next = order.take(now: 10) { got.append(next.bytes[12]) }
    #expect(got == [0, 1, 2] && order.deadline == 1003)
    let taken = order.take(now: 1003)
    let next = try #require(taken)
    #expect(next.bytes[12] == 4 && next.missing == 1 && order.lost == 1)
    order.add(sent[3], try #require(RTPPacket(of: sent[3])), arrival: 1004)
    let last = order.take(now: 1004)
    #expect(order.late == 1 && last?.bytes[12] == 5)
  }

  @Test(
    "A picture is given with its last packet; one of several packets, of several units in one, and of parts of a unit")
  func picture() throws {
    var (packets, assembler) = (Packets(), PictureAssembler(format))
    let parameters: [UInt8] = [24, 0, 2, 0x67, 1, 0, 2, 0x68, 2]
    let parts: [[UInt8]] = [[0x7C, 0x85, 10, 11], [0x7C, 0x05, 12], [0x7C, 0x45, 13]]
    assembler.add(packets.next(parameters, timestamp: 3000), arrival: 1)
    for part in parts.dropLast() { assembler.add(packets.next(part, timestamp: 3000), arrival: 2) }
    let early = assembler.take(now: 2)
    #expect(early == nil)
    assembler.add(packets.next(parts[2], timestamp: 3000, isMarked: true), arrival: 3)
    let unitUnit = assembler.take(now: 3)
    let unit = try #require(unitUnit)
    #expect(unit.bytes == [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 10, 11, 12, 13])
    #expect(unit.isKey && unit.isWhole && unit.time == 3000 && unit.arrival == 1...3)
    assembler.add(packets.next([0x41, 9], timestamp: 6600, isMarked: true), arrival: 4)
    let nextUnit = assembler.take(now: 4)
    let next = try #require(nextUnit)
    #expect(next.bytes == [0, 0, 0, 1, 0x41, 9] && !next.isKey && next.time == 6600)
  }

  @Test("A lost packet costs the unit that it was part of, and the picture is told as not whole; the next one is again")
  func loss() throws {
    var (packets, assembler) = (Packets(), PictureAssembler(format))
    assembler.add(packets.next([0x41, 1], timestamp: 0), arrival: 1)
    assembler.add(packets.next([0x5C, 0x81, 2], timestamp: 0), arrival: 1)
    _ = packets.next([0x5C, 0x01, 3], timestamp: 0)
    assembler.add(packets.next([0x5C, 0x41, 4], timestamp: 0, isMarked: true), arrival: 1)
    let brokenUnit = assembler.take(now: 1)
    let broken = try #require(brokenUnit)
    #expect(!broken.isWhole && broken.bytes == [0, 0, 0, 1, 0x41, 1] && assembler.lost == 1)
    assembler.add(packets.next([0x41, 5], timestamp: 3600, isMarked: true), arrival: 2)
    let whole = assembler.take(now: 2)
    #expect(whole?.isWhole == true)
    // Without the last packet of a picture the next one ends it.
    assembler.add(packets.next([0x41, 6], timestamp: 7200), arrival: 3)
    assembler.add(packets.next([0x41, 7], timestamp: 10_800, isMarked: true), arrival: 4)
    let times = [assembler.take(now: 4)?.time, assembler.take(now: 4)?.time]
    #expect(times == [7200, 10_800])
  }

  @Test("A sender that begins anew counts from anywhere")
  func newSender() throws {
    var (packets, assembler) = (Packets(), PictureAssembler(format))
    assembler.add(packets.next([0x41, 1], timestamp: 90_000, isMarked: true), arrival: 1)
    packets = Packets(sequence: 3, source: 8)
    assembler.add(packets.next([0x41, 2], timestamp: 5, isMarked: true), arrival: 2)
    let old = assembler.take(now: 2)
    #expect(old?.bytes.last == 1)
    let nextUnit = assembler.take(now: 2)
    let next = try #require(nextUnit)
    #expect(next.isWhole && assembler.lost == 0 && next.bytes.last == 2)
  }

  @Test("Whatever packets come, pictures of any codec stay within bounds", arguments: VideoFormat.Codec.allCases)
  func anyPayload(codec: VideoFormat.Codec) {
    var dice = SystemRandomNumberGenerator()
    let format = VideoFormat(codec: codec, clockRate: 90_000, number: 96, parameters: [])
    var (packets, assembler) = (Packets(), PictureAssembler(format, waits: (8, 100)))
    var sent = 0
    for round in 0..<20_000 {
      let payload = (0..<Int.random(in: 0...60, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
      if Int.random(in: 0..<20, using: &dice) == 0 { packets.sequence &+= UInt16.random(in: 0...300, using: &dice) }
      let bytes = packets.next(payload, timestamp: UInt32(round / 7), isMarked: Bool.random(using: &dice))
      sent += bytes.count
      assembler.add(bytes, arrival: UInt64(round))
      while let unit = assembler.take(now: UInt64(round)) { #expect(unit.bytes.count < sent + 100_000) }
    }
  }
}

extension RTPPacket {
  init?(of bytes: [UInt8]) { self.init(bytes.span) }
}

extension SenderReport {
  init?(of bytes: [UInt8]) { self.init(bytes.span) }
}
