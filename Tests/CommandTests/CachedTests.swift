import Foundation
import Inference
import TestKit
import Testing

/// Compiled networks that earlier runs cached, and what happens when they are damaged.
struct CachedTests {
  let folder = TemporaryFolder()

  private func analyze() throws -> (predictions: [[String: Any]], errors: String) {
    let picture = folder.file("p.png")
    if !FileManager.default.fileExists(atPath: picture) {
      _ = shell(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180", "-frames:v", "1", picture])
    }
    let result = Program.run(
      [
        "analyze", picture, "--model", "line-inspector", "--threshold", "0.1", "--streams", "1", "--json", "--output",
        folder.file("out"),
      ], environment: ["RIDLEY_CACHE": folder.file("cache")])
    #expect(result.status == 0, "\(result.errors)")
    let file = try #require((result.json["files"] as? [[String: Any]])?.first)
    return (try #require(file["predictions"] as? [[String: Any]]), result.errors)
  }

  private func same(_ a: [[String: Any]], _ b: [[String: Any]]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0["label"] as? String == $1["label"] as? String }
      && zip(a, b).allSatisfy { abs(($0["score"] as? Double ?? 9) - ($1["score"] as? Double ?? -9)) < 1e-3 }
  }

  /// A compiled network that was exported is weights, then XML under this word, over and over.
  private static let veil: [UInt8] = [0x30, 0x60, 0x70, 0x02, 0x04, 0x08, 0x3F, 0x6F, 0x72, 0x74, 0x78, 0x7F]

  /// Turns one digit of a cached network over, so that a part of it has an input that nothing leads to.
  ///
  /// The engine does not look, and follows a pointer to nowhere: the import dies of SIGSEGV. The checksum is made right again, as if
  /// the engine had written it so.
  private func damage(_ path: String) throws {
    var failure: (any Error)?
    try CachedBlob.rewrite(path) { bytes in do { try damage(&bytes) } catch { failure = error } }
    if let failure { throw failure }
  }

  private func damage(_ bytes: inout [UInt8]) throws {
    let opening = zip("<?xml ".utf8, Self.veil).map { $0 ^ $1 }
    let start = try #require(
      bytes.indices.dropLast(opening.count).first { bytes[$0..<$0 + opening.count].elementsEqual(opening) })
    let xml = bytes[start...].enumerated().map { $1 ^ Self.veil[$0 % Self.veil.count] }
    let edge = Array(#"<edge from-layer="1" from-port="0" to-layer="2" to-port="1" />"#.utf8)
    let place = try #require(xml.firstRange(of: edge)).lowerBound
    bytes[start + place + #"<edge from-layer=""#.utf8.count] ^= 1
  }

  /// Where this fails because nothing crashed, the engine has learnt to look: another damage is needed here.
  @Test("A cached network with a bit that the disk lost is told of in one line and made anew; the answers are the same")
  func lostBit() throws {
    let expected = try analyze()
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("cache/engine"))
    let path = folder.file("cache/engine/\(try #require(names.first { $0.hasSuffix(".blob") }))")
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    bytes[bytes.count / 3] ^= 16
    try Data(bytes).write(to: URL(filePath: path))
    let survived = try analyze()
    #expect(same(survived.predictions, expected.predictions))
    #expect(survived.errors.contains("discarded and compiled anew"), "\(survived.errors)")
    #expect(survived.errors.split(separator: "\n").count == 1)
    let later = try analyze()
    #expect(same(later.predictions, expected.predictions) && later.errors.isEmpty)
  }

  @Test("A cached network that crashes the engine costs a restart, is told of and replaced; the answers are the same")
  func crash() throws {
    let expected = try analyze()
    #expect(!expected.predictions.isEmpty && expected.errors.isEmpty)
    let cached = try FileManager.default.contentsOfDirectory(atPath: folder.file("cache/engine"))
    try damage(folder.file("cache/engine/\(try #require(cached.first { $0.hasSuffix(".blob") }))"))
    let survived = try analyze()
    #expect(same(survived.predictions, expected.predictions))
    #expect(survived.errors.contains("Segmentation fault"), "\(survived.errors)")
    #expect(survived.errors.contains("model line-inspector") && survived.errors.contains("once more"))
    #expect(survived.errors.split(separator: "\n").count == 1, "one line, no pages of a crash reporter")
    let later = try analyze()
    #expect(same(later.predictions, expected.predictions) && later.errors.isEmpty)
  }
}
