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
    "edit-hevc.mp4", "edit-svt.mp4", "edit-aom.mp4", "fragments.mp4", "cut.ts", "mbaff.ts", "mpeg4.avi",
    "refresh.mp4", "refresh.ts", "larger.ts",
  ]

  @Test(arguments: Films.names)
  func `an index numbers frames as decoding does`(_ name: String) throws {
    let path = try Films.path(name)
    let index = try FrameIndex(path)
    #expect(index.isFromPackets == Self.fromPackets.contains(name))
    try Self.expect(index, path)
  }

  @Test(arguments: ["h264.mp4", "open.mkv", "open.ts", "vp8.webm", "cut.ts", "edit-open.mov", "theora.ogv"])
  func `the packets that a reader goes through make the same index, whatever it decodes`(_ name: String) throws {
    let path = try Films.path(name)
    let expected = try FrameIndex.fromPackets(MediaFile(path), DecodeLimits())
    for sampling in [Sampling.all, .every(seconds: 1), .keyFrames] {
      let reader = try MediaReader(path, sampling: sampling, indexes: true)
      while try reader.next() != nil {}
      let stamp = try SourceStamp(path)
      #expect(reader.index.map { FrameIndex($0, of: stamp) } == expected)
    }
    let silent = try MediaReader(path)
    while try silent.next() != nil {}
    #expect(silent.index?.bytes == nil)
  }

  @Test(
    .enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)),
    arguments: TestData.clips.filter {
      FrameAccessTests.isLong || FrameAccessTests.quick.contains(FileSystem.name(of: $0))
    })
  func `an index of a real clip numbers frames as decoding does`(_ clip: String) throws {
    try Self.expect(FrameIndex(TestData.path(clip)), TestData.path(clip))
  }

  @Test(arguments: ["open.mp4", "open.avi", "open.h264", "theora.ogv"])
  func `an index comes back from its file as it was`(_ name: String) throws {
    let (folder, path) = (TemporaryFolder(), try Films.path(name))
    let index = try FrameIndex(path)
    try index.write(to: folder.file("frames.index"))
    #expect(try FrameIndex(file: folder.file("frames.index"), of: path) == index)
  }

  @Test func `an index of another video, a changed one, or one that is damaged is refused`() throws {
    let folder = TemporaryFolder()
    let (path, file) = (folder.file("film.mp4"), folder.file("frames.index"))
    try Data(Picturing.bytes(Films.path("h264.mp4"))).write(to: URL(filePath: path))
    let index = try FrameIndex(path)
    try index.write(to: file)
    #expect(throws: Fault.self) { _ = try FrameIndex(file: file, of: Films.path("open.mp4")) }
    let bytes = try Picturing.bytes(file)
    for place in stride(from: 0, to: bytes.count, by: 7) {
      var broken = bytes
      broken[place] ^= 0x10
      try Data(broken).write(to: URL(filePath: file))
      #expect(throws: Fault.self) { _ = try FrameIndex(file: file, of: path) }
      try Data(bytes[..<place]).write(to: URL(filePath: file))
      #expect(throws: Fault.self) { _ = try FrameIndex(file: file, of: path) }
    }
    try Data(bytes).write(to: URL(filePath: file))
    try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: path)
    let fault = try #require(throws: Fault.self) { _ = try FrameIndex(file: file, of: path) }
    #expect(fault.message.contains("another state"))
    #expect(throws: Fault.self) { _ = try FrameAccess(path, index: index) }
  }

  /// One that was made elsewhere may have a good sum.
  @Test func `an index whose parts do not fit together is refused`() throws {
    let path = try Films.path("h264.mp4")
    let truth = try FrameIndex(path)
    let packets = truth.frames.count
    func isRefused(_ packets: [UInt32], _ entries: [FrameIndex.Entry], _ packetCount: Int) -> Bool {
      var lie = FrameIndex(source: truth.source, timeBase: truth.timeBase)
      lie.restore(truth.timestamps, [], packets, [], entries, packetCount)
      return (try? FrameIndex(body: lie.body, source: truth.source, timeBase: truth.timeBase)) == nil
    }
    func moved(_ change: (inout FrameIndex.Entry) -> Void) -> [FrameIndex.Entry] {
      var entries = truth.entries
      change(&entries[2])
      return entries
    }
    #expect(!isRefused(truth.packets, truth.entries, packets))
    #expect(isRefused([], truth.entries, 0))
    #expect(isRefused(truth.packets, [], packets))
    for number in [-1, Int.min, packets, 0] {
      #expect(isRefused(truth.packets, moved { $0.ordinal = number }, packets))
    }
    for number in [-1, Int.min, truth.count + 1] {
      #expect(isRefused(truth.packets, moved { $0.frame = number }, packets))
    }
  }

  @Test func `frames are found by timestamp and by time`() throws {
    let path = try Films.path("vfr.mp4")
    let (index, seen) = (try FrameIndex(path), try Films.all(path))
    for frame in seen {
      #expect(index.index(pts: frame.pts!) == frame.index)
      #expect(index.index(shownAt: frame.time) == frame.index)
      #expect(index.index(shownAt: frame.time + 0.03) == frame.index)
    }
    #expect(index.index(pts: seen[0].pts! - 1) == nil)
    #expect(index.index(shownAt: seen[0].time - 1) == nil)
    #expect(index.index(shownAt: 1e6) == seen.count - 1)
    let access = try FrameAccess(path, index: index)
    #expect(try access.frame(pts: seen[40].pts!).map(Films.Seen.init) == seen[40])
    #expect(try access.frame(shownAt: seen[9].time + 0.001).map(Films.Seen.init) == seen[9])
    #expect(try access.frame(at: -1) == nil)
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
