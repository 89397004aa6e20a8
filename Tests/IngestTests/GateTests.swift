import Base
import Testing

@testable import Ingest

struct GateTests {
  private let format = VideoFormat(codec: .h264, clockRate: 90_000, number: 96, parameters: [])

  private func other(_ format: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    bytes[1] = bytes[1] & 0x80 | format
    return bytes
  }

  @Test(
    "Packets of two senders in one numbering are one stream, over a connection and beside it", arguments: [true, false])
  func mixedSenders(isOrdered: Bool) throws {
    var (packets, gate, assembler) = (Packets(), PacketGate(format, isOrdered: isOrdered), PictureAssembler(format))
    var times: [Int] = []
    for number in 0..<40 {
      packets.source = number % 7 == 3 ? 0 : 2
      let bytes = packets.next([0x41, 1], timestamp: UInt32(number * 3600), isMarked: true)
      let taken = gate.take(bytes, arrival: UInt64(number) * 40_000_000)
      let passed = try #require(taken)
      #expect(passed[8..<12] == [0, 0, 0, 2])
      assembler.add(passed, arrival: 1)
      while let unit = assembler.take(now: 1) { times.append(unit.isWhole ? unit.time : -1) }
    }
    #expect(times == (0..<40).map { $0 * 3600 } && assembler.lost == 0)
  }

  @Test("A sender with a numbering of its own is heard only once the other one is silent")
  func secondSender() {
    var (one, two) = (Packets(sequence: 100, source: 1), Packets(sequence: 40_000, source: 2))
    var gate = PacketGate(format, isOrdered: true)
    var passed = ""
    for number in 0..<100 {
      let arrival = UInt64(number) * 40_000_000
      let first = number < 50 ? gate.take(one.next([1], timestamp: UInt32(number * 3600)), arrival: arrival) : nil
      let second = gate.take(two.next([1], timestamp: 7), arrival: arrival + 1)
      passed += first != nil ? "1" : second != nil ? "2" : "-"
      #expect(first == nil || second == nil)
    }
    #expect(
      passed == String(repeating: "1", count: 50) + String(repeating: "-", count: 24)
        + String(repeating: "2", count: 26))
  }

  @Test("Packets of another format in the numbering of the pictures are not counted as lost; those that are, are")
  func otherFormat() throws {
    var (packets, gate, assembler) = (Packets(), PacketGate(format, isOrdered: true), PictureAssembler(format))
    var whole = 0
    for number in 0..<60 {
      if number == 30 { _ = packets.next([1], timestamp: 0) }
      for _ in 0..<number % 3 {
        let strange = gate.take(other(50, packets.next([1], timestamp: 0)), arrival: UInt64(number))
        #expect(strange == nil)
      }
      let bytes = packets.next([0x41, 1], timestamp: UInt32(number * 3600), isMarked: true)
      let taken = gate.take(bytes, arrival: UInt64(number))
      assembler.add(try #require(taken), arrival: 1)
      while let unit = assembler.take(now: 1) { whole += unit.isWhole ? 1 : 0 }
    }
    #expect(assembler.lost == 1 && whole == 59)
    // A format with a numbering of its own leaves that of the pictures alone.
    var sound = Packets(sequence: 7, source: packets.source)
    let heard = gate.take(other(97, sound.next([1], timestamp: 0)), arrival: 90)
    let seen = gate.take(packets.next([0x41, 2], timestamp: 60 * 3600, isMarked: true), arrival: 91)
    assembler.add(try #require(seen), arrival: 91)
    #expect(heard == nil)
    #expect(assembler.lost == 1)
  }

  @Test("Packets of a format that was not promised, and no others, are named after some seconds")
  func strangers() {
    var (packets, gate) = (Packets(), PacketGate(format, isOrdered: true))
    let strange = gate.take(other(97, packets.next([1], timestamp: 0)), arrival: 1)
    #expect(strange == nil)
    #expect(gate.fault(now: 3_900_000_000) == nil)
    let fault = Fault(.unavailable, "packets of payload type 97 come, and the camera promised 96 for h264")
    #expect(gate.fault(now: 4_100_000_000) == fault)
    let promised = gate.take(packets.next([1], timestamp: 0), arrival: 2)
    #expect(promised != nil && gate.fault(now: .max) == nil)
  }

  /// As RTP has it: eighths of a width and height, tables, and a scan of two bytes.
  private func jpeg(_ width: UInt8, _ height: UInt8, tables: Int, precision: UInt8 = 0, type: UInt8 = 1) -> [UInt8] {
    [0, 0, 0, 0, type, 255, width, height, 0, precision, UInt8(tables * 64 >> 8), UInt8(tables * 64 & 0xFF)]
      + (0..<tables).flatMap { [UInt8](repeating: UInt8($0 + 1), count: 64) } + [1, 2, 3]
  }

  @Test("JPEG with a table for each component has them all in its file", arguments: [1, 2, 3])
  func tables(count: Int) throws {
    var depacketizer = JPEGDepacketizer()
    let isRead = depacketizer.add(jpeg(80, 45, tables: count).span)
    #expect(isRead)
    let (file, isKey) = depacketizer.finish()
    let marks = file.indices.dropLast().filter { file[$0] == 0xFF && file[$0 + 1] == 0xDB }
    #expect(isKey && marks.map { file[$0 + 4] } == Array(0..<UInt8(max(2, count))))
    let frame = try #require(file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
    #expect(Array(file[frame + 5..<frame + 9]) == [1, 104, 2, 128] && file[frame + 18] == UInt8(count == 3 ? 2 : 1))
  }

  @Test("JPEG that is too large for RTP has the size that the description tells, and is refused by name without one")
  func large() throws {
    let text = "m=video 0 RTP/AVP 26\na=x-dimensions:2560,1440\n"
    var format = try SessionDescription(text).video().format
    #expect(try SessionDescription("m=video 0 RTP/AVP 26\na=framesize:26 2560-1440\n").video().format == format)
    var depacketizer = format.depacketizer
    let isRead = depacketizer.add(jpeg(0, 180, tables: 2).span)
    #expect(isRead)
    let file = depacketizer.finish().bytes
    let frame = try #require(file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
    #expect(Array(file[frame + 5..<frame + 9]) == [5, 160, 10, 0])
    (format.width, format.height) = (0, 0)
    var packets = Packets()
    for (payload, word) in [
      (jpeg(0, 180, tables: 2), "over 2040 pixels"), (jpeg(80, 45, tables: 2, precision: 1), "tables of 16 bits"),
      (jpeg(80, 45, tables: 2, type: 5), "type 5"),
    ] {
      var gate = PacketGate(format, isOrdered: true)
      _ = gate.take(other(26, packets.next(payload, timestamp: 0)), arrival: 1)
      #expect(gate.fault(now: 1)?.kind == .unsupported && gate.fault(now: 1)?.message.contains(word) == true)
    }
  }
}
