import Foundation
import TestKit
import Testing

@testable import Media

struct ProgramWatchTests {
  private static func bytes(_ codec: String, _ folder: TemporaryFolder) throws -> [UInt8] {
    let path = folder.file("\(codec).ts")
    let words = [
      "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=25", "-t", "2", "-c:v", codec,
      path,
    ]
    try #require(shell(["ffmpeg"] + words).status == 0)
    return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  @Test(
    "Another table is seen once, where it comes, however the bytes are cut and whatever stands between",
    arguments: [7, 188, 1316, 100_000])
  func change(step: Int) throws {
    let folder = TemporaryFolder()
    let (one, other) = (try Self.bytes("libx264", folder), try Self.bytes("libx265", folder))
    var random = SeededRandom(5)
    let noise = (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let all = one + one + noise + other + other
    var (watch, places) = (ProgramWatch(), [Int]())
    for place in stride(from: 0, to: all.count, by: step) {
      if watch.take(Array(all[place..<min(all.count, place + step)])) { places.append(place) }
    }
    let first = one.count * 2 + noise.count
    #expect(places.count == 1 && places[0] > first - step && places[0] < first + 2000, "\(places) \(first)")
  }
}
