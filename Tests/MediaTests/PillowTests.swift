import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// The picture scaled to `size` by Pillow, and cut there.
struct PillowCase: Sendable, CustomTestStringConvertible {
  var name: String
  var interpolation: Interpolation
  var size: Size
  var cut: Rect
  var pixels: [UInt8]

  init(_ name: String, _ interpolation: Interpolation, _ size: [Int], _ cut: [Int], _ pixels: String) {
    (self.name, self.interpolation) = (name, interpolation)
    self.size = Size(width: size[0], height: size[1])
    self.cut = Rect(x: Double(cut[0]), y: Double(cut[1]), width: Double(cut[2]), height: Double(cut[3]))
    self.pixels = [UInt8](Data(base64Encoded: pixels)!)
  }

  var testDescription: String { "\(name), \(interpolation)" }
  /// What of a picture is shown where the case's pixels are.
  func source(of picture: Size) -> Rect {
    let (x, y) = (Double(picture.width) / Double(size.width), Double(picture.height) / Double(size.height))
    return Rect(x: cut.x * x, y: cut.y * y, width: cut.width * x, height: cut.height * y)
  }
}

struct PillowTests {
  private static let size = Size(width: 67, height: 45)
  /// As tools/pillow-pixels draws it.
  private static let picture: [UInt8] = (0..<size.area).flatMap { index -> [UInt8] in
    let (x, y) = (index % size.width, index / size.width)
    let noise = UInt8(truncatingIfNeeded: UInt32(truncatingIfNeeded: index &* 2_654_435_761) >> 24)
    return [noise, UInt8(x * 255 / (size.width - 1)), (x / 9 + y / 7) % 2 == 1 ? 255 : 0]
  }
  private let folder = TemporaryFolder()

  @Test(arguments: PillowPixels.all)
  func `a picture has the very pixels that Pillow gives it`(_ wanted: PillowCase) throws {
    for name in ["still.png", "still.bmp", "film.mkv"] {
      let coding = name == "film.mkv" ? ["-pix_fmt", "gbrp", "-c:v", "ffv1"] : []
      let frame = try Picturing.first(try Picturing.encode(Self.picture, Self.size, coding, to: name, in: folder))
      let made = try render(frame, wanted)
      #expect(made == wanted.pixels, "\(name)")
    }
  }

  @Test(arguments: ["90", "180", "270"])
  func `a film that is turned upright has them too`(_ turn: String) throws {
    let turns = ["90": "transpose=1", "180": "hflip,vflip", "270": "transpose=2"]
    let lying = try Picturing.encode(
      Self.picture, Self.size, ["-vf", turns[turn]!, "-c:v", "libx264rgb", "-qp", "0"], to: "lying.mp4", in: folder)
    let path = try Picturing.ffmpeg(
      ["-i", lying, "-c", "copy", "-metadata:s:v", "rotate=\(turn)"], to: "turned.mp4", in: folder)
    let frame = try Picturing.first(path)
    try #require(frame.size == Self.size)
    for wanted in PillowPixels.all { #expect(try render(frame, wanted) == wanted.pixels, "\(wanted.testDescription)") }
  }

  @Test func `a picture that is not scaled is copied exactly`() throws {
    let frame = try Picturing.first(try Picturing.encode(Self.picture, Self.size, [], to: "still.png", in: folder))
    for interpolation in [Interpolation.bilinear, .bicubic] {
      #expect(try Picturing.render(frame, Self.size, interpolation: interpolation) == Self.picture)
    }
  }

  private func render(_ frame: Frame, _ wanted: PillowCase) throws -> [UInt8] {
    let size = Size(width: Int(wanted.cut.width), height: Int(wanted.cut.height))
    return try Picturing.render(
      frame, size, source: wanted.source(of: frame.size), interpolation: wanted.interpolation)
  }
}

struct InterpolationTests {
  private static let formats = ["yuv420p", "yuv420p10le", "yuv422p12le", "yuv444p16le", "gray", "gray10le", "rgb24"]
  private let folder = TemporaryFolder()

