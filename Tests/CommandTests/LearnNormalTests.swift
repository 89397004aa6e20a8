import Foundation
import TestKit
import Testing

/// A model that is made from pictures of good parts: seeded drawings of a plate with two holes, by the starter model's features.
struct LearnNormalTests {
  let folder = TemporaryFolder()

  /// A plate of 128x128 at a place and brightness of its own; an odd one has a dark scratch of 3 pixels over it, of a broken one a corner is gone.
  private func draw(_ name: String, _ seed: UInt64, isOdd: Bool = false, isBroken: Bool = false) throws {
    var random = SeededRandom(seed)
    let (dx, dy) = (Int.random(in: -4...4, using: &random), Int.random(in: -4...4, using: &random))
    let light = Int.random(in: 150...180, using: &random)
    // BMP: rows from below, three bytes a pixel.
    var pixels: [UInt8] = [66, 77, 54, 192, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 128, 0, 0, 0, 128, 0, 0, 0]
    pixels += [1, 0, 24, 0, 0, 0, 0, 0, 0, 192, 0, 0] + [UInt8](repeating: 0, count: 16)
    for y in 0..<128 {
      for x in 0..<128 {
        let (u, v) = (x - 64 - dx, y - 64 - dy)
        var tone = abs(u) < 42 && abs(v) < 30 ? light : 50
        if abs(abs(u) - 26) < 8 && abs(v) < 8 { tone = 25 }
        if isOdd, tone == light, abs(u + v / 2) < 3 { tone = 30 }
        if isBroken, tone == light, u > 12, v < -4 { tone = 50 }
        tone += Int.random(in: -4...4, using: &random)
        pixels += [UInt8](repeating: UInt8(clamping: tone), count: 3)
      }
    }
    try FileManager.default.createDirectory(
      atPath: URL(filePath: folder.file(name)).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try Data(pixels).write(to: URL(filePath: folder.file(name)))
  }

  private func learn(_ more: [String] = [], count: Int = 46) throws -> ShellResult {
    for number in 0..<count { try draw("good/\(number + 100).bmp", UInt64(number)) }
    return Program.run(
      ["model", "learn-normal", folder.file("good"), "--as", "check", "--into", folder.file("models")] + more)
  }

  private func scores(_ pattern: String) throws -> [(label: String, score: Double, peak: (Double, Double))] {
    let result = Program.run(
      [
        "analyze", folder.file(pattern), "--model", folder.file("models/check"), "--json", "--force", "--output",
        folder.file("out"),
      ])
    #expect(result.status == 0, "\(result.errors)")
    let files = try #require(result.json["files"] as? [[String: Any]])
    return try files.map { file in
      let found = try #require((file["predictions"] as? [[String: Any]])?.first)
      let peak = try #require((found["points"] as? [[String: Any]])?.first)
      return (
        found["label"] as? String ?? "", found["score"] as? Double ?? -1,
        (peak["x"] as? Double ?? -1, peak["y"] as? Double ?? -1)
      )
    }
  }

  @Test("A planted defect is found, and of further good parts no more are called odd than was promised")
  func found() throws {
    let result = try learn(["--json"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.json["pictures"] as? Int == 46 && result.json["falseAlarms"] as? Double == 0.05)
    #expect((result.json["unlike"] as? [Any])?.isEmpty == true, "\(result.errors)")
    for number in 0..<40 { try draw("further/\(number).bmp", UInt64(1000 + number)) }
    for number in 0..<10 { try draw("odd/\(number).bmp", UInt64(2000 + number), isOdd: true) }
    let good = try scores("further")
    // Were 5 % true, more than 6 of 40 would come once in 300 times.
    #expect(good.count == 40 && good.count { $0.label == "anomaly" } <= 6)
    let odd = try scores("odd")
    #expect(odd.count == 10 && odd.allSatisfy { $0.label == "anomaly" && $0.score >= 0.5 })
    #expect(odd.allSatisfy { abs($0.peak.0 - 0.5) < 0.3 && abs($0.peak.1 - 0.5) < 0.35 })
    let manifest = try String(contentsOfFile: folder.file("models/check/model.yaml"), encoding: .utf8)
    #expect(manifest.contains("task: anomaly") && manifest.contains("license: \"Apache-2.0\""))
  }

  @Test(
    "Rates that so few pictures cannot show, too few pictures, and names that are taken are refused with the way out")
  func refused() throws {
    let rate = try learn(["--false-alarms", "0.1%"], count: 30)
    #expect(rate.status != 0 && rate.errors.contains("30 pictures cannot promise that at most 0.1 %"), "\(rate.errors)")
    #expect(rate.errors.contains("2302 pictures can, and 30 can promise --false-alarms 7.4%"))
    try draw("few/a.bmp", 1)
    try draw("few/b.bmp", 1)
    let few = Program.run(["model", "learn-normal", folder.file("few"), "--as", "few", "--into", folder.file("models")])
    #expect(
      few.errors.contains("has 1 picture, not counting 1 that are there twice, and 10 are the least"), "\(few.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("models/check")))
    #expect(try learn(["--false-alarms", "no"]).errors.contains("'no' is not a rate for --false-alarms"))
  }

  @Test("Pictures that cannot be read are all named, and nothing is learned")
  func unreadable() throws {
    try draw("good/1.bmp", 999)
    for name in ["broken.png", "other.jpg"] {
      try Data("\(name) is no picture".utf8).write(to: URL(filePath: folder.file("good/\(name)")))
    }
    let result = try learn()
    #expect(result.status != 0 && result.errors.contains("2 of 49 files"), "\(result.errors)")
    #expect(result.errors.contains("good/broken.png: ") && result.errors.contains("good/other.jpg: "))
    #expect(!FileManager.default.fileExists(atPath: folder.file("models/check")))
  }

  @Test("Defects among the good pictures are named with how far they are from the others, and learning goes on")
  func spoiled() throws {
    for number in 0..<2 { try draw("good/\(number + 500).bmp", UInt64(3000 + number), isBroken: true) }
    let result = try learn(["--json"])
    #expect(result.status == 0, "\(result.errors)")
    let unlike = try #require(result.json["unlike"] as? [[String: Any]])
    let names = unlike.compactMap { ($0["file"] as? String)?.split(separator: "/").last.map(String.init) }
    // Of two alike one at least is told, and here no good picture is.
    #expect(names.contains("500.bmp") && Set(names).isSubset(of: ["500.bmp", "501.bmp"]), "\(names)")
    #expect(unlike.allSatisfy { ($0["times"] as? Double ?? 0) > 1.3 && ($0["distance"] as? Double ?? 0) > 0 })
    #expect(result.errors.contains("\(names.count) of 48 pictures "), "\(result.errors)")
    #expect(result.errors.contains("unlike the others, and w") && result.errors.contains("learned as good: look at "))
    #expect(result.errors.contains("good/500.bmp: ") && result.errors.contains("times as far from the others"))
    #expect(FileManager.default.fileExists(atPath: folder.file("models/check/model.yaml")))
  }
}
