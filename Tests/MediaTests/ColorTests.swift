import Base
import TestKit
import Testing

@testable import Media

struct ColorTests {
  private static let size = Size(width: 64, height: 64)
  private let folder = TemporaryFolder()

  @Test(
    arguments: ["bt709", "smpte170m", "bt2020nc"],
    ["yuv420p", "yuv422p", "yuv444p", "yuv411p", "yuv420p10le", "yuv444p10le", "yuv422p12le", "yuv444p16le", "nv12"])
  func `colours come back in every matrix and layout`(_ matrix: String, _ format: String) throws {
    for range in ["tv", "pc"] {
      let path = try clip(matrix, range, format)
      let reader = try MediaReader(path)
      let rgb = try #require(try reader.next()).rgb()
      Picturing.expectNear(
        Picturing.quarterColors(rgb, Self.size), Picturing.corners, within: format.contains("411") ? 4 : 3)
      #expect(reader.info.colorMatrix == matrix)
      #expect(reader.info.usesFullRange == (range == "pc"))
    }
  }

  @Test func `what a stream does not say is decided by its size`() throws {
    for (size, matrix) in [(Size(width: 64, height: 64), ColorMatrix.bt601), (Size(width: 1280, height: 64), .bt709)] {
      let path = try Picturing.encode(
        Picturing.quarters(size), size, ["-vf", "format=yuv420p", "-c:v", "ffv1"], to: "\(size).mkv", in: folder)
      let info = try MediaReader(path).info
      #expect(info.usedMatrix == matrix)
      #expect(!info.usesFullRange)
    }
  }

  @Test func `the full range of a JPEG film is kept`() throws {
    let path = try Picturing.encode(
      Picturing.quarters(Self.size), Self.size, ["-pix_fmt", "yuvj420p", "-c:v", "mjpeg", "-q:v", "1"],
      to: "motion.avi", in: folder)
    let rgb = try Picturing.first(path).rgb()
    Picturing.expectNear(Picturing.quarterColors(rgb, Self.size), Picturing.corners, within: 4)
  }

  @Test(arguments: ["gbrp", "gbrp10le", "gbrp16le", "bgr0", "bgra"])
  func `pictures that are already red, green and blue stay so`(_ format: String) throws {
    let path = try Picturing.encode(
      Picturing.quarters(Self.size), Self.size, ["-vf", "format=\(format)", "-c:v", "ffv1"], to: "rgb.mkv", in: folder)
    let frame = try Picturing.first(path)
    Picturing.expectNear(Picturing.quarterColors(try frame.rgb(), Self.size), Picturing.corners, within: 1)
    let blueFirst = try Picturing.render(frame, Self.size, order: .bgr)
    let gray = try Picturing.render(frame, Self.size, order: .gray)
    #expect(abs(Int(blueFirst[0]) - 30) <= 1 && abs(Int(blueFirst[2]) - 200) <= 1)
    #expect(abs(Int(gray[0]) - 87) <= 1)
  }

  @Test func `orders of samples are the same picture`() throws {
    let frame = try Picturing.first(clip("bt709", "tv", "yuv420p"))
    let rgb = try Picturing.render(frame, Self.size)
    let bgr = try Picturing.render(frame, Self.size, order: .bgr)
    let gray = try Picturing.render(frame, Self.size, order: .gray)
    #expect(rgb.count == bgr.count && gray.count * 3 == rgb.count)
    #expect(
      stride(from: 0, to: rgb.count, by: 3).allSatisfy {
        abs(Int(rgb[$0]) - Int(bgr[$0 + 2])) <= 1 && abs(Int(rgb[$0 + 1]) - Int(bgr[$0 + 1])) <= 1
      })
    // BT.709 luma of the last corner, (230, 230, 225), at full range.
    #expect(abs(Int(gray[gray.count - 1]) - 230) <= 2)
  }

  @Test func `gray pictures become gray pixels`() throws {
    for format in ["gray", "gray10le", "gray12le", "gray16le"] {
      let path = try Picturing.encode(
        [UInt8](repeating: 180, count: Self.size.area * 3), Self.size,
        ["-vf", "format=\(format)", "-c:v", "ffv1"], to: format + ".mkv", in: folder)
      let frame = try Picturing.first(path)
      #expect(try frame.rgb().allSatisfy { abs(Int($0) - 180) <= 2 })
      #expect(try Picturing.render(frame, Self.size, order: .gray).allSatisfy { abs(Int($0) - 180) <= 2 })
    }
  }

  private func clip(_ matrix: String, _ range: String, _ format: String) throws -> String {
    let filter = "scale=out_color_matrix=\(matrix):out_range=\(range):flags=accurate_rnd,format=\(format)"
    return try Picturing.encode(
      Picturing.quarters(Self.size), Self.size,
      ["-vf", filter, "-colorspace", matrix, "-color_range", range, "-c:v", format == "nv12" ? "rawvideo" : "ffv1"],
      to: "\(matrix)-\(range)-\(format).mkv", in: folder)
  }
}
