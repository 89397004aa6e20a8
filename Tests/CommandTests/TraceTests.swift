import Base
import Catalog
import Crypto
import Foundation
import Items
import Library
import Media
import MediaProcess
import Predictions
import TestKit
import Testing

@testable import ridley

/// The way back from predictions of a real analysis, held against decoding from the first frame to the last.
struct TraceTests {
  private let folder = TemporaryFolder()
  private var place: String { folder.file("lib") }

  /// As many as `make soak-library` says (1000).
  private static let count = ProcessInfo.processInfo.environment["RIDLEY_LIBRARY_TRACES"].flatMap { Int($0) } ?? 10
  private static let line = Checkout.path + "/build/demo/line.mp4"

  /// How `ffmpeg` makes a film of another one, with pictures that are decoded in another order than they are shown in, or with gaps between them.
  private static let recipes = [
    "b-frames": ["-c:v", "libx264", "-bf", "3", "-g", "48", "-b_strategy", "0", "-pix_fmt", "yuv420p"],
    "variable": [
      "-vf", "select='gt(mod(n\\,7)\\,2)+not(mod(n\\,11))'", "-fps_mode", "vfr", "-c:v", "libx264", "-bf", "2",
      "-pix_fmt",
      "yuv420p",
    ],
  ]

  @Test(
    "A prediction leads to the frame that sequential decoding has there, to its model's digest and to log lines",
    .enabled(if: FileManager.default.fileExists(atPath: line), "there is no build/demo/line.mp4: 'make demo' draws it"),
    arguments: ["b-frames", "variable"])
  func traced(_ kind: String) throws {
    let film = folder.file("\(kind).mp4")
    let made = shell(
      ["ffmpeg", "-v", "error", "-y", "-i", Self.line, "-t", "12", "-an"] + (Self.recipes[kind] ?? []) + [film])
    try #require(made.status == 0, "\(made)")
    let analysed = Program.run(["analyze", film, "--model", "line-inspector", "--library", place, "--json"])
    let digest = (analysed.json["model"] as? [String: Any])?["digest"] as? String
    try #require(analysed.status == 0 && digest?.hasPrefix("sha256:") == true, "\(analysed)")
    let library = try Library(place, makes: false)
    let asset = try #require(try library.list(AssetFilter(client: "local"), scope: .all, limit: 2).elements.first)
    let analysis = try library.analysis(of: asset)
    let truth = try frames(of: film)
    try #require(analysis.predictionCount > 20 && truth.count > 100)
    let finder = PoolFrames(pool: pool())
    var random = SeededRandom(71)
    let seen = try (0..<Self.count).map { _ in
      let number = Int.random(in: 0..<analysis.predictionCount, using: &random)
      let trace = try library.trace(asset, analysis, prediction: number, finder: finder)
      let index = trace.row.stamp.index
      #expect(trace.frame.digest == truth[index].digest, "prediction \(number), frame \(index)")
      #expect(
        trace.frame.index == index && trace.frame.pts == truth[index].pts && trace.row.stamp.pts == truth[index].pts)
      #expect(trace.row.model == "line-inspector@\(digest ?? "")")
      return index
    }
    try told(asset, analysis, truth, digest)
    print(
      "\(kind): \(Self.count) predictions traced to \(Set(seen).count) of \(truth.count) frames, all as decoded in order"
    )
  }

  private func pool() -> MediaPool {
    var options = MediaPool.Options(limit: 1)
    options.program = Program.path
    return MediaPool(options)
  }

  private func frames(of film: String) throws -> [(digest: String, pts: Int?)] {
    let reader = try MediaReader(film)
    var frames: [(digest: String, pts: Int?)] = []
    while let frame = try reader.next() { frames.append((SHA256.hex(of: try frame.rgb()), frame.pts)) }
    return frames
  }

  /// As a user asks, for three of them: the command's JSON.
  private func told(
    _ asset: Asset, _ analysis: Analysis, _ truth: [(digest: String, pts: Int?)], _ digest: String?
  ) throws {
    for number in [0, analysis.predictionCount / 2, analysis.predictionCount - 1] {
      let result = Program.run(
        ["library", "trace", asset.id.text, "--prediction", "\(number)", "--json", "--library", place])
      let answer = result.json
      let frame = try #require(answer["frame"] as? [String: Any], "\(result)")
      #expect(frame["sha256"] as? String == truth[try #require(frame["index"] as? Int)].digest)
      let models = (answer["analysis"] as? [String: Any])?["models"] as? [[String: Any]]
      #expect(models?.first?["digest"] as? String == digest)
      let log = try #require(answer["log"] as? [[String: Any]])
      #expect(log.compactMap { $0["event"] as? String }.suffix(1) == ["finished"] && log.count >= 2)
      #expect(log.allSatisfy { $0["worker"] as? String == analysis.worker && $0["time"] != nil })
    }
  }
}
