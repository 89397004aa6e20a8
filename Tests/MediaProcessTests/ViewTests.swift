import Base
import Isolation
import Testing

@testable import MediaProcess

struct ViewTests {
  private static let pieces: [ViewPiece] = [
    .head(codecs: "avc1.64001f", size: Size(width: 1280, height: 720), bytes: [0, 1, 2]),
    .fragment(ViewPiece.Fragment(pts: 1 << 47, duration: 3600, isKey: true, bytes: Array(repeating: 7, count: 300))),
    .fragment(ViewPiece.Fragment(pts: 0, duration: 0, isKey: false, bytes: [])),
    .still(pts: 90_000, bytes: [0xff, 0xd8]),
  ]

  @Test("What goes over the line comes out the same")
  func line() throws {
    for piece in Self.pieces {
      let bytes = ViewLine.write(piece)
      let counts = try ViewLine.read(head: Array(bytes.prefix(ViewLine.headCount)))
      let fields = Array(bytes.dropFirst(ViewLine.headCount).prefix(counts.fields))
      let content = Array(bytes.suffix(counts.content))
      #expect(bytes.count == ViewLine.headCount + counts.fields + counts.content)
      #expect(try ViewLine.read(fields: fields, content: content) == piece)
    }
  }

  @Test("What a broken process says is refused, and takes no memory")
  func nonsense() {
    #expect(throws: Fault.self) { try ViewLine.read(head: [255, 255, 255, 255, 0, 0, 0, 0]) }
    #expect(throws: Fault.self) { try ViewLine.read(head: [1, 0, 0, 0, 255, 255, 255, 255]) }
    var chance = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var bytes = ViewLine.write(Self.pieces.randomElement(using: &chance)!)
      bytes[Int.random(in: ViewLine.headCount..<ViewLine.headCount + 9, using: &chance)] = .random(
        in: 0...255, using: &chance)
      let fields = Array(bytes.dropFirst(ViewLine.headCount).prefix(40))
      _ = try? ViewLine.read(fields: fields, content: [])
    }
    var fields = FieldWriter()
    fields.add(UInt8(1))
    fields.add("avc1\"\r\nSet-Cookie: a=b")
    fields.add(1)
    fields.add(1)
    #expect(throws: Fault.self) { try ViewLine.read(fields: fields.bytes, content: []) }
  }

  @Test("Times of decoding rise and are never behind those of showing, however pictures are moved", arguments: 0...4)
  func order(delay: Int) throws {
    // Groups as encoders make them: of each run of pictures the last is decoded first.
    let shown = stride(from: 0, to: 200, by: delay + 1).flatMap { start in
      [start + delay] + (start..<start + delay).map { $0 }
    }
    var (order, last) = (DecodeOrder(delay: delay), Int.min)
    for (place, picture) in ([-1] + shown).enumerated() {
      let found = order.place(1_000_000 + picture * 3600)
      let (dts, duration) = try #require(found, "picture \(place)")
      #expect(dts > last && dts <= 1_000_000 + picture * 3600 && duration > 0)
      last = dts
    }
  }

  @Test("Pictures that are moved further than was said are noticed")
  func surprise() {
    var order = DecodeOrder(delay: 0)
    let found = [0, 3, 1].map { order.place($0 * 3600) == nil }
    #expect(found == [false, false, true])
  }
}
