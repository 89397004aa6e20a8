import Testing

@testable import Ingest

/// Cameras that call parts of a picture its end, and what is missing between pictures.
struct MarkTests {
  private let format = VideoFormat(codec: .h264, clockRate: 90_000, number: 96, parameters: [])
  /// The first slice of a picture made from others, a later one, and the first of intra slices.
  private static let (first, later): ([UInt8], [UInt8]) = ([0x41, 0x98, 1], [0x41, 0x16, 0x60, 2])
  private static let intra: [UInt8] = [0x41, 0x88, 3]

  private func units(_ sent: [(payload: [UInt8], timestamp: UInt32, isMarked: Bool)]) -> [AccessUnit] {
    var (packets, assembler, found) = (Packets(), PictureAssembler(format), [AccessUnit]())
    for (number, one) in sent.enumerated() {
      assembler.add(
        packets.next(one.payload, timestamp: one.timestamp, isMarked: one.isMarked), arrival: UInt64(number + 1))
      while let unit = assembler.take(now: UInt64(number + 1)) { found.append(unit) }
    }
    return found
  }

  @Test("Where each slice is marked, pictures are whole from the second on, and the first is told as none")
  func slices() {
    var sent: [(payload: [UInt8], timestamp: UInt32, isMarked: Bool)] = []
    for number in 0..<5 {
      for payload in [Self.first, Self.later, Self.later] { sent.append((payload, UInt32(number) * 3600, true)) }
    }
    let found = units(sent)
    #expect(found.map(\.time) == [0, 0, 3600, 7200, 10_800])
    #expect(found.map(\.isWhole) == [true, false, true, true, true])
    #expect(found.dropFirst(2).allSatisfy { $0.bytes.count == 3 * 4 + 3 + 4 + 4 })
  }

  @Test("Pictures of one time are told apart where each slice is marked")
  func oneTime() {
    let picture = [Self.first, Self.later]
    let found = units((0..<4).flatMap { _ in picture.map { ($0, 0, true) } } + [(Self.first, 9, true)])
    #expect(found.count == 5 && found.dropFirst(2).allSatisfy { $0.isWhole && $0.bytes.count == 2 * 4 + 3 + 4 })
  }

  @Test("Marked parameters of an earlier time are no picture; they belong to the next one")
  func parameters() {
    let found = units([
      ([0x67, 1], 1000, true), ([0x68, 2], 1000, true), ([0x65, 0x88, 4], 3600, true), (Self.first, 7200, true),
    ])
    #expect(found.map(\.time) == [3600, 7200] && found.map(\.isKey) == [true, false])
    #expect(found[0].bytes.starts(with: [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65]))
  }

  @Test("A picture with parameters stands alone where its slices do")
  func keys() {
    let found = units([
      ([0x67, 1], 0, false), (Self.first, 0, true), ([0x67, 1], 3600, false), (Self.intra, 3600, true),
      (Self.intra, 7200, true),
    ])
    #expect(found.map(\.isKey) == [false, true, false])
  }

  @Test("What is missing from the end of one picture to the middle of another makes neither whole")
  func missing() throws {
    var (packets, assembler) = (Packets(), PictureAssembler(format))
    assembler.add(packets.next(Self.first, timestamp: 0), arrival: 1)
    for _ in 0..<3 { _ = packets.next(Self.later, timestamp: 0) }
    assembler.add(packets.next(Self.later, timestamp: 7200, isMarked: true), arrival: 2)
    assembler.add(packets.next(Self.first, timestamp: 10_800, isMarked: true), arrival: 3)
    let found = (0..<3).compactMap { _ in assembler.take(now: 3) }
    #expect(found.map(\.isWhole) == [false, false, true])
  }

  @Test("A picture of which nothing is left makes the next one not whole")
  func nothingLeft() {
    var (packets, assembler) = (Packets(), PictureAssembler(format))
    assembler.add(packets.next(Self.first, timestamp: 0, isMarked: true), arrival: 1)
    assembler.add(packets.next([0x5C, 0x81, 0x98], timestamp: 3600), arrival: 2)
    _ = packets.next([0x5C, 0x41, 4], timestamp: 3600, isMarked: true)
    assembler.add(packets.next(Self.first, timestamp: 7200, isMarked: true), arrival: 3)
    let found = (0..<3).compactMap { _ in assembler.take(now: 3) }
    #expect(found.map(\.time) == [0, 7200] && found.map(\.isWhole) == [true, false])
  }

  @Test("HEVC marked at each unit is cut where the first slice of a picture says so")
  func hevc() {
    let format = VideoFormat(codec: .hevc, clockRate: 90_000, number: 96, parameters: [])
    var (packets, assembler, found) = (Packets(), PictureAssembler(format), [AccessUnit]())
    for number in 0..<4 {
      for payload: [UInt8] in [[0x40, 1, 9, 9], [0x02, 1, 0x80, 5], [0x02, 1, 0x40, 6]] {
        assembler.add(packets.next(payload, timestamp: UInt32(number) * 3600, isMarked: true), arrival: 1)
        while let unit = assembler.take(now: 1) { found.append(unit) }
      }
    }
    #expect(found.map(\.time) == [0, 0, 3600, 7200] && found.dropFirst(2).allSatisfy(\.isWhole))
  }
}
