import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// Gray pictures: one rule for every layout of samples.
struct GrayTests {
  private static let size = Size(width: 61, height: 37)
  private let folder = TemporaryFolder()

  /// Raw samples of a layout, `width` bytes each, and the 8 bits that are meant by each pixel.
  private func samples(_ format: String) -> (raw: [UInt8], meant: [UInt8]) {
    let values = (0..<Self.size.area).map { UInt16(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) }
    let (low, high) = ({ UInt8(truncatingIfNeeded: $0) } as (UInt16) -> UInt8, { UInt8($0 >> 8) } as (UInt16) -> UInt8)
    let raw = values.flatMap { value -> [UInt8] in
      switch format {
      case "gray": [high(value)]
      case "ya8": [high(value), 77]
      case "gray16le": [low(value), high(value)]
      case "gray16be": [high(value), low(value)]
      case "ya16le": [low(value), high(value), 1, 2]
      case "ya16be": [high(value), low(value), 1, 2]
      case "rgb48be": [high(value), low(value), high(value), low(value), high(value), low(value)]
      case "rgba64le": [low(value), high(value), low(value), high(value), low(value), high(value), 3, 4]
      default: []
      }
    }
    return (raw, values.map(high))
  }

  @Test(
    arguments: ["gray", "ya8", "gray16le", "gray16be", "ya16le", "ya16be", "rgb48be", "rgba64le"],
    ["nut", "png", "tif"])
  func `a sample means the same in every layout, in a container that says no range too`(
    _ format: String, _ kind: String
  ) throws {
    let (raw, meant) = samples(format)
    let source = folder.file("a.raw")
    try Data(raw).write(to: URL(filePath: source))
    // PNG has the high end first only, TIFF no gray with alpha of 16 bits.
    // NUT has no name for gray with alpha of 16 bits.
    guard kind != "nut" || !format.hasPrefix("ya16") else { return }
    guard kind != "png" || !format.hasSuffix("le"), kind != "tif" || !format.hasPrefix("ya16") else { return }
    let coder = kind == "nut" ? ["-c:v", "rawvideo"] : ["-frames:v", "1"]
    let path = try Picturing.ffmpeg(
      ["-f", "rawvideo", "-pix_fmt", format, "-s", "\(Self.size)", "-i", source, "-pix_fmt", format] + coder,
      to: "a." + kind, in: folder)
    let frame = try Picturing.first(path)
    #expect(try frame.rgb() == meant.flatMap { [$0, $0, $0] })
    #expect(try Picturing.render(frame, Self.size, order: .gray) == meant)
    // The same scaled, whatever the order of the bytes.
    let small = try Picturing.render(frame, Size(width: 30, height: 18), order: .gray)
    if format.contains("16be") {
      let other = "gray16le"
      let (raw, _) = samples(other)
      try Data(raw).write(to: URL(filePath: source))
      let twin = try Picturing.ffmpeg(
        ["-f", "rawvideo", "-pix_fmt", other, "-s", "\(Self.size)", "-i", source, "-c:v", "rawvideo"], to: "b.nut",
        in: folder)
      #expect(try Picturing.render(Picturing.first(twin), Size(width: 30, height: 18), order: .gray) == small)
    }
  }
}
