import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct WriterTests {
  private let folder = TemporaryFolder()

  @Test(arguments: [Ratio(1, 90_000), Ratio(1, 1000), Ratio(1001, 30_000)], [0, 12_345])
  func `timestamps survive, also uneven ones and a late start`(_ timeBase: Ratio, _ start: Int) throws {
    let size = Size(width: 64, height: 48)
    let wanted = [0, 33, 67, 100, 400, 401, 1000].map { $0 + start }
    let path = folder.file("out.mp4")
    let writer = try VideoWriter(path, size: size, timeBase: timeBase, frameRate: Ratio(30, 1))
    for pts in wanted { try writer.append(rgb: Picturing.quarters(size), pts: pts) }
    #expect(!FileManager.default.fileExists(atPath: path))
    try writer.finish()
    let reader = try MediaReader(path)
    var found: [Double] = []
    while let frame = try reader.next() { found.append(frame.time) }
    #expect(found.count == wanted.count)
    for (a, b) in zip(found, wanted) { #expect(abs(a - Double(b) * timeBase.value) < 0.000_1) }
  }

  @Test func `the film is tagged and keeps its colours`() throws {
    let size = Size(width: 320, height: 240)
    let path = folder.file("out.mp4")
    let writer = try VideoWriter(path, size: size, timeBase: Ratio(1, 25), frameRate: Ratio(25, 1))
    for pts in 0..<5 { try writer.append(rgb: Picturing.quarters(size), pts: pts) }
    try writer.finish()
    let reader = try MediaReader(path)
    #expect(reader.info.colorMatrix == "bt709" && reader.info.colorRange == "tv")
    #expect(reader.info.frameCount == 5 && reader.info.pixelFormat == "yuv420p" && reader.info.codec == "h264")
    let rgb = try #require(try reader.next()).rgb()
    Picturing.expectNear(Picturing.quarterColors(rgb, size), Picturing.corners, within: 4)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["out.mp4"])
  }

  @Test(arguments: [Size(width: 63, height: 47), Size(width: 1, height: 1), Size(width: 2, height: 33)])
  func `odd sizes gain a column or a row`(_ size: Size) throws {
    let path = folder.file("odd.mp4")
    // Not every encoder of H.264 writes so little.
    let even = Size(width: (size.width + 1) & ~1, height: (size.height + 1) & ~1)
    guard H264.takes(even) != false else { return try refused(size) }
    let writer = try VideoWriter(path, size: size, timeBase: Ratio(1, 25), frameRate: Ratio(25, 1))
    for pts in 0..<3 { try writer.append(rgb: Picturing.quarters(size), pts: pts) }
    try writer.finish()
    let info = try MediaReader(path).info
    #expect(info.size == even)
  }

  private func refused(_ size: Size) throws {
    let fault = try #require(throws: Fault.self) {
      _ = try VideoWriter(folder.file("a.mp4"), size: size, timeBase: Ratio(1, 25), frameRate: Ratio(25, 1))
    }
    #expect(fault.kind == .unsupported && fault.message.contains("the encoder lib"), "\(fault.message)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func `what the encoder cannot write is refused before anything is written`() throws {
    guard H264.takes(Size(width: 16_384, height: 16_384)) == false else { return }
    try refused(Size(width: 16_384, height: 16_384))
  }

  @Test func `a film of unknown rate and fine ticks is written whole, with a key frame in time`() throws {
    let size = Size(width: 32, height: 32)
    let path = folder.file("long.mp4")
    let writer = try VideoWriter(path, size: size, timeBase: Ratio(1, 90_000), frameRate: Ratio(0, 0))
    for place in 0..<600 { try writer.append(rgb: Picturing.quarters(size), pts: place * 3600) }
    try writer.finish()
    let reader = try MediaReader(path)
    var keys: [Int] = []
    var count = 0
    while let frame = try reader.next() {
      if frame.isKeyFrame { keys.append(count) }
      count += 1
    }
    #expect(count == 600 && keys == [0, 250, 500], "\(count) \(keys)")
  }

  @Test func `timestamps that do not advance are moved on`() throws {
    let size = Size(width: 16, height: 16)
    let path = folder.file("back.mp4")
    let writer = try VideoWriter(path, size: size, timeBase: Ratio(1, 100), frameRate: Ratio(0, 0))
    for pts in [0, 5, 5, 3, 9] { try writer.append(rgb: Picturing.quarters(size), pts: pts) }
    try writer.finish()
    let reader = try MediaReader(path)
    var found: [Int?] = []
    while let frame = try reader.next() { found.append(frame.pts) }
    #expect(found == [0, 5, 6, 7, 9])
  }

  @Test func `a writer that is dropped leaves nothing and keeps the old file`() throws {
    let path = folder.file("kept.mp4")
    try Data("old".utf8).write(to: URL(filePath: path))
    do {
      let size = Size(width: 16, height: 16)
      let writer = try VideoWriter(path, size: size, timeBase: Ratio(1, 25), frameRate: Ratio(25, 1))
      try writer.append(rgb: Picturing.quarters(size), pts: 0)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["kept.mp4"])
    #expect(try Picturing.bytes(path) == Array("old".utf8))
  }

  @Test func `a place that cannot be written is a fault that says so`() throws {
    let fault = #expect(throws: Fault.self) {
      _ = try VideoWriter(
        folder.file("no/such/folder.mp4"), size: Size(width: 16, height: 16), timeBase: Ratio(1, 25),
        frameRate: Ratio(25, 1))
    }
    #expect(fault?.kind == .notFound)
  }
}
