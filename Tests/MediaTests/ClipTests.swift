import CFFmpeg
import Foundation
import TestKit
import Testing

@testable import Media

/// Every real clip of the test data, against what ffprobe says of it.
@Suite(.enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
struct ClipTests {
  @Test(arguments: TestData.clips)
  func `frames are those that ffprobe lists`(_ clip: String) throws {
    let path = TestData.path(clip)
    let reader = try MediaReader(path)
    var lines: [String] = []
    while let frame = try reader.next() {
      #expect(frame.index == lines.count)
      lines.append(Self.line(frame))
    }
    #expect(lines == Self.probed(path, stream: reader.info.streamIndex))
  }

  @Test(arguments: ["mkv", "ts", "h264", "avi", "flv", "mpg", "mjpeg", "gif", "mov", "ogv", "m4v"])
  func `frames of other containers are those that ffprobe lists`(_ kind: String) throws {
    let folder = TemporaryFolder()
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc=s=96x64:r=25:d=2"], to: "film." + kind, in: folder)
    let reader = try MediaReader(path)
    var (lines, last) = ([String](), -1.0)
    while let frame = try reader.next() {
      lines.append(Self.line(frame))
      #expect(frame.time > last)
      last = frame.time
    }
    #expect(lines.count >= 50)
    #expect(lines == Self.probed(path, stream: 0))
  }

  @Test(arguments: ["nasa_13013.mp4", "h265_10bits.mp4", "video_90.mov", "unordered.mov", "av1_video.mkv"])
  func `one thread and many give the same pictures`(_ name: String) throws {
    let path = try Self.find(name)
    let one = try Self.digests(path, threads: 1)
    #expect(!one.isEmpty)
    #expect(try one == Self.digests(path, threads: 3))
  }

  @Test func `a damaged clip is counted, decoded to its end, and the same every time`() throws {
    let path = try Self.find("corrupted.mp4")
    let reader = try MediaReader(path)
    while try reader.next() != nil {}
    #expect(reader.corrupt.count > 0)
    #expect(reader.corrupt.samples.count <= 8)
    #expect(reader.corrupt.samples.allSatisfy { !$0.reason.isEmpty })
    #expect(try Self.digests(path, threads: 0) == Self.digests(path, threads: 0))
  }

  @Test func `key frames only are the key frames of the whole`() throws {
    for name in ["testvideo.mp4", "BigBuckBunnyTrailer.mp4"] {
      let path = try Self.find(name)
      let whole = try MediaReader(path)
      var keys: [Int?] = []
      while let frame = try whole.next() { if frame.isKeyFrame { keys.append(frame.pts) } }
      let reader = try MediaReader(path, keyFramesOnly: true)
      var alone: [Int?] = []
      while let frame = try reader.next() { alone.append(frame.pts) }
      #expect(alone == keys)
    }
  }

  @Test(arguments: [0, 5])
  func `pictures of a film are those that another decoder exported`(_ index: Int) throws {
    let reader = try MediaReader(try Self.find("nasa_13013.mp4"))
    var frame = try #require(try reader.next())
    while frame.index < index { frame = try #require(try reader.next()) }
    let still = try Picturing.first(TestData.path("_converted/nasa_13013_stream3.frame00000\(index).png"))
    #expect(reader.info.streamIndex == 3)
    #expect(frame.size == still.size)
    #expect(Picturing.meanDifference(try frame.rgb(), try still.rgb()) < 2)
  }

  /// What FFmpeg's own frame says beside its picture, as ffprobe writes it.
  static func line(_ frame: Frame) -> String {
    let raw = frame.picture.frame
    let size = max(0, ridley_av_frame_packet_size(raw))
    let type = Character(UnicodeScalar(UInt8(bitPattern: av_get_picture_type_char(raw.pointee.pict_type))))
    let text = { (value: Int?) in value.map(String.init) ?? "N/A" }
    return "key_frame=\(frame.isKeyFrame ? 1 : 0) pkt_dts=\(text(Timestamp.known(raw.pointee.pkt_dts))) "
      + "best_effort_timestamp=\(text(frame.pts)) pkt_size=\(size) pict_type=\(type)"
  }

  static func probed(_ path: String, stream: Int) -> [String] {
    let result = shell([
      "ffprobe", "-v", "error", "-select_streams", "\(stream)", "-show_entries",
      "frame=key_frame,pkt_dts,best_effort_timestamp,pkt_size,pict_type:frame_side_data=nothing",
      "-of", "compact=p=0:nk=0:s=\\ ", path,
    ])
    return result.output.split(separator: "\n").filter { $0.hasPrefix("key_frame") }.map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  static func find(_ name: String) throws -> String {
    TestData.path(try #require(TestData.clips.first { $0.hasSuffix("/" + name) }))
  }

  static func digests(_ path: String, threads: Int) throws -> [Int] {
    let reader = try MediaReader(path, threads: threads)
    var digests: [Int] = []
    while let frame = try reader.next() {
      var hasher = Hasher()
      try frame.rgb().withUnsafeBytes { hasher.combine(bytes: $0) }
      digests.append(hasher.finalize())
    }
    return digests
  }
}
