import Base
import Foundation
import Isolation
import Media
import TestKit
import Testing

@testable import MediaProcess

@Suite("A process that lies")
struct LiarTests {
  private static let program = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "liar.py").path

  /// Opens, reads, renders; whatever the other side says must be an answer or a fault.
  private func use(_ pool: MediaPool) throws(Fault) {
    let reader = try pool.open(SharedBytes([1, 2, 3]), deadline: Lab.soon(20))
    let size = Size(width: 8, height: 8)
    for _ in 0..<3 {
      guard let frame = try reader.next() else { return }
      let buffer = try reader.makeBuffer(byteCount: 192)
      let whole = Rect(x: 0, y: 0, width: 8, height: 8)
      try frame.render(into: buffer, size: size, source: whole, target: whole, order: .rgb, pad: 0)
      _ = try frame.rgb(size: size)
      _ = try reader.openDoors()
    }
  }

  @Test(
    "Whatever it says is a fault and never a crash",
    arguments: [
      "silence", "empty", "long", "garbage", "wrong-kind", "short", "trailing", "huge-count", "huge-size", "zero-size",
      "nan", "turned", "hello-twice", "descriptors", "quit",
    ])
  func lies(_ kind: String) {
    let pool = Lab.pool {
      $0.program = "/usr/bin/python3"
      $0.arguments = ["-S", "-E", Self.program, kind]
    }
    for _ in 0..<2 {
      #expect(throws: Fault.self) {
        if kind == "silence" {
          _ = try pool.open(SharedBytes([1]), deadline: Lab.soon(0.7))
        } else {
          try use(pool)
        }
      }
    }
  }

  @Test("Random answers of the right kinds do no harm", arguments: 1...12)
  func random(_ seed: Int) {
    let pool = Lab.pool {
      $0.program = "/usr/bin/python3"
      $0.arguments = ["-S", "-E", Self.program, "random-\(seed)"]
    }
    for _ in 0..<4 { try? use(pool) }
    #expect(pool.processCount <= 1)
  }

  @Test("Damaged messages are read or refused, all of them")
  func damaged() throws {
    let info = try MediaReader(try Lab.film("h264.mp4")).info
    let facts = FrameFacts(index: 3, pts: 9, time: 0.5, isKeyFrame: true, isCorrupt: false, size: info.size)
    let answers: [Answer] = [
      .opened(info), .frame(facts, Progress()), .ended(Progress()),
      .failed(Fault(.badInput, "a\u{1b}[2Jb", cause: "c")),
      .openDoors(["a", "b"]), .sound(nil), .heard(start: -5, count: 16_000, SoundTally()),
      .sound(
        SoundInfo(
          format: "mov", codec: "aac", sampleRate: 48_000, channels: 2, streamIndex: 1, first: -9, hasPicture: true)),
    ]
    var dice = SeededRandom(11)
    for answer in answers {
      let message = answer.message
      #expect(throws: Never.self) { try Answer(message) }
      for _ in 0..<2000 {
        var other = message
        for _ in 0..<Int.random(in: 1...3, using: &dice) {
          other.bytes[Int.random(in: other.bytes.indices, using: &dice)] = UInt8.random(in: .min ... .max, using: &dice)
        }
        if Bool.random(using: &dice) { other.bytes.removeLast(Int.random(in: 0..<other.bytes.count, using: &dice)) }
        _ = try? Answer(other)
        _ = try? Request.read(other)
      }
    }
    guard case .failed(let fault) = try Answer(answers[3].message) else { return #expect(Bool(false)) }
    #expect(fault.message == "a [2Jb", "no terminal is told what to do")
  }
}