  @Test(arguments: formats)
  func `a picture of one colour stays of that colour, whatever becomes of its size`(_ format: String) throws {
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "color=c=0x9c9c9c:s=131x77:d=0.04", "-pix_fmt", format, "-c:v", "ffv1"],
      to: "plain.mkv", in: folder)
    let frame = try Picturing.first(path)
    for interpolation in Interpolation.allCases {
      for size in [Size(width: 48, height: 27), Size(width: 1, height: 3), Size(width: 300, height: 201)] {
        let made = try Picturing.render(
          frame, size, source: Rect(x: 3.3, y: 2.1, width: 99.5, height: 70), interpolation: interpolation)
        #expect(Set(made).count == 1 && abs(Int(made[0]) - 0x9c) <= 2, "\(interpolation) to \(size): \(Set(made))")
      }
    }
  }

  @Test func `deep samples and chroma give what their 8-bit picture gives, to a level`() throws {
    let film = ["-f", "lavfi", "-i", "testsrc2=s=320x180:d=0.04"]
    for interpolation in [Interpolation.bilinear, .bicubic] {
      let plain = try render(film, "yuv420p", interpolation)
      for format in ["yuv420p10le", "yuv420p12le", "yuv420p16le"] {
        #expect(Picturing.meanDifference(try render(film, format, interpolation), plain) < 0.6, "\(format)")
      }
    }
  }

  @Test func `pixels by FFmpeg are those of its command`() throws {
    for format in ["yuv420p", "yuv420p10le", "yuvj420p", "gbrp", "rgb24", "yuva420p"] {
      let path = try Picturing.ffmpeg(
        ["-f", "lavfi", "-i", "testsrc2=s=322x180:d=0.04", "-pix_fmt", format, "-c:v", "ffv1"], to: "film.mkv",
        in: folder)
      let flags = "bicubic+accurate_rnd+bitexact"
      let raw = try Picturing.ffmpeg(
        ["-i", path, "-vf", "scale=48:27:flags=\(flags)", "-sws_flags", flags, "-f", "rawvideo", "-pix_fmt", "rgb24"],
        to: "wanted.rgb", in: folder)
      let frame = try Picturing.first(path)
      let made = try Picturing.render(frame, Size(width: 48, height: 27), interpolation: .ffmpeg)
      #expect(made == (try Picturing.bytes(raw)), "\(format)")
    }
  }

  @Test func `any part to any size, from any format, stays in its bounds`() throws {
    var dice = SeededRandom(7)
    for format in Self.formats + ["yuva420p", "pal8", "bgr24"] {
      let path = try Picturing.ffmpeg(
        ["-f", "lavfi", "-i", "testsrc2=s=61x43:d=0.04", "-pix_fmt", format, "-c:v", "rawvideo"], to: "film.nut",
        in: folder)
      let frame = try Picturing.first(path)
      for _ in 0..<40 {
        let size = Size(width: .random(in: 1...80, using: &dice), height: .random(in: 1...80, using: &dice))
        let source = Rect(
          x: .random(in: -9...70, using: &dice), y: .random(in: -9...50, using: &dice),
          width: .random(in: 0...80, using: &dice), height: .random(in: 0...60, using: &dice))
        for interpolation in Interpolation.allCases {
          for order in PixelOrder.allCases {
            let made = try Picturing.render(frame, size, source: source, order: order, interpolation: interpolation)
            #expect(made.count == size.area * order.channels)
          }
        }
      }
    }
  }

  @Test func `a frame has the same pixels wherever reading began`() throws {
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1", "-c:v", "libx264", "-g", "10", "-bf", "2"], to: "film.mp4",
      in: folder)
    for interpolation in Interpolation.allCases {
      let size = Size(width: 48, height: 27)
      let (reader, access) = (try MediaReader(path), try FrameAccess(path))
      var whole: [[UInt8]] = []
      while let frame = try reader.next() {
        whole.append(try Picturing.render(frame, size, interpolation: interpolation))
      }
      try #require(whole.count == 25)
      for number in [17, 3, 24, 11] {
        let frame = try #require(try access.frame(at: number))
        #expect(try Picturing.render(frame, size, interpolation: interpolation) == whole[number])
      }
    }
  }

  private func render(_ film: [String], _ format: String, _ interpolation: Interpolation) throws -> [UInt8] {
    let path = try Picturing.ffmpeg(film + ["-pix_fmt", format, "-c:v", "ffv1"], to: "film.mkv", in: folder)
    return try Picturing.render(
      try Picturing.first(path), Size(width: 48, height: 27), interpolation: interpolation)
  }
}
