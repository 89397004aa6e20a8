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
    arguments: TestData.clips.filter { FrameAccessTests.isLong || Self.quick.contains(Disk.name(of: $0)) })
  func `frames of real clips asked for in any order are those of decoding in order`(_ clip: String) throws {
    try Self.expectSame(TestData.path(clip), asking: Self.isLong ? 200 : 20)
  }

  static let quick: Set = ["unordered.mov", "corrupted.mp4", "av1_video.mkv", "h265_video.mp4", "nasa_13013.mp4"]

  static func expectSame(_ path: String, asking count: Int) throws {
    let seen = try Films.all(path)
    let access = try FrameAccess(path)
    var dice = Dice(7)
    for _ in 0..<count {
      let number = seen.indices.randomElement(using: &dice)!
      let frame = try #require(try access.frame(at: number), "frame \(number)")
      #expect(Films.Seen(frame) == seen[number], "frame \(number)")
    }
    #expect(try access.frame(at: seen.count) == nil)
    #expect(access.doubts == 0)
  }
}
