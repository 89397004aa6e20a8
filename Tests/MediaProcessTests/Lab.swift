import Base
import Foundation
import Media
import TestKit
import Testing

@testable import MediaProcess

/// Pools of the built program, small films, and what decoding in this process says of them.
enum Lab {
  static func pool(_ limit: Int = 1, _ change: (inout MediaPool.Options) -> Void = { _ in }) -> MediaPool {
    var options = MediaPool.Options(limit: limit)
    options.program = Program.path
    change(&options)
    return MediaPool(options)
  }

  static func soon(_ seconds: Double = 60) -> UInt64 { Clock.now + UInt64(seconds * 1e9) }

  static func bytes(_ path: String) throws -> SharedBytes {
    SharedBytes([UInt8](try Data(contentsOf: URL(filePath: path))))
  }

  /// Kills a child, and waits until all its threads are dead; it is left to be taken back.
  static func end(_ process: Int32) {
    kill(process, SIGKILL)
    var info = siginfo_t()
    waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT)
  }

  private static let folder = TemporaryFolder()

  /// Made by `ffmpeg` once.
  static func film(_ name: String) throws -> String {
    let path = folder.file(name)
    if FileManager.default.fileExists(atPath: path) { return path }
    let part = folder.file(UUID().uuidString + "-" + name)
    let result = shell(["ffmpeg", "-v", "error", "-y"] + (recipes[name] ?? []) + ["file:" + part])
    try #require(result.status == 0, "\(result.errors)")
    try? FileManager.default.moveItem(atPath: part, toPath: path)
    return path
  }

  private static let moving = ["-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=4"]
  private static let recipes: [String: [String]] = [
    "h264.mp4": moving + ["-c:v", "libx264", "-g", "30", "-bf", "3", "-pix_fmt", "yuv420p"],
    "hevc.mkv": moving + ["-c:v", "libx265", "-x265-params", "log-level=0:keyint=30", "-pix_fmt", "yuv420p10le"],
    "vp9.webm": moving + ["-c:v", "libvpx-vp9", "-g", "40", "-cpu-used", "5", "-pix_fmt", "yuv420p"],
    "aom.mkv": moving + ["-c:v", "libaom-av1", "-g", "40", "-cpu-used", "8", "-usage", "realtime"],
    "mpeg4.avi": moving + ["-c:v", "mpeg4", "-bf", "2"],
    "mjpeg.mov": moving + ["-c:v", "mjpeg", "-pix_fmt", "yuvj422p"],
    "prores.mov": moving + ["-c:v", "prores", "-pix_fmt", "yuv422p10le"],
    "moving.gif": moving, "picture.jpg": moving + ["-frames:v", "1", "-pix_fmt", "yuvj420p"],
    "picture.png": moving + ["-frames:v", "1", "-pix_fmt", "rgba64be"],
    "palette.png": moving + ["-frames:v", "1", "-pix_fmt", "pal8"],
    "picture.webp": moving + ["-frames:v", "1"], "picture.bmp": moving + ["-frames:v", "1"],
    "picture.tiff": moving + ["-frames:v", "1", "-pix_fmt", "rgb48le"],
    "giant.png": ["-f", "lavfi", "-i", "testsrc2=s=6000x5000:d=1:r=1", "-frames:v", "1", "-pix_fmt", "rgb48be"],
    "long.mp4": ["-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=20", "-c:v", "libx264", "-preset", "ultrafast"],
  ]
  static let small = recipes.keys.filter { $0 != "giant.png" && $0 != "long.mp4" }.sorted()

  /// Everything that can be seen of a frame, in and across processes.
  struct Seen: Hashable {
    var index: Int
    var pts: Int?
    var time: Double
    var isKeyFrame: Bool
    var isCorrupt: Bool
    var size: Size
    var whole: Int
    var parts: [Int]
  }

  /// Odd sizes, edges around it, every order of samples.
  static let views = PixelOrder.allCases.map { order in
    (
      size: Size(width: 77, height: 61), target: Rect(x: 3, y: 5, width: 70, height: 50), order: order,
      interpolation: order == .rgb ? Interpolation.bicubic : order == .bgr ? .ffmpeg : .halving
    )
  }

  static func seen(_ frame: Frame) throws -> Seen {
    let parts = try views.map { view in
      var bytes = [UInt8](repeating: 1, count: view.size.area * view.order.channels)
      var pixels = bytes.mutableSpan
      var span = pixels.mutableBytes
      try frame.render(
        into: &span, size: view.size, source: part(of: frame.size), target: view.target, order: view.order, pad: 9,
        interpolation: view.interpolation)
      return bytes.hashValue
    }
    return Seen(
      index: frame.index, pts: frame.pts, time: frame.time, isKeyFrame: frame.isKeyFrame, isCorrupt: frame.isCorrupt,
      size: frame.size, whole: try frame.rgb().hashValue, parts: parts)
  }

  static func seen(_ frame: RemoteFrame, _ reader: RemoteReader) throws -> Seen {
    let parts = try views.map { view in
      let buffer = try reader.makeBuffer(byteCount: view.size.area * view.order.channels)
      try frame.render(
        into: buffer, size: view.size, source: part(of: frame.size), target: view.target, order: view.order, pad: 9,
        interpolation: view.interpolation)
      return Array(buffer.bytes.pointer).hashValue
    }
    return Seen(
      index: frame.index, pts: frame.pts, time: frame.time, isKeyFrame: frame.isKeyFrame, isCorrupt: frame.isCorrupt,
      size: frame.size, whole: try frame.rgb().hashValue, parts: parts)
  }

  private static func part(of size: Size) -> Rect {
    Rect(x: 1.5, y: 0, width: Double(size.width) - 4, height: Double(size.height) * 0.75)
  }

  /// Reads a file both ways, to the end or so many frames, and compares all that comes out.
  static func compare(_ path: String, _ sampling: Sampling, in pool: MediaPool, frames: Int = .max) throws {
    let (here, there) = (
      try MediaReader(path, sampling: sampling),
      try pool.open(try bytes(path), sampling: sampling, deadline: soon(120))
    )
    #expect(here.info == there.info, "\(path)")
    for _ in 0..<frames {
      let (own, remote) = (try here.next(), try there.next())
      guard let own, let remote else {
        #expect(own == nil && remote == nil, "\(path)")
        break
      }
      #expect(try seen(own) == seen(remote, there), "\(path), frame \(own.index)")
    }
    #expect(here.framesDecoded == there.framesDecoded && here.corrupt == there.corrupt, "\(path)")
    #expect(here.covered?.first == there.covered?.first && here.covered?.last == there.covered?.last, "\(path)")
  }
}
