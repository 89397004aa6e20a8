import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct StreamDemuxerTests {
  /// 50 pictures of 25 a second with sound, in containers that can be read without seeking.
  private static let forms = [
    "ts": "-c:a mp2 -f mpegts", "flv": "-c:a aac -f flv", "mp4": "-c:a aac -movflags frag_keyframe+empty_moov -f mp4",
  ]

  private static func bytes(_ form: String, _ folder: TemporaryFolder) throws -> [UInt8] {
    let path = folder.file("film.\(form)")
    let words = """
      -v error -nostdin -y -f lavfi -i testsrc2=size=192x108:rate=25 -f lavfi -i sine -t 2 -c:v libx264 -preset ultrafast -g 25 -bf 2 \
      -pix_fmt yuv420p \(forms[form, default: ""]) \(path)
      """
    let result = shell(["ffmpeg"] + words.split(separator: " ").map(String.init))
    try #require(result.status == 0, "\(result.errors)")
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// What comes of bytes that are read in parts of at most so many.
  private static func units(
    of bytes: [UInt8], _ kind: StreamDemuxer.Kind, step: Int
  ) throws -> [StreamDemuxer.Unit] {
    var place = 0
    let demuxer = try StreamDemuxer(kind) { count in
      let end = min(bytes.count, place + min(count, step))
      defer { place = end }
      return Array(bytes[place..<end])
    }
    var units: [StreamDemuxer.Unit] = []
    while let unit = try demuxer.next() { units.append(unit) }
    return units
  }

  @Test(
    "Every picture comes with its times and start codes, however the bytes are cut", arguments: ["ts", "flv", "mp4"])
  func pictures(form: String) throws {
    let folder = TemporaryFolder()
    let bytes = try Self.bytes(form, folder)
    let kind = try #require(StreamDemuxer.Kind(start: Array(bytes.prefix(600))))
    let units = try Self.units(of: bytes, kind, step: .max)
    #expect(units.count == 50 && units.allSatisfy { $0.codec == .h264 && $0.isWhole && $0.bytes.starts(with: [0, 0]) })
    let shown = units.compactMap(\.pts).sorted()
    for (a, b) in zip(shown, shown.dropFirst()) { #expect(abs(b - a - 3600) <= 90, "\(shown)") }
    let decoded = units.compactMap(\.dts)
    #expect(decoded == decoded.sorted() && decoded.count == 50)
    #expect(units.indices.filter { units[$0].isKey } == [0, 25])
    for step in [1, 100, 188, 4096] {
      #expect(try Self.units(of: bytes, kind, step: step) == units, "in parts of \(step)")
    }
    let decoder = try LiveDecoder(.h264, clockRate: StreamDemuxer.clockRate)
    var count = 0
    for (tag, unit) in units.enumerated() {
      count += try decoder.decode(unit.bytes, time: unit.pts ?? 0, seconds: 0, tag: tag).count
    }
    #expect(count >= 46)
  }

  @Test("What is damaged or cut off anywhere is a fault or fewer pictures", arguments: ["ts", "flv", "mp4"])
  func damage(form: String) throws {
    let folder = TemporaryFolder()
    let bytes = try Self.bytes(form, folder)
    let kind = try #require(StreamDemuxer.Kind(start: Array(bytes.prefix(600))))
    var random = SeededRandom(11)
    for round in 0..<100 {
      var changed = Array(bytes.prefix(round % 3 == 0 ? Int.random(in: 0...bytes.count, using: &random) : bytes.count))
      for _ in 0..<Int.random(in: 0...40, using: &random) where !changed.isEmpty {
        // Half of them where the heads are.
        let end = Bool.random(using: &random) ? min(2000, changed.count) : changed.count
        changed[Int.random(in: 0..<end, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      do { _ = try Self.units(of: changed, kind, step: 1000) } catch let fault as Fault {
        #expect([.badInput, .unsupported, .exhausted].contains(fault.kind), "\(fault)")
      }
    }
  }

  @Test("Nothing but containers is taken for one")
  func kinds() {
    #expect(StreamDemuxer.Kind(start: Array("#EXTM3U\n#EXT-X-TARGETDURATION:1\n".utf8)) == nil)
    #expect(StreamDemuxer.Kind(start: []) == nil && StreamDemuxer.Kind(start: [0x47]) == nil)
    var random = SeededRandom(3)
    for _ in 0..<1000 {
      let bytes = (0..<600).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(StreamDemuxer.Kind(start: bytes) == nil)
    }
    let packets =
      [UInt8](repeating: 9, count: 100) + (0..<4).flatMap { _ in [0x47] + [UInt8](repeating: 0, count: 187) }
    #expect(StreamDemuxer.Kind(start: packets) == .transport)
  }

  @Test("A stream without an end or a picture is left after 16 MiB")
  func endless() throws {
    let packet: [UInt8] = [0x47, 1, 0, 0x10] + [UInt8](repeating: 0, count: 184)
    #expect(throws: Fault(.badInput, "there is no picture in 16 MiB of what came")) {
      let demuxer = try StreamDemuxer(.transport) { count in
        Array(repeating: packet, count: 100).flatMap { $0 }.prefix(count).map { $0 }
      }
      while try demuxer.next() != nil {}
    }
  }
}
