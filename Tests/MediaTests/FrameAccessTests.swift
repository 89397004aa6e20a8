import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct FrameAccessTests {
  /// Set to look at every frame of every clip in 200 orders.
  static let isLong = ProcessInfo.processInfo.environment["RIDLEY_LONG_TESTS"] != nil

  @Test(arguments: Films.names)
  func `frames asked for in any order are those of decoding in order`(_ name: String) throws {
    try Self.expectSame(Films.path(name), asking: Self.isLong ? 2000 : 60)
  }

  @Test(
    .enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)),
    arguments: TestData.clips.filter { FrameAccessTests.isLong || Self.quick.contains(FileSystem.name(of: $0)) })
  func `frames of real clips asked for in any order are those of decoding in order`(_ clip: String) throws {
    try Self.expectSame(TestData.path(clip), asking: Self.isLong ? 200 : 20)
  }

  @Test func `an index that does not tell the truth costs time, never a wrong picture`() throws {
    let path = try Films.path("h264.mp4")
    let (seen, truth) = (try Films.all(path), try FrameIndex(path))
    var lie = FrameIndex(source: truth.source, timeBase: truth.timeBase)
    let entries = truth.entries.map { entry in
      var moved = entry
      moved.ordinal += 3
      return moved
    }
    lie.restore(truth.timestamps, [], truth.packets, [], entries, truth.frames.count)
    let access = try FrameAccess(path, index: lie)
    for number in [100, 20, 199, 0] {
      #expect(try access.frame(at: number).map(Films.Seen.init) == seen[number])
    }
    #expect(access.doubts > 0)
  }

  @Test(.enabled(if: isLong, "set RIDLEY_LONG_TESTS to run this test"))
  func `two hours are indexed in little memory and time`() throws {
    let folder = TemporaryFolder()
    let path = try Picturing.ffmpeg(
      ["-stream_loop", "899", "-i", try Films.path("h264.mp4"), "-c", "copy"], to: "long.mp4", in: folder)
    let clock = ContinuousClock()
    var made: FrameIndex?
    let spent = try clock.measure { made = try FrameIndex(path) }
    let index = try #require(made)
    #expect(index.count == 180_000 && index.isFromPackets)
    try index.write(to: folder.file("frames.index"))
    let byteCount = try FileSystem.byteCount(of: folder.file("frames.index"))
    #expect(byteCount < 2_000_000)
    let access = try FrameAccess(path, index: index)
    let seen = try Films.all(Films.path("h264.mp4"))
    var dice = SeededRandom(3)
    let asked = try clock.measure {
      for _ in 0..<200 {
        let number = Int.random(in: 0..<180_000, using: &dice)
        let frame = try #require(try access.frame(at: number))
        #expect(Films.Seen(frame).planes == seen[number % 200].planes)
      }
    }
    #expect(access.doubts == 0)
    print("two hours: index \(spent), file \(byteCount) bytes, 200 frames \(asked)")
  }

  static let quick: Set = ["unordered.mov", "corrupted.mp4", "av1_video.mkv", "h265_video.mp4", "nasa_13013.mp4"]

  static func expectSame(_ path: String, asking count: Int) throws {
    let seen = try Films.all(path)
    let access = try FrameAccess(path)
    var dice = SeededRandom(7)
    for _ in 0..<count {
      let number = seen.indices.randomElement(using: &dice)!
      let frame = try #require(try access.frame(at: number), "frame \(number)")
      #expect(Films.Seen(frame) == seen[number], "frame \(number)")
    }
    #expect(try access.frame(at: seen.count) == nil)
    #expect(access.doubts == 0)
  }
}
