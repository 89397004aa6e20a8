import Base
import Testing

@testable import Ingest

/// Answers with one playlist after the other, and with a byte for each segment.
private final class Studio: WebSource {
  var lists: [[UInt8]]
  var asked: [String] = []
  private var rest: [UInt8] = []

  init(_ lists: [[UInt8]]) { self.lists = lists }

  func open(_ address: String, at base: String, range: Range<Int>?) throws(Fault) -> WebBody {
    rest = [1]
    if address == "index" {
      guard !lists.isEmpty else { throw Fault(.unavailable, "the test is over") }
      rest = lists.removeFirst()
    } else {
      asked.append(address)
    }
    return WebBody(address: address, byteCount: nil, isPart: false)
  }

  func read(upTo count: Int) throws(Fault) -> [UInt8] {
    defer { rest = [] }
    return rest
  }
}

struct PlaylistMemoryTests {
  private func list(_ numbers: Range<Int>, _ name: String = "s", more: String = "", query: String = "") -> [UInt8] {
    let segments = numbers.map { "#EXTINF:1,\n\(name)\($0).ts\(query)\n" }.joined()
    return Array(
      "#EXTM3U\n#EXT-X-TARGETDURATION:0\n#EXT-X-MEDIA-SEQUENCE:\(numbers.lowerBound)\n\(segments)\(more)".utf8)
  }

  private func place(_ number: Int, _ name: String = "s") -> HLSPlaylist.Place {
    HLSPlaylist.Place(number: number, address: "\(name)\(number).ts", start: 0)
  }

  /// The segments that are asked for until the server gives no list any more.
  private func played(_ lists: [[UInt8]], behind place: HLSPlaylist.Place?) throws -> (asked: [String], last: Int?) {
    let studio = Studio(Array(lists.dropFirst()))
    let reader = try HLSReader(lists[0], at: "index", source: studio, behind: place)
    var last: Int?
    reader.onEnd = { last = $0.number }
    do throws(Fault) { while try reader.take() != .end {} } catch {
      #expect(error.message == "the test is over")
    }
    return (studio.asked, last)
  }

  @Test("What was played over one connection is not played again over the next one")
  func goesOn() throws {
    let first = try played([list(0..<6)], behind: nil)
    #expect(first.asked == ["s3.ts", "s4.ts", "s5.ts"] && first.last == 5)
    let frozen = try played([list(0..<6), list(0..<6)], behind: place(5))
    #expect(frozen.asked == [] && frozen.last == nil)
    let grown = try played([list(0..<6), list(2..<8, query: "?token=2")], behind: place(4))
    #expect(grown.asked == ["s5.ts", "s6.ts?token=2", "s7.ts?token=2"] && grown.last == 7)
    // What lies long behind is not live any more.
    #expect(try played([list(0..<60)], behind: place(4)).asked == ["s57.ts", "s58.ts", "s59.ts"])
  }

  @Test("A server that begins anew is played anew, one that lags or renumbers is not")
  func beginsAnew() throws {
    #expect(try played([list(0..<3)], behind: place(40)).asked == ["s0.ts", "s1.ts", "s2.ts"])
    #expect(try played([list(38..<40)], behind: place(40)).asked == [])
    let renumbered = HLSPlaylist.Place(number: 40, address: "s1.ts", start: 0)
    #expect(try played([list(0..<3)], behind: renumbered).asked == ["s2.ts"])
    // Over one connection too.
    let one = try played([list(40..<43), list(0..<2, "b"), list(0..<3, "b")], behind: nil)
    #expect(one.asked == ["s40.ts", "s41.ts", "s42.ts", "b0.ts", "b1.ts", "b2.ts"] && one.last == 2)
  }

  @Test("A live stream that ended is told as ended to who has seen its end, and played to its end by who has not")
  func ended() throws {
    let whole = list(0..<6, more: "#EXT-X-ENDLIST\n")
    #expect(throws: Fault(.unavailable, "the live stream has ended: its playlist says that nothing more comes")) {
      try played([whole], behind: place(5))
    }
    #expect(try played([whole], behind: place(3)).asked == ["s4.ts", "s5.ts"])
    let film = try played([whole], behind: nil)
    #expect(film.asked.count == 6 && film.last == nil)
  }
}
