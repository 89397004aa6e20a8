import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// Makes small pictures and clips, and looks into pixels.
enum Picturing {
  struct RGB: Hashable { var r, g, b: Int }

  /// Top left, top right, bottom left, bottom right.
  static let corners = [
    RGB(r: 200, g: 40, b: 30), RGB(r: 30, g: 180, b: 60), RGB(r: 40, g: 60, b: 210), RGB(r: 230, g: 230, b: 225),
  ]

  /// Four quarters of one colour each.
  static func quarters(_ size: Size) -> [UInt8] {
    var bytes: [UInt8] = []
    for y in 0..<size.height {
      for x in 0..<size.width {
        let color = corners[(y * 2 / size.height) * 2 + x * 2 / size.width]
        bytes += [UInt8(color.r), UInt8(color.g), UInt8(color.b)]
      }
    }
    return bytes
  }

  /// The colours in the middle of the four quarters.
  static func quarterColors(_ rgb: [UInt8], _ size: Size) -> [RGB] {
    [(1, 1), (3, 1), (1, 3), (3, 3)].map { x, y in
      let start = ((size.height * y / 4) * size.width + size.width * x / 4) * 3
      return RGB(r: Int(rgb[start]), g: Int(rgb[start + 1]), b: Int(rgb[start + 2]))
    }
  }

  static func expectNear(
    _ found: [RGB], _ wanted: [RGB], within tolerance: Int, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == wanted.count, sourceLocation: location)
    for (a, b) in zip(found, wanted) {
      let off = max(abs(a.r - b.r), abs(a.g - b.g), abs(a.b - b.b))
      #expect(off <= tolerance, "\(a) should be \(b)", sourceLocation: location)
    }
  }

  static func meanDifference(_ a: [UInt8], _ b: [UInt8]) -> Double {
    guard a.count == b.count else { return .infinity }
    var sum = 0
    for index in a.indices { sum += abs(Int(a[index]) - Int(b[index])) }
    return Double(sum) / Double(max(1, a.count))
  }

  /// Cut out of packed RGB.
  static func part(of rgb: [UInt8], _ size: Size, x: Int, y: Int, width: Int, height: Int) -> [UInt8] {
    var out: [UInt8] = []
    for row in y..<y + height {
      let start = (row * size.width + x) * 3
      out += rgb[start..<start + width * 3]
    }
    return out
  }

  static func first(_ path: String) throws -> Frame { try #require(try MediaReader(path).next()) }

  /// Runs `ffmpeg` over raw packed RGB and answers the file it made.
  static func encode(
    _ rgb: [UInt8], _ size: Size, _ arguments: [String], to name: String, in folder: TemporaryFolder
  ) throws -> String {
    let raw = folder.file("source-\(UUID().uuidString).rgb")
    try Data(rgb).write(to: URL(filePath: raw))
    return try ffmpeg(
      ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "\(size)", "-i", raw] + arguments, to: name, in: folder)
  }

  static func ffmpeg(_ arguments: [String], to name: String, in folder: TemporaryFolder) throws -> String {
    let path = folder.file(name)
    let result = shell(["ffmpeg", "-v", "error", "-y"] + arguments + ["file:" + path])
    try #require(result.status == 0, "\(result.errors)")
    return path
  }

  /// The first picture as `ffmpeg` itself turns and converts it.
  static func reference(_ path: String, in folder: TemporaryFolder) throws -> [UInt8] {
    let raw = try ffmpeg(
      [
        "-i", "file:" + path, "-frames:v", "1", "-sws_flags", "accurate_rnd+full_chroma_int+bilinear",
        "-f", "rawvideo", "-pix_fmt", "rgb24",
      ], to: UUID().uuidString + ".raw", in: folder)
    return try bytes(raw)
  }

  static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  static func render(
    _ frame: Frame, _ size: Size, source: Rect? = nil, target: Rect? = nil, order: PixelOrder = .rgb, pad: UInt8 = 0,
    interpolation: Interpolation = .halving
  ) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 99, count: size.area * order.channels)
    var pixels = bytes.mutableSpan
    var span = pixels.mutableBytes
    let all = Rect(x: 0, y: 0, width: Double(frame.size.width), height: Double(frame.size.height))
    let full = Rect(x: 0, y: 0, width: Double(size.width), height: Double(size.height))
    try frame.render(
      into: &span, size: size, source: source ?? all, target: target ?? full, order: order, pad: pad,
      interpolation: interpolation)
    return bytes
  }
}
