import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// Every real clip of the test data, against what ffprobe says of it.
@Suite(.enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
struct ClipTests {
  @Test(arguments: TestData.clips)
  func `frames and times are those of ffprobe`(_ clip: String) throws {
    let path = TestData.path(clip)
    let reader = try MediaReader(path)
    var times: [Int?] = []
    while let frame = try reader.next() {
      #expect(frame.index == times.count)
      times.append(frame.pts)
    }
    #expect(times == Self.probed(path, stream: reader.info.streamIndex))
  }

  @Test(arguments: ["nasa_13013.mp4", "h265_10bits.mp4", "corrupted.mp4", "unordered.mov"])
  func `one thread and many give the same pictures`(_ name: String) throws {
    let path = TestData.path(try #require(TestData.clips.first { $0.hasSuffix(name) }))
    let (one, many) = (try Self.digests(path, threads: 1), try Self.digests(path, threads: 4))
    #expect(!one.isEmpty)
    #expect(one == many)
  }

  static func probed(_ path: String, stream: Int) -> [Int?] {
    let result = shell([
      "ffprobe", "-v", "error", "-select_streams", "\(stream)", "-show_entries", "frame=best_effort_timestamp",
      "-of", "csv=p=0", path,
    ])
    return result.output.split(separator: "\n").filter { !$0.isEmpty }.map {
      Int($0.split(separator: ",").first ?? "")
    }
  }

  static func digests(_ path: String, threads: Int) throws -> [Int] {
    let reader = try MediaReader(path, threads: threads)
    var digests: [Int] = []
    while let frame = try reader.next() {
      digests.append(try frame.rgb().reduce(17) { ($0 &* 31) &+ Int($1) })
    }
    return digests
  }
}
