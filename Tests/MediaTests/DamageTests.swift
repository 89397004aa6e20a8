import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct DamageTests {
  private let folder = TemporaryFolder()

  /// What a reader tells of a film, every frame and all that is broken.
  private struct Told: Hashable {
    var frames: [Films.Seen] = []
    var corrupt: [Int] = []
    var all: CorruptFrames

    init(_ path: String, threads: Int) throws {
      let reader = try MediaReader(path, threads: threads)
      while let frame = try reader.next() {
        frames.append(Films.Seen(frame))
        if frame.isCorrupt { corrupt.append(frame.index) }
      }
      all = reader.corrupt
    }
  }

  /// One bit of a film is turned, somewhere in its pictures.
  private func damaged(_ bytes: [UInt8], _ seed: UInt64) throws -> String {
    var (bytes, random) = (bytes, SeededRandom(seed))
    bytes[Int.random(in: bytes.count / 4..<bytes.count * 7 / 8, using: &random)] ^= 1 << UInt8(seed % 8)
    let path = folder.file("\(seed).mp4")
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  @Test func `damage is told the same way every time, by any number of threads`() throws {
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4", "-c:v", "libx264", "-g", "50", "-bf", "3"], to: "film.mp4",
      in: folder)
    let bytes = try Picturing.bytes(path)
    var found = 0
    for seed in 0..<12 as Range<UInt64> {
      let path = try damaged(bytes, seed)
      let one = try Told(path, threads: 1)
      for _ in 0..<3 { #expect(try Told(path, threads: 4) == one, "\(seed)") }
      found += one.corrupt.isEmpty ? 0 : 1
    }
    #expect(found > 6)
  }
}
