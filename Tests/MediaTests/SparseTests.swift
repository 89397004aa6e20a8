import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct SparseTests {
  static let samplings: [Sampling] = [.every(seconds: 1), .every(seconds: 0.3), .fps(8), .every(seconds: 3), .keyFrames]

  @Test(arguments: Films.names)
  func `frames that are looked at are those of full decoding`(_ name: String) throws {
    try Self.expectSame(Films.path(name))
  }

  @Test(
    .enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)),
    arguments: TestData.clips.filter { FrameAccessTests.isLong || ["car-detection.mp4", "unordered.mov", "corrupted.mp4", "av1_video.mkv", "h265_video.mp4", "nasa_13013.mp4", "rabbit320.webm", "delayed_start.mp4", "h264_10bits.mp4"].contains(Disk.name(of: $0)) })
  func `frames of real clips that are looked at are those of full decoding`(_ clip: String) throws {
    try Self.expectSame(TestData.path(clip))
  }

  static func expectSame(_ path: String) throws {
    let seen = try Films.all(path)
    for sampling in samplings {
      var sampler = Sampler(sampling)
      let wanted = seen.filter { sampler.wants(time: $0.time, isKeyFrame: $0.isKey) }
      let reader = try MediaReader(path, sampling: sampling)
      var given: [Films.Seen] = []
      while let frame = try reader.next() { given.append(Films.Seen(frame)) }
      #expect(given == wanted, "\(sampling)")
    }
  }
}
