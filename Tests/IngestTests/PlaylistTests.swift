import Base
import Testing

@testable import Ingest

/// Answers from memory, as a server would.
private final class Shelf: WebSource {
  var bodies: [String: [UInt8]] = [:]
  var asked: [String] = []
  private var rest: [UInt8] = []
  /// Whether it gives parts, or all of what it is asked a part of.
  var givesParts = true

  func open(_ address: String, at base: String, range: Range<Int>?) throws(Fault) -> WebBody {
    asked.append(address)
    guard let body = bodies[address] else { throw Fault(.notFound, "there is nothing at \(address)") }
    rest = range.map { givesParts ? Array(body[$0]) : body } ?? body
    return WebBody(address: address, byteCount: rest.count, isPart: range != nil && givesParts)
  }

  func read(upTo count: Int) throws(Fault) -> [UInt8] {
    defer { rest.removeFirst(min(3, count, rest.count)) }
    return Array(rest.prefix(min(3, count)))
  }
}

struct PlaylistTests {
  private func text(_ lines: String...) -> [UInt8] { Array((["#EXTM3U"] + lines).joined(separator: "\r\n").utf8) }

  @Test("Segments have their numbers, times, parts, keys and beginnings")
  func media() throws {
    let list = try HLSPlaylist(
      text(
        "#EXT-X-TARGETDURATION:4", "#EXT-X-MEDIA-SEQUENCE:7", "#EXT-X-MAP:URI=\"init.mp4\",BYTERANGE=\"100@0\"",
        "#EXTINF:3.5,", "#EXT-X-BYTERANGE:10@100", "all.mp4", "#EXTINF:4", "#EXT-X-BYTERANGE:20", "all.mp4",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"k,1\",IV=0x01", "#EXT-X-DISCONTINUITY", "b.ts", "#EXT-X-KEY:METHOD=NONE",
        "#EXT-X-GAP", "c.ts", "#EXT-X-ENDLIST"))
    #expect(list.segments.map(\.number) == [7, 8, 9, 10] && list.targetDuration == 4 && list.isWhole)
    #expect(list.segments.map(\.range) == [100..<110, 110..<130, nil, nil])
    #expect(list.segments[0].map == HLSPlaylist.Map(address: "init.mp4", range: 0..<100))
    let start = [UInt8](repeating: 0, count: 15) + [1]
    #expect(list.segments.map(\.key) == [nil, nil, HLSPlaylist.Key(address: "k,1", start: start), nil])
    #expect(list.segments.map(\.isNewBeginning) == [false, false, true, false] && list.segments[3].isGap)
  }

  @Test("The best variant has pictures, at most 1080 lines of them where there is a choice")
  func variants() throws {
    let line = { (bytes: Int, size: String, codecs: String) in
      "#EXT-X-STREAM-INF:BANDWIDTH=\(bytes),CODECS=\"\(codecs)\"\(size.isEmpty ? "" : ",RESOLUTION=\(size)")"
    }
    let list = try HLSPlaylist(
      text(
        line(90, "3840x2160", "hvc1.1"), "4k", line(50, "1920x1080", "avc1.6"), "hd", line(99, "", "mp4a.40.2"), "sound"
      ))
    #expect(list.best?.address == "hd")
    #expect(try HLSPlaylist(text(line(90, "3840x2160", ""), "4k")).best?.address == "4k")
    #expect(try HLSPlaylist(text(line(99, "", "mp4a.40.2"), "sound")).best == nil)
  }

  @Test(
    "What is no playlist, or encrypted in another way, is refused",
    arguments: [
      "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\na.ts", "#EXT-X-KEY:METHOD=AES-128,KEYFORMAT=\"com.x\",URI=\"k\"\na.ts",
      "#EXT-X-KEY:METHOD=AES-128,URI=\"k\",IV=1\na.ts", "#EXT-X-BYTERANGE:-5@2\na.ts",
      "#EXT-X-BYTERANGE:99999999999999999\na.ts",
      "#EXT-X-STREAM-INF:BANDWIDTH=1\nv\n#EXTINF:1\na.ts",
    ])
  func refused(lines: String) {
    #expect(throws: Fault.self) { try HLSPlaylist(Array("#EXTM3U\n\(lines)\n".utf8)) }
    #expect(throws: Fault.self) { try HLSPlaylist(Array(lines.utf8)) }
  }

