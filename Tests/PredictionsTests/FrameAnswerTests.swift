import Base
import TestKit
import Testing

@testable import Predictions

struct FrameAnswerTests {
  private let head = FrameAnswers.Head(pipeline: "sha256:00", source: "a film", frames: 10..<500)

  private var counts: FrameAnswers.Counts {
    var counts = FrameAnswers.Counts()
    (counts.framesSampled, counts.framesDecoded, counts.passedOver, counts.jobs) = (60, 75, 3, [57, 0, 912])
    (counts.packets, counts.shared, counts.covered) = (12..<490, [12, 14, 490], 0.4...19.96)
    counts.secondsElapsed = 1.25
    for nanoseconds in [0, 17, 90_000, 1 << 50] { counts.stages.add(.infer, nanoseconds: nanoseconds) }
    return counts
  }

  /// Every third frame has answers, with numbers that are hard to keep.
  private func answers(_ seed: Int, _ count: Int = 60) -> [FrameAnswer] {
    var rows = Rows(dice: SeededRandom(UInt64(seed)))
    let found = Dictionary(grouping: rows.all(count), by: \.stamp)
    return found.keys.sorted { $0.index < $1.index }.map { stamp in
      FrameAnswer(
        index: stamp.index * 3 + 10, pts: stamp.pts, time: stamp.time,
        predictions: stamp.index % 3 == 0 ? found[stamp]!.map(\.prediction) : [])
    }
  }

  private func written(_ answers: [FrameAnswer]) -> [UInt8] {
    var writer = FrameAnswerWriter(head)
    var bytes: [UInt8] = []
    for answer in answers {
      writer.add(answer)
      bytes += writer.drain()
    }
    return bytes + writer.close(counts)
  }

  private func read(_ bytes: [UInt8]) throws -> (FrameAnswers.Head, [FrameAnswer], FrameAnswers.Counts?) {
    let reader = try FrameAnswerReader(bytes)
    var answers: [FrameAnswer] = []
    while let answer = try reader.next() { answers.append(answer) }
    return (reader.head, answers, reader.counts)
  }

  /// By bits, so that numbers that are none are equal to themselves.
  private func bits(_ answers: [FrameAnswer]) -> [UInt8] {
    var out = AnswerBytes()
    for answer in answers { answer.write(into: &out) }
    return out.bytes
  }

  @Test("Answers come back bit for bit, in order, with what was counted", arguments: 0..<12)
  func exact(seed: Int) throws {
    let all = answers(seed)
    let (head, again, counts) = try read(written(all))
    #expect(bits(again) == bits(all) && again.count == 60)
    #expect(head == self.head && counts == self.counts)
    #expect(try read(written([])).1.isEmpty)
  }

  @Test("A float keeps its last bit, which JSON Lines round")
  func floats() throws {
    let box = Rect(x: 0.1 + 0.2, y: .leastNonzeroMagnitude, width: -0.0, height: 1.0.nextUp)
    var found = Prediction(kind: .detection, label: "good", score: Float(0.1).nextDown, box: box)
    found.vector = [Float(bitPattern: 0x7fc0_1234), .infinity, .leastNonzeroMagnitude]
    let again = try #require(try read(written([FrameAnswer(index: 11, time: 1 / 3, predictions: [found])])).1.first)
    #expect(again.time.bitPattern == (1.0 / 3).bitPattern && again.predictions[0].box == box)
    #expect(again.predictions[0].vector.map(\.bitPattern) == found.vector.map(\.bitPattern))
    #expect(again.predictions[0].score?.bitPattern == Float(0.1).nextDown.bitPattern)
  }

  @Test("A bit that changed is found, and so is an end that is missing, or more behind the end")
  func damaged() throws {
    let bytes = written(answers(3, 4))
    for bit in 0..<bytes.count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: Fault.self, "bit \(bit)") { try read(changed) }
    }
    for count in 0..<bytes.count {
      #expect(throws: Fault.self, "\(count) bytes") { try read(Array(bytes.prefix(count))) }
    }
    #expect(throws: Fault.self) { try read(bytes + [0]) }
  }

  @Test("Bytes that are no answers end in a fault, past any checksum", arguments: 0..<20)
  func hostile(seed: Int) throws {
    var dice = SeededRandom(UInt64(seed))
    let good = bits(answers(seed, 6))
    for _ in 0..<300 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...8, using: &dice) {
        bytes[Int.random(in: bytes.indices, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
      }
      var input = AnswerByteReader(bytes[...])
      while !input.isAtEnd { guard (try? FrameAnswer(&input)) != nil else { break } }
    }
  }

  @Test("Frames out of order, or of another part, are refused")
  func order() throws {
    let frames = [11, 12].map { FrameAnswer(index: $0, time: 0, predictions: []) }
    #expect(try read(written(frames)).1 == frames)
    for numbers in [[12, 11], [12, 12], [9], [500]] {
      let wrong = numbers.map { FrameAnswer(index: $0, time: 0, predictions: []) }
      #expect(throws: Fault.self) { try read(written(wrong)) }
    }
  }

  @Test("A long part is written and read in little memory")
  func flat() throws {
    var writer = FrameAnswerWriter(FrameAnswers.Head(pipeline: "p", source: "s", frames: 0..<100_000))
    var (bytes, most) = ([UInt8](), 0)
    for index in 0..<100_000 {
      writer.add(FrameAnswer(index: index, time: Double(index), predictions: [detection("good", 0.5)]))
      let part = writer.drain()
      most = max(most, part.count)
      bytes += part
    }
    bytes += writer.close(FrameAnswers.Counts())
    #expect(most < 80_000 && bytes.count < 100_000 * 60)
    var (place, longest) = (0, 0)
    let reader = try FrameAnswerReader { count in
      defer { place += count }
      longest = max(longest, count)
      return Array(bytes[min(place, bytes.count)..<min(place + count, bytes.count)])
    }
    var count = 0
    while try reader.next() != nil { count += 1 }
    #expect(count == 100_000 && longest < 80_000)
  }
}
