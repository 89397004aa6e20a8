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
    let scanner = try FrameScanner(path)
    var lines: [String] = []
    while let record = try scanner.next() {
      #expect(record.index == lines.count)
      lines.append(Self.line(record))
    }
    #expect(lines == Self.probed(path, stream: scanner.info.streamIndex))
  }

  @Test(arguments: ["mkv", "ts", "h264", "avi", "flv", "mpg", "mjpeg", "gif", "mov", "ogv", "m4v"])
  func `frames of other containers are those that ffprobe lists`(_ kind: String) throws {
    let folder = TemporaryFolder()
    let path = try Picturing.ffmpeg(
      ["-f", "lavfi", "-i", "testsrc=s=96x64:r=25:d=2"], to: "film." + kind, in: folder)
    let scanner = try FrameScanner(path)
    var (lines, last) = ([String](), -1.0)
    while let record = try scanner.next() {
      lines.append(Self.line(record))
      #expect(record.time > last)
      last = record.time
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
      let scanner = try FrameScanner(path)
      var keys: [Int?] = []
      while let record = try scanner.next() { if record.isKeyFrame { keys.append(record.pts) } }
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

  static func line(_ record: FrameRecord) -> String {
    let text = { (value: Int?) in value.map(String.init) ?? "N/A" }
    return "key_frame=\(record.isKeyFrame ? 1 : 0) pkt_dts=\(text(record.dts)) "
      + "best_effort_timestamp=\(text(record.pts)) pkt_size=\(record.byteCount ?? 0) pict_type=\(record.type)"
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
