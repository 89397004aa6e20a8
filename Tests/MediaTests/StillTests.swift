import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct StillTests {
  private static let size = Size(width: 64, height: 48)
  private let folder = TemporaryFolder()

  /// Which coded quarter stands at top left, top right, bottom left, bottom right (EXIF 2.32, 4.6.4 A).
  private static let upright: [[Int]] = [
    [0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0], [2, 3, 0, 1], [0, 2, 1, 3], [2, 0, 3, 1], [3, 1, 2, 0], [1, 3, 0, 2],
  ]

  @Test(arguments: 1...8, ["jpg", "png", "webp"])
  func `pictures stand upright whatever the camera wrote`(_ tag: Int, _ kind: String) throws {
    let path = folder.file("turned.\(kind)")
    try Data(try tagged(tag, kind)).write(to: URL(filePath: path))
    let reader = try MediaReader(path)
    let turned = tag >= 5 ? Size(width: 48, height: 64) : Self.size
    #expect(reader.info.size == turned)
    #expect(reader.info.isPicture)
    #expect(reader.info.orientation == Orientation(exif: tag))
    let rgb = try #require(try reader.next()).rgb()
    Picturing.expectNear(
      Picturing.quarterColors(rgb, turned), Self.upright[tag - 1].map { Picturing.corners[$0] }, within: 8)
    #expect(try reader.next() == nil)
  }

  @Test(arguments: ["rgb24", "rgba", "pal8", "gray", "rgb48be", "gray16be", "ya8", "monob"])
  func `a PNG picture is exactly what another reader sees`(_ format: String) throws {
    let size = Size(width: 61, height: 37)
    let noise = (0..<size.area * 3).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) }
    let path = try Picturing.encode(noise, size, ["-pix_fmt", format], to: "noise.png", in: folder)
    let rgb = try Picturing.first(path).rgb()
    #expect(
      Picturing.meanDifference(rgb, try Picturing.reference(path, in: folder))
        <= (format.contains("16be") || format.contains("48be") ? 1 : 0))
    if format == "rgb24" { #expect(rgb == noise) }
  }

  @Test(arguments: ["plain.jpg", "100%d.jpg", "what?*.jpg", "a b:c.jpg", "no-extension", "wrong.png", "%05d"])
  func `a picture is known by its content, whatever its name`(_ name: String) throws {
    let path = folder.file(name)
    let jpeg = try JPEG.encode(rgb: Picturing.quarters(Self.size), size: Self.size)
    try Data(jpeg).write(to: URL(filePath: path))
    let reader = try MediaReader(path)
    #expect(reader.info.codec == "mjpeg")
    let rgb = try #require(try reader.next()).rgb()
    Picturing.expectNear(Picturing.quarterColors(rgb, Self.size), Picturing.corners, within: 6)
  }

  @Test func `of JPEG pictures one behind the other the first one counts, of any kind`() throws {
    let first = try JPEG.encode(rgb: Picturing.quarters(Self.size), size: Self.size)
    let second = try Picturing.bytes(
      Picturing.encode(Picturing.quarters(Self.size), Self.size, ["-q:v", "31"], to: "other.jpg", in: folder))
    for more in [first, second, Array(second.prefix(100))] {
      let path = folder.file("two.jpg")
      try Data(first + more).write(to: URL(filePath: path))
      let reader = try MediaReader(path)
      #expect(reader.info.isPicture)
      Picturing.expectNear(
        Picturing.quarterColors(try #require(try reader.next()).rgb(), Self.size), Picturing.corners, within: 6)
    }
  }

  @Test(arguments: ["webp", "bmp", "gif", "tiff"])
  func `common picture formats open`(_ kind: String) throws {
    let path = try Picturing.encode(
      Picturing.quarters(Self.size), Self.size, ["-frames:v", "1"], to: "picture." + kind, in: folder)
    let reader = try MediaReader(path)
    #expect(reader.info.size == Self.size)
    let rgb = try #require(try reader.next()).rgb()
    #expect(Picturing.meanDifference(rgb, try Picturing.reference(path, in: folder)) < 2)
    #expect(try reader.next() == nil)
  }

  @Test(arguments: ["jpg", "png"])
  func `half a picture is damaged or refused, never taken for whole`(_ kind: String) throws {
    let size = Size(width: 160, height: 120)
    let path = try Picturing.encode(
      Picturing.quarters(size), size, ["-frames:v", "1"], to: "whole." + kind, in: folder)
    let bytes = try Picturing.bytes(path)
    try Data(bytes[..<(bytes.count / 2)]).write(to: URL(filePath: path))
    guard let reader = try? MediaReader(path) else { return }
    let frame = try reader.next()
    #expect(frame?.isCorrupt != false)
    #expect(reader.corrupt.count > 0)
  }

  @Test func `an animated GIF is a film`() throws {
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc=s=64x48:r=5:d=2"], to: "moving.gif", in: folder)
    let reader = try MediaReader(path)
    #expect(!reader.info.isPicture)
    var count = 0
    while try reader.next() != nil { count += 1 }
    #expect(count == 10)
  }

  @Test func `an encoded JPEG keeps size and colours, and quality costs bytes`() throws {
    for size in [Self.size, Size(width: 1, height: 1), Size(width: 33, height: 17)] {
      let rgb = Picturing.quarters(size)
      let path = folder.file("\(size).jpg")
      try Data(try JPEG.encode(rgb: rgb, size: size, quality: 95)).write(to: URL(filePath: path))
      #expect(try Picturing.first(path).size == size)
    }
    let noise = (0..<Self.size.area * 3).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    let sizes = try [10, 50, 85, 95].map { try JPEG.encode(rgb: noise, size: Self.size, quality: $0).count }
    #expect(sizes == sizes.sorted())
    #expect(JPEG.quantiser(85) == 4)
  }

  /// The test picture with an orientation in its metadata.
  private func tagged(_ tag: Int, _ kind: String) throws -> [UInt8] {
    let rgb = Picturing.quarters(Self.size)
    let tiff: [UInt8] =
      Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(tag), 0, 0]
      + [0, 0, 0, 0]
    switch kind {
    case "jpg":
      let jpeg = try JPEG.encode(rgb: rgb, size: Self.size, quality: 95)
      let body = Array("Exif".utf8) + [0, 0] + tiff
      return jpeg[..<2] + [0xFF, 0xE1, 0, UInt8(body.count + 2)] + body + jpeg[2...]
    case "png":
      let png = try Picturing.bytes(try Picturing.encode(rgb, Self.size, [], to: "plain.png", in: folder))
      return png[..<33] + [0, 0, 0, UInt8(tiff.count)] + Array("eXIf".utf8) + tiff + [0, 0, 0, 0] + png[33...]
    default:
      let webp = try Picturing.bytes(
        try Picturing.encode(rgb, Self.size, ["-quality", "95"], to: "plain.webp", in: folder))
      let image = Array(webp[12...])
      let start = image[..<4].elementsEqual("VP8X".utf8) ? Array(image[18...]) : image
      let chunks =
        Array("VP8X".utf8) + [10, 0, 0, 0, 8, 0, 0, 0, 63, 0, 0, 47, 0, 0] + start
        + Array("EXIF".utf8) + [UInt8(tiff.count), 0, 0, 0] + tiff
      let length = chunks.count + 4
      return Array("RIFF".utf8) + (0..<4).map { UInt8(length >> ($0 * 8) & 255) } + Array("WEBP".utf8) + chunks
    }
  }
}

@Suite(.enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
struct RealStillTests {
  @Test func `every picture of the test data opens whole`() throws {
    let names =
      FileManager.default.enumerator(atPath: try #require(TestData.folder))?.compactMap { $0 as? String } ?? []
    var count = 0
    for name in names where [".jpg", ".jpeg", ".png", ".bmp"].contains(where: name.lowercased().hasSuffix) {
      let reader = try MediaReader(TestData.path(name))
      let frame = try #require(try reader.next())
      #expect(reader.info.isPicture && !frame.isCorrupt && frame.size == reader.info.size, "\(name)")
      _ = try Picturing.render(frame, Size(width: 64, height: 64))
      count += 1
    }
    #expect(count > 100)
  }
}