  @Test("A list of more segments than there can be is refused, and strange numbers are harmless")
  func bounds() throws {
    let many = Array("#EXTM3U\n".utf8) + Array(repeating: Array("a\n".utf8), count: 60_000).joined()
    #expect(throws: Fault(.tooLarge, "the playlist names more than 50000 segments")) { try HLSPlaylist(many) }
    let list = try HLSPlaylist(
      text("#EXT-X-MEDIA-SEQUENCE:9223372036854775807", "#EXTINF:nan,", "a", "#EXTINF:1e400,", "b"))
    #expect(list.segments.count == 2 && list.segments.allSatisfy { $0.duration <= 86_400 })
  }

  @Test(
    "All bytes of all segments come in order, a beginning before each that does not go on; parts too",
    arguments: [true, false])
  func reading(givesParts: Bool) throws {
    let shelf = Shelf()
    shelf.givesParts = givesParts
    shelf.bodies = ["init": [9, 9], "all": Array(0..<20), "b": [50, 51, 52, 53]]
    let list = text(
      "#EXT-X-MAP:URI=\"init\"", "#EXT-X-BYTERANGE:5@2", "all", "#EXT-X-BYTERANGE:4", "all", "gone",
      "#EXT-X-DISCONTINUITY",
      "b", "#EXT-X-ENDLIST")
    let reader = try HLSReader(list, at: "index", source: shelf)
    var (parts, begins) = ([UInt8](), [Int]())
    while case let piece = try reader.take(), piece != .end {
      switch piece {
      case .begin(let start):
        begins.append(parts.count)
        parts += start
      case .bytes(let bytes): parts += bytes
      case .end: break
      }
    }
    #expect(
      parts == [9, 9, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 9, 50, 51, 52, 53] && begins == [0, 11], "\(parts) \(begins)")
  }

  @Test("A playlist that leads to lists of variants again, or to segments that are gone, ends with its reason")
  func faults() throws {
    let shelf = Shelf()
    shelf.bodies["again"] = text("#EXT-X-STREAM-INF:BANDWIDTH=1", "again")
    #expect(throws: Fault(.badInput, "a variant of the stream is a list of variants again")) {
      try HLSReader(shelf.bodies["again"] ?? [], at: "again", source: shelf)
    }
    #expect(throws: Fault(.unavailable, "the live stream has ended: its playlist says that nothing more comes")) {
      try HLSReader(text("#EXT-X-MEDIA-SEQUENCE:7", "a", "#EXT-X-ENDLIST"), at: "x", source: shelf)
    }
    _ = try HLSReader(
      text("#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-MEDIA-SEQUENCE:7", "a", "#EXT-X-ENDLIST"), at: "x", source: shelf)
    let gone = try HLSReader(text("a", "b", "c", "d", "#EXT-X-ENDLIST"), at: "x", source: shelf)
    #expect(throws: Fault(.notFound, "there is nothing at c")) { try gone.take() }
  }

  @Test("A report names who sent, what came last and what was lost")
  func report() {
    let bytes = ReceptionReport(sender: 0x0102_0304, last: 0x1_0007, lost: 300).bytes(from: 5)
    #expect(bytes.prefix(12) == [0x81, 201, 0, 7, 0, 0, 0, 5, 1, 2, 3, 4])
    #expect(bytes[12..<20] == [0, 0, 1, 44, 0, 1, 0, 7] && bytes[32..<36] == [0x81, 202, 0, 4])
    #expect(
      bytes.count == 52 && ReceptionReport(sender: nil, last: 0, lost: 0).bytes(from: 5).prefix(4) == [0x80, 201, 0, 1])
  }
}
