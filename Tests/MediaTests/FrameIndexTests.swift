import Base
import Foundation
import TestKit
import Testing

@testable import Media

struct FrameIndexTests {
  /// Films whose packets tell all; the index of the others is made by decoding.
  static let fromPackets: Set = [
    "h264.mp4", "low-delay.mp4", "open.mp4", "open.mkv", "open.ts", "open.avi", "open.h264", "hevc.mp4",
    "hevc-closed.mkv", "hevc-layers.ts", "vp9.webm", "vp8.webm", "aom.mkv", "svt.mp4", "vfr.mp4", "late.mkv",
    "mpeg2.ts", "mpeg2.mpg", "mpeg4.mp4", "plain.avi", "mjpeg.avi", "prores.mov", "edit.mp4", "edit-open.mov",
    "edit-hevc.mp4", "fragments.mp4", "cut.ts", "mbaff.ts", "mpeg4.avi", "refresh.mp4",
  ]

  @Test(arguments: Films.names)
  func `an index numbers frames as decoding does`(_ name: String) throws {
    let path = try Films.path(name)
    let index = try FrameIndex(path)
    #expect(index.isFromPackets == Self.fromPackets.contains(name))
    try Self.expect(index, path)
  }

  static func expect(_ index: FrameIndex, _ path: String, _ location: SourceLocation = #_sourceLocation) throws {
    let seen = try Films.all(path)
    #expect(index.count == seen.count, sourceLocation: location)
    #expect((0..<index.count).map { index[$0].pts } == seen.map(\.pts), sourceLocation: location)
    #expect((0..<index.count).map { index[$0].time } == seen.map(\.time), sourceLocation: location)
    for frame in seen where frame.index < index.count && index[frame.index].isKeyFrame {
      #expect(frame.isKey, sourceLocation: location)
    }
  }
}
