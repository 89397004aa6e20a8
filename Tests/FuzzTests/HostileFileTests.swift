import Base
import Foundation
import Fuzz
import TestKit
import Testing

/// A good file that is cut and damaged.
struct Victim: Sendable, CustomTestStringConvertible {
  let target: FuzzTarget
  let name: String
  /// Relative to the checkout.
  let path: String
  /// Stands beside it, undamaged.
  var companion: String?
  /// In the quick run one mutation in so many is tried.
  var every = 20

  var testDescription: String { name }

  private static func seed(_ target: FuzzTarget, _ name: String) -> Victim {
    Victim(target: target, name: name, path: "fuzz/corpus/\(target.rawValue)/\(name)")
  }

  static let all: [Victim] = [
    seed(.video, "seed-h264.mp4"), seed(.video, "seed-vp9.webm"), seed(.video, "seed-h264.ts"),
    seed(.video, "seed-mpeg4.avi"), seed(.picture, "seed.jpg"), seed(.picture, "seed.png"), seed(.picture, "seed.webp"),
    Victim(target: .network, name: "ONNX", path: networks + "nchw.onnx"),
    Victim(target: .network, name: "TensorFlow Lite", path: networks + "lite.tflite", every: 100),
    Victim(target: .network, name: "TensorFlow Lite detector", path: networks + "detection/regular.tflite", every: 50),
    Victim(target: .network, name: "IR", path: networks + "ir-f32.xml", companion: networks + "ir-f32.bin", every: 50),
    Victim(target: .network, name: "IR weights", path: networks + "ir-f32.bin", companion: networks + "ir-f32.xml"),
  ]

  private static let networks = "Tests/Fixtures/networks/"
}

/// Every prefix and 1,000 single bit flips of each file, in processes of their own.
///
/// The quick run takes a part of them, the long one (`RIDLEY_LONG_TESTS=1`) all: each length up to 4 KiB and then each 61st.
@Suite("Hostile files")
struct HostileFileTests {
  @Test("a file that is cut or damaged anywhere gives an answer or a plain refusal", arguments: Victim.all)
  func survives(victim: Victim) throws {
    let path = "\(Checkout.path)/\(victim.path)"
    let length = try FileSystem.byteCount(of: path)
    let cuts = Array(0..<min(length, 4096)) + Array(stride(from: 4096, to: length, by: 61))
    let all = cuts.map { Mutation.cut($0) } + (0..<1000).map { Mutation.flip(seed: $0) }
    let mutations = LongTests.areAsked ? all : all.enumerated().filter { $0.offset % victim.every == 7 }.map(\.element)
    let ends = try Rig(target: victim.target, file: path, companion: victim.companion).run(mutations)
    #expect(ends.count == mutations.count)
    for (mutation, end) in ends {
      switch end {
      case .answer, .refusal: break
      case .death(let how): Issue.record("\(victim.name), \(mutation): \(how)")
      }
    }
    #expect(ends.contains { $0.end == .refusal }, "no mutation was noticed at all")
  }

  @Test("a worker that dies is told from one that answers, and the next mutation is tried")
  func noticesDeath() throws {
    let folder = TemporaryFolder()
    let script = "#!/bin/sh\nprintf '%s ' $5\n[ $5 = cut:1 ] && kill -SEGV $$\necho ok\n"
    try FileSystem.write(Array(script.utf8), to: folder.file("worker"))
    chmod(folder.file("worker"), 0o755)
    let rig = Rig(target: .yaml, file: folder.file("worker"), companion: nil, worker: folder.file("worker"))
    let ends = try rig.run([.cut(0), .cut(1), .cut(2)]).map(\.end)
    #expect(ends.map { $0 == .answer } == [true, false, true])
    guard case .death(let how) = ends[1] else { return }
    #expect(how.contains("11"))
  }
}

/// Runs `fuzz-worker` over many mutations of a file, and starts it again behind one that it dies of.
struct Rig {
  enum End: Equatable { case answer, refusal, death(String) }

  let target: FuzzTarget
  let file: String
  let companion: String?
  var worker = Program.path.replacing(/ridley$/, with: "fuzz-worker")

  func run(_ mutations: [Mutation]) throws -> [(mutation: Mutation, end: End)] {
    let folder = TemporaryFolder()
    if let companion {
      let bytes = try FileSystem.read("\(Checkout.path)/\(companion)")
      try FileSystem.write(bytes, to: folder.file(FileSystem.name(of: companion)))
    }
    var ends: [(Mutation, End)] = []
    while ends.count < mutations.count {
      let rest = mutations[ends.count...].prefix(500)
      let before = ends.count
      let result = shell(
        [worker, target.rawValue, file, folder.path, "30"] + rest.map(\.description))
      for line in result.output.split(separator: "\n", omittingEmptySubsequences: false) {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        guard let mutation = words.first.flatMap(Mutation.init) else { continue }
        ends.append((mutation, Self.end(words, status: result.status, errors: result.errors)))
      }
      try #require(ends.count > before, "fuzz-worker does not run: \(result.errors)")
    }
    return ends
  }

  private static func end(_ words: [String], status: Int32, errors: String) -> End {
    switch words.dropFirst().first {
    case "ok": .answer
    case "fault" where words[2] == Fault.Kind.bug.rawValue: .death("a fault of ridley's own: \(words[3])")
    case "fault": .refusal
    default: .death(status == SIGALRM ? "no end within 30 s" : "signal or status \(status): \(errors.suffix(300))")
    }
  }
}
