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

  private static let source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2"]
  private static let coded: [String: [String]] = [
    "mjpeg.avi": ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], "open.ts": ["-c:v", "libx264", "-g", "25", "-bf", "3"],
    "hevc.mkv": ["-c:v", "libx265", "-x265-params", "log-level=0:keyint=25"],
    "mpeg2.ts": ["-c:v", "mpeg2video", "-bf", "2"],
    "mpeg4.avi": ["-c:v", "mpeg4", "-bf", "2"], "vp8.webm": ["-c:v", "libvpx", "-deadline", "realtime"],
    "vp9.webm": ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime"],
    "prores.mov": ["-c:v", "prores", "-pix_fmt", "yuv422p10le"], "ffv1.mkv": ["-c:v", "ffv1", "-level", "3"],
    "dnxhd.mov": ["-s", "1280x720", "-c:v", "dnxhd", "-b:v", "90M", "-pix_fmt", "yuv422p"],
    "theora.ogv": ["-c:v", "libtheora"],
  ]

  @Test(arguments: coded.keys.sorted())
  func `some bytes that are wrong give the same pictures on any number of threads`(_ name: String) throws {
    let path = try Picturing.ffmpeg(Self.source + Self.coded[name]!, to: name, in: folder)
    let whole = try Picturing.bytes(path)
    for seed in 0..<10 as Range<UInt64> {
      var (bytes, random) = (whole, SeededRandom(seed))
      for _ in 0..<5 {
        bytes[Int.random(in: bytes.count / 8..<bytes.count * 7 / 8, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      let path = folder.file("\(seed)-\(name)")
      try Data(bytes).write(to: URL(filePath: path))
      guard let one = try? Told(path, threads: 1) else { continue }
      #expect(try Told(path, threads: 1) == one, "one thread twice, \(seed)")
      // FFmpeg's HEVC decoder reads on in damaged slices by what its thread saw before, and tells nothing of it.
      if name == "hevc.mkv" { continue }
      #expect(try Told(path, threads: 4) == one, "four threads, \(seed)")
    }
  }

  @Test func `behind a loss in a transport stream each picture keeps its own time, and the loss is told`() throws {
    let path = try Picturing.ffmpeg(
      Self.source + ["-c:v", "libx264", "-g", "25", "-bf", "3", "-x264-params", "b-adapt=0"], to: "whole.ts", in: folder
    )
    let bytes = try Picturing.bytes(path)
    let times = Set(try Told(path, threads: 1).frames.map(\.pts))
    let packet = 188
    for first in stride(from: bytes.count / packet / 4, to: bytes.count / packet * 3 / 4, by: 37) {
      let lost = folder.file("\(first).ts")
      try Data(bytes[..<(first * packet)] + bytes[((first + 25) * packet)...]).write(to: URL(filePath: lost))
      let told = try Told(lost, threads: 1)
      let pts = told.frames.map(\.pts)
      #expect(Set(pts).count == pts.count && times.isSuperset(of: pts), "\(first): \(pts)")
      #expect(told.all.count > 0, "\(first)")
      #expect(try Told(lost, threads: 4) == told, "\(first)")
    }
  }
}
