import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// Pictures whose files say more than the media library reads.
struct HeaderTests {
  private static let size = Size(width: 64, height: 48)
  private let folder = TemporaryFolder()

  private func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: folder.file(name)))
    return folder.file(name)
  }

  private func refusal(_ bytes: [UInt8], _ name: String) throws -> String {
    let path = try write(bytes, name)
    return try #require(throws: Fault.self) { _ = try MediaReader(path) }.message
  }

  /// Which coded quarter stands at top left, top right, bottom left, bottom right (EXIF 2.32, 4.6.4 A).
  private static let upright: [[Int]] = [
    [0, 1, 2, 3], [1, 0, 3, 2], [3, 2, 1, 0], [2, 3, 0, 1], [0, 2, 1, 3], [2, 0, 3, 1], [3, 1, 2, 0], [1, 3, 0, 2],
  ]

  private func expectUpright(_ path: String, _ tag: Int, within tolerance: Int) throws {
    let reader = try MediaReader(path)
    let turned = tag >= 5 ? Size(width: 48, height: 64) : Self.size
    #expect(reader.info.size == turned && reader.info.isPicture)
    let rgb = try #require(try reader.next()).rgb()
    Picturing.expectNear(
      Picturing.quarterColors(rgb, turned), Self.upright[tag - 1].map { Picturing.corners[$0] }, within: tolerance)
    #expect(try reader.next() == nil && reader.corrupt.count == 0)
  }

  /// Number, type (3 of two bytes, 4 of four), value.
  private typealias Entry = (tag: Int, type: Int, value: Int)

  /// A TIFF file of 8-bit RGB in one strip, with these entries changed or added.
  private func tiff(_ changes: [Entry] = [], bigEndian: Bool = false) -> [UInt8] {
    let number = { (value: Int, count: Int) -> [UInt8] in
      let bytes = (0..<count).map { UInt8(value >> ($0 * 8) & 255) }
      return bigEndian ? bytes.reversed() : bytes
    }
    let pixels = Picturing.quarters(Self.size)
    let place = 8 + pixels.count + 6
    let usual: [Entry] = [
      (256, 3, 64), (257, 3, 48), (258, 3, 8 + pixels.count), (259, 3, 1), (262, 3, 2), (273, 4, 8), (277, 3, 3),
      (278, 3, 48), (279, 4, pixels.count),
    ]
    let others = usual.filter { entry in !changes.contains { $0.tag == entry.tag } }
    let entries = (others + changes).sorted { $0.tag < $1.tag }
    let body = entries.flatMap { entry -> [UInt8] in
      let isElsewhere = entry.tag == 258
      let value = entry.type == 3 && !isElsewhere ? number(entry.value, 2) + [0, 0] : number(entry.value, 4)
      return number(entry.tag, 2) + number(entry.type, 2) + number(isElsewhere ? 3 : 1, 4) + value
    }
    let head = Array((bigEndian ? "MM" : "II").utf8) + number(42, 2) + number(place, 4)
    let bits = number(8, 2) + number(8, 2) + number(8, 2)
    return head + pixels + bits + number(entries.count, 2) + body + number(0, 4)
  }

  @Test(arguments: 1...8, [false, true])
  func `TIFF pictures stand upright whatever the camera wrote`(_ tag: Int, _ bigEndian: Bool) throws {
    try expectUpright(write(tiff([(274, 3, tag)], bigEndian: bigEndian), "a.tif"), tag, within: 0)
  }

  @Test(arguments: [
    (259, 7, "TIFF pictures with JPEG inside"), (259, 6, "TIFF pictures with JPEG inside"), (262, 6, "in YCbCr"),
    (262, 8, "colour space 8"), (322, 16, "in tiles"), (339, 3, "floating"), (259, 50_000, "compression 50000"),
    (50_706, 1, "DNG"),
  ])
  func `TIFF pictures that would be read wrongly are refused by their names`(
    _ tag: Int, _ value: Int, _ name: String
  ) throws {
    let message = try refusal(tiff([(tag, 3, value)]), "a.tif")
    #expect(message.contains(name) && message.contains("not supported"), "\(message)")
  }

  @Test func `a TIFF directory that lies is refused or read, and ends`() throws {
    let whole = tiff()
    for place in stride(from: 4, to: 8, by: 1) {
      for value in [0, 0x7F, 0xFF] as [UInt8] {
        var bytes = whole
        bytes[place] = value
        _ = try? MediaReader(write(bytes, "a.tif")).next()
      }
    }
  }

  /// A picture that FFmpeg made, with a property in place of the one that says its colours.
  private func avif(_ property: String, _ value: UInt8) throws -> [UInt8] {
    let path = try Picturing.encode(
      Picturing.quarters(Self.size), Self.size,
      [
        "-frames:v", "1", "-pix_fmt", "yuv444p", "-c:v", "libaom-av1", "-crf", "5", "-still-picture", "1", "-cpu-used",
        "8",
      ], to: "plain.avif", in: folder)
    var bytes = try Picturing.bytes(path)
    let colours = try #require(bytes.firstRange(of: Array("colr".utf8))).lowerBound - 4
    try #require(bytes[colours + 3] == 19)
    bytes.replaceSubrange(
      colours..<colours + 19,
      with: [0, 0, 0, 9] + Array(property.utf8) + [value] + [0, 0, 0, 10] + Array("free".utf8) + [0, 0])
    return bytes
  }

  @Test(arguments: [
    ("irot", 0, 1), ("irot", 1, 8), ("irot", 2, 3), ("irot", 3, 6), ("imir", 0, 4), ("imir", 1, 2), ("none", 0, 1),
  ])
  func `AVIF pictures are turned and mirrored as they say`(_ property: String, _ value: UInt8, _ tag: Int) throws {
    try expectUpright(write(avif(property, value), "a.avif"), tag, within: 8)
  }

  @Test func `AVIF pictures that would be read wrongly are refused by their names`() throws {
    #expect(try refusal(avif("clap", 0), "a.avif").contains("clap"))
    var tiles = try avif("none", 0)
    let type = try #require(tiles.firstRange(of: Array("av01Color".utf8))).lowerBound
    tiles.replaceSubrange(type..<type + 4, with: Array("grid".utf8))
    #expect(try refusal(tiles, "b.avif").hasPrefix("AVIF pictures in tiles are not supported"))
    var other = try avif("none", 0)
    let main = try #require(other.firstRange(of: Array("pitm".utf8))).upperBound
    other[main + 5] = 2
    #expect(try refusal(other, "c.avif").contains("not supported"))
  }

  @Test func `an AVIF header that is broken anywhere is refused or read, and ends`() throws {
    let whole = try avif("irot", 1)
    for place in 0..<288 {
      var bytes = whole
      bytes[place] ^= 0xFF
      _ = try? MediaReader(write(bytes, "a.avif")).next()
    }
  }
}
