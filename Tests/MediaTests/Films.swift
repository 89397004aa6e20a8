import Foundation
import TestKit
import Testing

@testable import Media

/// Films of every kind that matters for the order of frames, rendered once, and what full decoding says of a film.
enum Films {
  /// One frame of full decoding.
  struct Seen: Hashable {
    var index: Int
    var pts: Int?
    var time: Double
    var isKey: Bool
    var planes: Int

    init(_ frame: Frame) {
      (index, pts, time, isKey) = (frame.index, frame.pts, frame.time, frame.isKeyFrame)
      planes = Films.digest(frame)
    }
  }

  static let source = ["-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=8"]
  private static let x264 = source + ["-c:v", "libx264", "-g", "30", "-bf", "3", "-threads", "1"]
  private static let x265 = source + ["-c:v", "libx265", "-x265-params"]
  private static let openGOP = x264 + ["-x264-params", "open-gop=1"]

  /// File names and how `ffmpeg` makes them; a name in front of a colon is a film that must be there first.
  static let recipes: [String: [String]] = [
    "h264.mp4": x264,
    "low-delay.mp4": source + ["-c:v", "libx264", "-g", "50", "-bf", "0"],
    "open.mp4": openGOP, "open.mkv": openGOP, "open.ts": openGOP, "open.avi": openGOP, "open.h264": openGOP,
    "refresh.mp4": source + ["-c:v", "libx264", "-x264-params", "intra-refresh=1:keyint=30:bframes=2"],
    "larger.ts": [
      "-f", "lavfi", "-i", "testsrc2=s=160x128:r=25:d=3", "-c:v", "libx264", "-g", "30", "-output_ts_offset", "9",
    ],
    "refresh.ts": source + ["-c:v", "libx264", "-x264-params", "intra-refresh=1:keyint=30:bframes=0"],
    "mbaff.ts": source + ["-c:v", "libx264", "-x264-params", "interlaced=1:keyint=30", "-flags", "+ildct+ilme"],
    "hevc.mp4": x265 + ["log-level=0:keyint=30:bframes=3:open-gop=1"],
    "hevc-closed.mkv": x265 + ["log-level=0:keyint=30:bframes=4:open-gop=0"],
    "hevc-layers.ts": x265 + ["log-level=0:keyint=30:bframes=4:temporal-layers=1"],
    "vp9.webm": source + [
      "-c:v", "libvpx-vp9", "-g", "40", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-cpu-used", "5",
    ],
    "vp8.webm": source + ["-c:v", "libvpx", "-g", "40", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-b:v", "200k"],
    "aom.mkv": source + ["-c:v", "libaom-av1", "-g", "40", "-cpu-used", "8", "-usage", "realtime"],
    "svt.mp4": source + ["-c:v", "libsvtav1", "-g", "40", "-preset", "10"],
    "vfr.mp4": source + [
      "-vf", "select='gt(mod(n\\,7)\\,2)+not(mod(n\\,11))'", "-vsync", "vfr", "-c:v", "libx264", "-g", "30", "-bf", "3",
    ],
    "late.mkv": x264 + ["-output_ts_offset", "5.3"],
    "mpeg2.ts": source + ["-c:v", "mpeg2video", "-g", "15", "-bf", "2"],
    "mpeg2.mpg": source + ["-c:v", "mpeg2video", "-g", "15", "-bf", "2"],
    "mpeg4.mp4": source + ["-c:v", "mpeg4", "-g", "25", "-bf", "2"],
    "mpeg4.avi": source + ["-c:v", "mpeg4", "-g", "25", "-bf", "2"],
    "plain.avi": source + ["-c:v", "mpeg4", "-g", "25"],
    "mjpeg.avi": source + ["-c:v", "mjpeg"], "prores.mov": source + ["-c:v", "prores"],
    "theora.ogv": source + ["-c:v", "libtheora", "-g", "30"], "flash.flv": source, "moving.gif": source,
    "fragments.mp4": x264 + ["-movflags", "frag_keyframe+empty_moov"],
  ]

  /// Made from another film.
  static let derived: [String: (film: String, arguments: [String])] = [
    "edit.mp4": ("h264.mp4", ["-ss", "1.7", "-i", "", "-c", "copy"]),
    "edit-open.mov": ("open.mp4", ["-ss", "2.1", "-i", "", "-c", "copy"]),
    "edit-hevc.mp4": ("hevc.mp4", ["-ss", "1.7", "-i", "", "-c", "copy"]),
    "edit-svt.mp4": ("svt.mp4", ["-ss", "1.7", "-i", "", "-c", "copy"]),
    "edit-aom.mp4": ("aom.mkv", ["-ss", "2.3", "-i", "", "-c", "copy"]),
  ]

  static var names: [String] { (Array(recipes.keys) + Array(derived.keys) + Array(pieces.keys)).sorted() }

  /// Put together from the bytes of others.
  private static let pieces: [String: @Sendable () throws -> [UInt8]] = [
    // A recording that begins anywhere.
    "cut.ts": { Array(try Picturing.bytes(Films.path("open.ts"))[(188 * 130)...]) },
    // No picture in it stands alone.
    "no-key.ts": {
      let bytes = try Picturing.bytes(Films.path("refresh.ts"))
      return Array(bytes[(bytes.count / 188 / 4 * 188)...])
    },
    // Time begins anew.
    "again.ts": { try Picturing.bytes(Films.path("open.ts")) + Picturing.bytes(Films.path("open.ts")) },
    // The picture is another size from there on.
    "resized.ts": { try Picturing.bytes(Films.path("open.ts")) + Picturing.bytes(Films.path("larger.ts")) },
  ]

  private static let folder = TemporaryFolder()
  private static let made = Mutexed<[String: String]>([:])

  /// The path of a film, rendered when it is first asked for.
  static func path(_ name: String) throws -> String {
    if let there = made.value[name] { return there }
    let path =
      if let recipe = recipes[name] {
        try Picturing.ffmpeg(
          recipe + [
            "-pix_fmt",
            name == "prores.mov"
              ? "yuv422p10le" : name == "moving.gif" ? "pal8" : name == "mjpeg.avi" ? "yuvj420p" : "yuv420p",
          ], to: unique(name), in: folder)
      } else if let (film, arguments) = derived[name] {
        try Picturing.ffmpeg(try arguments.map { $0.isEmpty ? try Films.path(film) : $0 }, to: unique(name), in: folder)
      } else {
        try pieced(name)
      }
    made.change { $0[name] = path }
    return path
  }

  private static func unique(_ name: String) -> String { "\(UUID().uuidString)-\(name)" }

  private static func pieced(_ name: String) throws -> String {
    let target = folder.file(unique(name))
    let make = try #require(pieces[name])
    try Data(make()).write(to: URL(filePath: target))
    return target
  }

  /// What full decoding gives.
  static func all(_ path: String) throws -> [Seen] {
    let reader = try MediaReader(path)
    var seen: [Seen] = []
    while let frame = try reader.next() { seen.append(Seen(frame)) }
    return seen
  }

  /// Of every sample of every plane; pictures in rare formats as RGB.
  static func digest(_ frame: Frame) -> Int {
    var hasher = Hasher()
    let picture = frame.picture
    if let layout = PixelLayout(picture.format) {
      for component in 0..<(layout.packedBlueFirst == nil ? layout.planes.count : 1) {
        let plane = picture.plane(component, layout)
        let length = plane.width * plane.sampleBytes * (layout.packedBlueFirst == nil ? 1 : 3)
        for row in 0..<plane.height {
          hasher.combine(bytes: UnsafeRawBufferPointer(start: plane.base + row * plane.stride, count: length))
        }
      }
    } else if let rgb = try? frame.rgb() {
      rgb.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
    return hasher.finalize()
  }
}

/// A value behind a lock.
final class Mutexed<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var held: Value
  init(_ value: Value) { held = value }
  var value: Value { lock.withLock { held } }
  func change(_ body: (inout Value) -> Void) { lock.withLock { body(&held) } }
}
