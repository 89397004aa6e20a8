import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct SparseTests {
  static let samplings: [Sampling] = [
    .every(seconds: 1), .every(seconds: 0.3), .fps(8), .every(seconds: 3), .keyFrames,
  ]

  @Test(arguments: Films.names)
  func `frames that are looked at are those of full decoding`(_ name: String) throws {
    try Self.expectSame(Films.path(name))
  }

  @Test(
    .enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)),
    arguments: TestData.clips.filter {
      FrameAccessTests.isLong
        || [
          "car-detection.mp4", "unordered.mov", "corrupted.mp4", "av1_video.mkv", "h265_video.mp4", "nasa_13013.mp4",
          "rabbit320.webm", "delayed_start.mp4", "h264_10bits.mp4",
        ].contains(FileSystem.name(of: $0))
    })
  func `frames of real clips that are looked at are those of full decoding`(_ clip: String) throws {
    try Self.expectSame(TestData.path(clip))
  }

  /// Films that are decoded as a whole, because their packets do not tell enough.
  static let whole: Set = ["theora.ogv", "flash.flv", "moving.gif", "no-key.ts", "again.ts", "resized.ts"]

  @Test(arguments: Films.names)
  func `of key frames no others are decoded`(_ name: String) throws {
    let reader = try MediaReader(Films.path(name), sampling: .keyFrames)
    var given = 0
    while try reader.next() != nil { given += 1 }
    #expect(Self.whole.contains(name) ? reader.framesDecoded > 100 : reader.framesDecoded == given)
  }

  @Test func `of the others only those are decoded that a wanted one is made from`() throws {
    // Groups of 25, no B frames: the frame wanted in each second is the key frame.
    #expect(try decoded("plain.avi", .every(seconds: 1)) == 8)
    #expect(try decoded("mjpeg.avi", .every(seconds: 1)) == 8)
    // Groups of 50, no B frames: frames 0, 75, 150 need 1, 26 and 1.
    #expect(try decoded("low-delay.mp4", .every(seconds: 3)) == 28)
    #expect(try decoded("low-delay.mp4", .all) == 200)
  }

  @Test func `a film without any key frame is looked at`() throws {
    let path = try Films.path("no-key.ts")
    let seen = try Films.all(path)
    #expect(seen.count > 100)
    let reader = try MediaReader(path, sampling: .every(seconds: 0.5), indexes: true)
    var count = 0
    while try reader.next() != nil { count += 1 }
    #expect(count >= seen.count / 13)
    #expect(reader.framesDecoded == seen.count)
    #expect(reader.index == nil)
  }

  @Test func `a film whose time begins anew is looked at to its end`() throws {
    let path = try Films.path("again.ts")
    #expect(try Films.all(path).count == 400)
    let reader = try MediaReader(path, sampling: .every(seconds: 1))
    var times: [Double] = []
    while let frame = try reader.next() { times.append(frame.time) }
    #expect(times.count == 16)
    #expect(reader.framesDecoded == 400)
  }

  @Test func `what lies far from any entry is decoded without keeping it all`() throws {
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=60", "-c:v", "libx264", "-g", "9999", "-bf", "3"],
      to: "long.mp4", in: folder)
    let seen = try Films.all(path)
    let reader = try MediaReader(path, sampling: .every(seconds: 50))
    var given: [Films.Seen] = []
    while let frame = try reader.next() { given.append(Films.Seen(frame)) }
    #expect(given == [seen[0], seen[1250]])
    #expect(reader.covered.map { $0.last == seen.last!.time } == true)
    #expect(reader.framesDecoded < 1300)
  }

  private let folder = TemporaryFolder()

  private func decoded(_ name: String, _ sampling: Sampling) throws -> Int {
    let reader = try MediaReader(Films.path(name), sampling: sampling)
    while try reader.next() != nil {}
    return reader.framesDecoded
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
