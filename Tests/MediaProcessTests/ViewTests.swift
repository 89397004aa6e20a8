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

  @Test("How far pictures are moved is seen from their times, and is enough for times of decoding")
  func depth() {
    let shown = [0, 9, 4, 1, 2, 3, 5, 6, 7, 8, 18, 13, 10, 11, 12, 14, 15, 16, 17].map(Double.init)
    #expect(DecodeOrder.delay(of: shown) == 2 && DecodeOrder.delay(of: [0, 1, 2]) == 0)
    #expect(DecodeOrder.delay(of: []) == 0)
    for (delay, isEnough) in [(1, false), (2, true)] {
      var order = DecodeOrder(delay: delay)
      #expect(shown.allSatisfy { order.place(1_000_000 + Int($0) * 3600) != nil } == isEnough)
    }
  }

  @Test("Pictures that are moved further than was said are noticed")
  func surprise() {
    var order = DecodeOrder(delay: 0)
    let found = [0, 3, 1].map { order.place($0 * 3600) == nil }
    #expect(found == [false, false, true])
  }
}

struct LivePickerTests {
  /// What is decoded of pictures at 25 a second with a key frame every so many: all, and those that are decoded in any case.
  private func choose(_ thrift: LiveThrift, group: Int, pictures: Int = 500) -> (decoded: [Int], sparing: Int) {
    var (picker, decoded, sparing) = (LivePicker(thrift), [Int](), 0)
    for number in 0..<pictures {
      switch picker.choose(time: Double(number) / 25, isKey: number % group == 0) {
      case .decode: decoded.append(number)
      case .decodeIfReferenced: sparing += 1
      case .pass: break
      }
    }
    return (decoded, sparing)
  }

  @Test("One picture a second of key frames as often costs the key frames alone, once their pace is known")
  func everySecond() {
    let (decoded, sparing) = choose(.every(seconds: 1), group: 25)
    #expect(decoded == Array(stride(from: 0, to: 500, by: 25)), "\(decoded)")
    #expect(sparing <= 24, "\(sparing)")
  }

  @Test("Each second has its picture where key frames come every two, and what follows the last of them is passed over")
  func everyTwo() {
    let (decoded, sparing) = choose(.every(seconds: 1), group: 50)
    #expect(Set(decoded.map { $0 / 25 }).count == 20)
    #expect(decoded.count + sparing < 320, "\(decoded.count) \(sparing)")
  }

  @Test("Where pictures were passed over that others are made of, decoding goes on with a key frame")
  func resuming() {
    var picker = LivePicker(.keysOnly)
    for number in 0..<60 { _ = picker.choose(time: Double(number) / 25, isKey: number % 50 == 0) }
    picker = LivePicker(.none, after: picker)
    let choices = (60..<104).map { picker.choose(time: Double($0) / 25, isKey: $0 % 50 == 0) }
    #expect(choices.prefix(40).allSatisfy { $0 == .pass } && choices.suffix(4).allSatisfy { $0 == .decode })
  }
}
