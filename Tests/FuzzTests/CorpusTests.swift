import Base
import Foundation
import TestKit
import Testing
import Vision

@testable import Fuzz

/// The corpus of `fuzz/` and seeded changes of it, through the same targets that libFuzzer tries.
@Suite("Corpus")
struct CorpusTests {
  @Test(
    "no seed and no change of one ends in anything but an answer or a plain refusal", arguments: FuzzTarget.withCorpus)
  func corpus(target: FuzzTarget) throws {
    let scratch = try Scratch()
    let files = try Corpus.files(of: target)
    #expect(!files.isEmpty)
    for file in files {
      let bytes = try FileSystem.read(file)
      // What needs no file and no library is quick.
      let count = LongTests.areAsked ? 2_000 : FuzzTarget.pure.contains(target) ? 300 : 40
      let changes = [bytes] + (0..<count).map { Mutation.mix(seed: $0).apply(to: bytes) }
      for (number, changed) in changes.enumerated() {
        try scratch.hold(changed)
        do throws(Fault) { try target.enter(changed, file: scratch.path) } catch {
          #expect(error.kind != .bug, "\(FileSystem.name(of: file)), change \(number - 1): \(error.message)")
        }
      }
    }
  }

  @Test("every seed is good: it goes through its target, but for those that are there to be refused")
  func goodSeeds() throws {
    let scratch = try Scratch()
    for target in [FuzzTarget.manifest, .video, .picture, .sound] {
      for file in try Corpus.files(of: target) where FileSystem.name(of: file).hasPrefix("seed") {
        let bytes = try FileSystem.read(file)
        try scratch.hold(bytes)
        #expect(throws: Never.self, "\(file)") { try target.enter(bytes, file: scratch.path) }
      }
    }
  }

  @Test("every pipeline, and every index, that is there as a seed is good")
  func goodDocuments() throws {
    for target in [FuzzTarget.pipeline, .index] {
      for file in try Corpus.files(of: target) where FileSystem.name(of: file).hasPrefix("seed") {
        let bytes = try FileSystem.read(file)
        #expect(throws: Never.self, "\(file)") { try target.enter(bytes, file: file) }
      }
    }
  }

  @Test(
    "every body of a request, search, time zone and set of vectors that is there as a seed is good",
    arguments: [FuzzTarget.json, .infer, .rpc, .form, .search, .zone, .vectors])
  func goodBodies(target: FuzzTarget) throws {
    for file in try Corpus.files(of: target) where FileSystem.name(of: file).hasPrefix("seed") {
      let bytes = try FileSystem.read(file)
      #expect(throws: Never.self, "\(file)") { try target.enter(bytes, file: file) }
    }
  }

  @Test(
    "random bytes lead to guesses of the families that are known by their outputs, and say what shapes poses and lines")
  func reach() {
    var (dice, guessed, outputs): (_, Set<OutputRecipe.Decoder>, [OutputRecipe]) = (SeededRandom(9), [], [])
    let known: Set<OutputRecipe.Decoder> = [.yunet, .simcc, .posenet, .retinaface, .scrfd, .finished]
    func hasAll() -> Bool {
      guessed.isSuperset(of: known) && outputs.contains { $0.align == .corners } && outputs.contains { $0.unclip == 3 }
    }
    for _ in 0..<3_000 where !hasAll() {
      let bytes = (0..<Int.random(in: 24...60, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
      if let decoder = AnswerTarget.guess(bytes) { guessed.insert(decoder) }
      outputs.append(AnswerTarget.output(of: bytes))
    }
    #expect(hasAll(), "\(guessed)")
  }

  @Test("every head is asked by a seed that it does not refuse")
  func everyHead() throws {
    var asked: Set<OutputRecipe.Decoder> = []
    for file in try Corpus.files(of: .answer) {
      let bytes = try FileSystem.read(file)
      if (try? FuzzTarget.answer.enter(bytes, file: file)) != nil {
        asked.insert(AnswerTarget.output(of: bytes).decoder)
      }
    }
    if ProcessInfo.processInfo.environment["RIDLEY_WRITE_SEEDS"] == "1" {
      try Corpus.writeSeeds(for: Set(OutputRecipe.Decoder.allCases).subtracting(asked))
    } else {
      #expect(asked == Set(OutputRecipe.Decoder.allCases), "RIDLEY_WRITE_SEEDS=1 adds those that are missing")
    }
  }
}

extension FuzzTarget {
  /// Those whose bytes stay within this process's own code and FFmpeg; a network is tried in a process of its own.
  static let withCorpus = allCases.filter { $0 != .network }
}

enum Corpus {
  static func files(of target: FuzzTarget) throws -> [String] {
    let folder = "\(Checkout.path)/fuzz/corpus/\(target.rawValue)"
    return try FileSystem.list(folder).sorted().map { "\(folder)/\($0)" }
  }

  /// Random bytes that ask each of the heads, and are not refused.
  static func writeSeeds(for heads: Set<OutputRecipe.Decoder>) throws {
    var (missing, dice) = (heads, SeededRandom(16))
    for _ in 0..<2_000_000 where !missing.isEmpty {
      let bytes = (0..<Int.random(in: 24...60, using: &dice)).map { _ in UInt8.random(in: 0...255, using: &dice) }
      let head = AnswerTarget.output(of: bytes).decoder
      guard missing.contains(head), (try? FuzzTarget.answer.enter(bytes, file: "")) != nil else { continue }
      missing.remove(head)
      let path = "\(Checkout.path)/fuzz/corpus/answer/seed-\(head.rawValue)-3"
      try FileSystem.write(bytes, to: path)
    }
    #expect(missing.isEmpty)
  }
}

enum LongTests {
  /// Every length of a file and all seeds, where the quick run takes a part.
  static let areAsked = ProcessInfo.processInfo.environment["RIDLEY_LONG_TESTS"] == "1"
}
