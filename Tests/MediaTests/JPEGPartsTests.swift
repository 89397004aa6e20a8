import Base
import Testing

@testable import Media

struct JPEGPartsTests {
  /// A file as cameras send them, with a small picture of its own in its head, bytes that are no markers, and restarts.
  private static func picture(_ number: UInt8) -> [UInt8] {
    let inner: [UInt8] = [0xFF, 0xD8, 0xFF, 0xDA, 0, 2, 9, 0xFF, 0xD9]
    return [0xFF, 0xD8, 0xFF, 0xE1, 0, UInt8(inner.count + 2)] + inner + [0xFF, 0xFF, 0xDB, 0, 3, number]
      + [0xFF, 0xDA, 0, 4, 1, 1] + [5, 0xFF, 0, 6, 0xFF, 0xD3, 7, number] + [0xFF, 0xD9]
  }

  private static func units(of bytes: [UInt8], step: Int) throws(Fault) -> [[UInt8]] {
    var place = 0
    let parts = JPEGParts { count in
      let end = min(bytes.count, place + min(count, step))
      defer { place = end }
      return Array(bytes[place..<end])
    }
    var found: [[UInt8]] = []
    while let unit = try parts.next() { found.append(unit.bytes) }
    return found
  }

  @Test(
    "Pictures are found however their parts begin and end, and however the bytes are cut",
    arguments: [
      ("--frame\r\nContent-Type: image/jpeg\r\nContent-Length: 9\r\n\r\n", "\r\n"), ("--frame\n\n", "\n"),
      ("\r\n\r\n--frame\r\n\r\n", "\r\n"), ("Content-Type: image/jpeg\r\n\r\n", "\r\n--x\r\n"), ("", ""),
      ("content-length: 3\n\n", "--other--\n"),
    ])
  func forms(head: String, end: String) throws {
    let sent = (0..<5).map { Self.picture(UInt8($0)) }
    let bytes = sent.flatMap { Array(head.utf8) + $0 + Array(end.utf8) }
    for step in [1, 7, 1000] { #expect(try Self.units(of: bytes, step: step) == sent, "in parts of \(step)") }
    #expect(StreamDemuxer.Kind(start: bytes) == .parts)
  }

  @Test("A picture that is cut off costs itself, and nothing is taken for one that is none")
  func damage() throws {
    let (one, two) = (Self.picture(1), Self.picture(2))
    let broken = Array(one.dropLast(3)) + Array("\r\n--frame\r\n\r\n".utf8)
    #expect(try Self.units(of: broken + two + one, step: 10) == [two, one])
    #expect(try Self.units(of: [0xFF, 0xD8, 0xFF, 0x00] + two + one, step: 10) == [two, one])
    #expect(try Self.units(of: Array("--frame\r\n".utf8) + one.dropLast(), step: 10) == [])
    var dice = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var bytes = (0..<20).flatMap { Self.picture($0) }
      for _ in 0..<20 { bytes[Int.random(in: 0..<bytes.count, using: &dice)] = .random(in: 0...255, using: &dice) }
      do throws(Fault) { #expect(try Self.units(of: bytes, step: 100).count <= 40) } catch {
        #expect(error.kind == .unsupported)
      }
    }
  }

  @Test("A still, a picture without an end and an end without a picture are told as such")
  func bounds() throws {
    #expect(
      throws: Fault(.unsupported, "the address has one JPEG picture, and no stream: give that of the camera's stream")
    ) { try Self.units(of: Self.picture(1), step: 100) }
    let block = [UInt8](repeating: 65, count: 1 << 16)
    #expect(throws: Fault(.badInput, "there is no picture in 16 MiB of what came")) {
      try JPEGParts { _ in block }.next()
    }
    var hasBegun = false
    #expect(throws: Fault(.tooLarge, "a JPEG picture does not end within 32 MiB")) {
      try JPEGParts { _ in
        defer { hasBegun = true }
        return hasBegun ? block : [0xFF, 0xD8, 0xFF, 0xDA, 0, 2]
      }.next()
    }
  }
}
