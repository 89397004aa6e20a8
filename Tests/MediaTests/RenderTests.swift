import Base
import TestKit
import Testing

@testable import Media

struct RenderTests {
  private static let size = Size(width: 64, height: 48)
  private let folder = TemporaryFolder()

  @Test func `a letterboxed picture stands in its target and padding around it`() throws {
    let frame = try still(Picturing.quarters(Self.size))
    let size = Size(width: 32, height: 32)
    let target = Rect(x: 0, y: 4, width: 32, height: 24)
    let bytes = try Picturing.render(frame, size, target: target, pad: 114)
    #expect(bytes[..<(4 * 96)].allSatisfy { $0 == 114 })
    #expect(bytes[(28 * 96)...].allSatisfy { $0 == 114 })
    let inner = Array(bytes[(4 * 96)..<(28 * 96)])
    Picturing.expectNear(
      Picturing.quarterColors(inner, Size(width: 32, height: 24)), Picturing.corners, within: 1)
  }

  @Test func `a target in the middle leaves padding on both sides`() throws {
    let frame = try still(Picturing.quarters(Self.size))
    let bytes = try Picturing.render(
      frame, Size(width: 80, height: 60), target: Rect(x: 8, y: 6, width: 64, height: 48), order: .gray, pad: 7)
    #expect((0..<60).allSatisfy { bytes[$0 * 80] == 7 && bytes[$0 * 80 + 79] == 7 })
    #expect(bytes[6 * 80 + 7] == 7 && bytes[6 * 80 + 8] != 7 && bytes[53 * 80 + 71] != 7 && bytes[53 * 80 + 72] == 7)
  }

  @Test func `a part that is not scaled is copied exactly`() throws {
    let noise = (0..<Self.size.area * 3).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 9) }
    let frame = try still(noise)
    let part = try Picturing.render(
      frame, Size(width: 20, height: 10), source: Rect(x: 7, y: 5, width: 20, height: 10))
    let wanted = Picturing.part(of: noise, Self.size, x: 7, y: 5, width: 20, height: 10)
    #expect(part == wanted)
  }

  @Test func `a ramp stays a ramp at any size`() throws {
    let size = Size(width: 256, height: 16)
    let ramp = (0..<size.area).flatMap { pixel in [UInt8](repeating: UInt8(pixel % 256), count: 3) }
    let frame = try still(ramp, size)
    for width in [13, 64, 100, 128, 200, 255, 300, 512, 1000] {
      let row = try Picturing.render(frame, Size(width: width, height: 3), order: .gray).prefix(width)
      for (x, value) in row.enumerated() {
        let wanted = (Double(x) + 0.5) / Double(width) * 256 - 0.5
        #expect(abs(Double(value) - wanted) <= 3, "column \(x) of \(width)")
      }
    }
  }

  @Test func `a part outside the picture is clipped to it`() throws {
    let frame = try still(Picturing.quarters(Self.size))
    let size = Size(width: 16, height: 16)
    let bytes = try Picturing.render(frame, size, source: Rect(x: 60, y: 44, width: 500, height: 500))
    Picturing.expectNear(
      Picturing.quarterColors(bytes, size), Array(repeating: Picturing.corners[3], count: 4), within: 1)
    _ = try Picturing.render(frame, size, source: Rect(x: -9, y: 900, width: 0, height: 0))
  }

  @Test(.enabled(if: TestData.isThere), arguments: ["video_0.mov", "video_90.mov", "video_180.mov", "video_270.mov"])
  func `turned films stand as ffmpeg turns them`(_ name: String) throws {
    let path = try ClipTests.find(name)
    let frame = try Picturing.first(path)
    #expect(Picturing.meanDifference(try frame.rgb(), try Picturing.reference(path, in: folder)) < 2)
  }

  @Test(.enabled(if: TestData.isThere)) func `a part of a turned film is that part of the upright picture`() throws {
    for name in ["video_90.mov", "video_180.mov", "video_270.mov"] {
      let frame = try Picturing.first(try ClipTests.find(name))
      let whole = try frame.rgb()
      let part = try Picturing.render(
        frame, Size(width: 40, height: 30), source: Rect(x: 20, y: 10, width: 40, height: 30))
      let wanted = Picturing.part(of: whole, frame.size, x: 20, y: 10, width: 40, height: 30)
      #expect(Picturing.meanDifference(part, wanted) < 1)
    }
  }

  @Test func `wide samples become square pixels`() throws {
    for (aspect, width) in [("2/1", 128), ("1/2", 32), ("64/45", 91), ("1000/1", 64)] {
      let path = try Picturing.encode(
        Picturing.quarters(Self.size), Self.size, ["-vf", "setsar=\(aspect)", "-c:v", "ffv1"], to: "wide.mkv",
        in: folder)
      let reader = try MediaReader(path)
      let size = Size(width: width, height: 48)
      #expect(reader.info.size == size)
      let rgb = try #require(try reader.next()).rgb()
      Picturing.expectNear(Picturing.quarterColors(rgb, size), Picturing.corners, within: 3)
    }
  }

  private func still(_ rgb: [UInt8], _ size: Size = RenderTests.size) throws -> Frame {
    try Picturing.first(try Picturing.encode(rgb, size, [], to: "still.png", in: folder))
  }
}

struct ParallelRenderTests {
  @Test func `frames of one reader can be rendered at once`() async throws {
    let folder = TemporaryFolder()
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc=s=160x120:r=25:d=1", "-c:v", "ffv1", "-pix_fmt", "bgra"], to: "film.mkv",
      in: folder)
    let reader = try MediaReader(path)
    var frames: [Frame] = []
    while let frame = try reader.next() { frames.append(frame) }
    let size = Size(width: 50, height: 40)
    let alone = try frames.map { try Picturing.render($0, size) }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 {
        for (frame, wanted) in zip(frames, alone) { group.addTask { try Picturing.render(frame, size) == wanted } }
      }
      for try await same in group { #expect(same) }
    }
  }
}
