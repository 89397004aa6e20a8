import Base
import MediaProcess
import Testing

@testable import Streams

struct PacketRingTests {
  private static let tick = ViewPiece.timescale / 25

  private func ring(seconds: Double, bytes: Int, pictures: Int, group: Int = 25, size: Int = 1000) -> PacketRing {
    var limits = StreamView.Limits()
    (limits.seconds, limits.byteCount) = (seconds, bytes)
    var ring = PacketRing(limits)
    ring.begin(codecs: "avc1.64001f", size: Size(width: 640, height: 360), head: [1, 2, 3])
    for number in 0..<pictures { ring.add(fragment(number, isKey: number % group == 0, size: size)) }
    return ring
  }

  private func fragment(_ number: Int, isKey: Bool, size: Int = 1000) -> ViewPiece.Fragment {
    ViewPiece.Fragment(
      pts: number * Self.tick, duration: Self.tick, isKey: isKey,
      bytes: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size))
  }

  @Test("What is kept is bounded by time, in whole groups")
  func time() {
    let ring = ring(seconds: 4, bytes: 1 << 30, pictures: 1000)
    let parts = ring.parts()
    #expect(parts.map(\.number) == [36, 37, 38, 39], "\(parts)")
    #expect(parts.allSatisfy { abs($0.seconds - 1) < 1e-9 })
    #expect(abs(parts[0].shown - 35) < 1e-9)
    #expect(ring.counts.bytes <= 6 * 25 * 1256)
  }

  @Test("What is kept is bounded by bytes, also where one group alone is larger")
  func bytes() {
    #expect(ring(seconds: 1000, bytes: 60_000, pictures: 1000).counts.bytes <= 60_000)
    var one = ring(seconds: 1000, bytes: 10_000, pictures: 24, group: 1000)
    #expect(one.counts.bytes <= 10_000 && one.beginning == nil)
    one.add(fragment(24, isKey: true))
    #expect(one.beginning != nil)
  }

  @Test("A viewer begins with the head and the newest key frame")
  func beginning() throws {
    let beginning = try #require(ring(seconds: 4, bytes: 1 << 20, pictures: 55).beginning)
    #expect(beginning.bytes.count == 3 + 5 * 1000 && beginning.bytes[..<4] == [1, 2, 3, 50])
    #expect(beginning.film == 1 && beginning.codecs == "avc1.64001f")
  }

  @Test("Parts are given while they are kept, and those of another film never")
  func parts() {
    var ring = ring(seconds: 4, bytes: 1 << 20, pictures: 60)
    #expect(ring.part(0, ofFilm: 1) == [1, 2, 3])
    #expect(ring.part(2, ofFilm: 1)?.count == 25_000)
    #expect(ring.part(3, ofFilm: 1) == nil && ring.part(2, ofFilm: 2) == nil && ring.part(-1, ofFilm: 1) == nil)
    ring.begin(codecs: "avc1.640020", size: Size(width: 320, height: 180), head: [9])
    #expect(ring.parts().isEmpty && ring.beginning == nil && ring.film?.number == 2)
    ring.add(fragment(61, isKey: false))
    #expect(ring.beginning == nil)
    ring.add(fragment(62, isKey: true))
    #expect(ring.part(0, ofFilm: 2) == [9] && ring.part(2, ofFilm: 1) == nil)
    ring.end()
    #expect(ring.film == nil && ring.beginning == nil)
  }
}
