import Base
import Foundation
import TestKit
import Testing

@testable import Media

/// Frames that were not decoded because those around them are alike.
struct LeftOutTests {
  struct Told: Equatable {
    var seen: Films.Seen
    var isLeftOut: Bool

    init(_ frame: Frame) { (seen, isLeftOut) = (Films.Seen(frame), frame.isLeftOut) }
  }

  static let reordered = [
    "h264.mp4", "open.mp4", "open.mkv", "open.ts", "hevc.mp4", "hevc-closed.mkv", "hevc-layers.ts", "vfr.mp4",
    "mpeg2.ts", "mpeg4.mp4", "edit-open.mov",
  ]

  @Test(arguments: Films.names)
  func `all frames are told, with the times of full decoding`(_ name: String) throws {
    let (path, told) = (try Films.path(name), try Self.glance(Films.path(name)))
    let all = try Films.all(path)
    #expect(told.map(\.seen.index) == all.map(\.index))
    #expect(told.map(\.seen.time) == all.map(\.time))
    #expect(told.map(\.seen.pts) == all.map(\.pts))
    if !Self.reordered.contains(name), name.hasSuffix("webm") || name.hasSuffix("avi") || name == "low-delay.mp4" {
      let others = zip(told, all).filter { $0.seen.planes != $1.planes && name != "mpeg4.avi" }
      #expect(others.isEmpty, "where nothing can be left out, pictures are those of full decoding")
    }
  }

  @Test(arguments: reordered)
  func `what is left out is the same however a film is cut`(_ name: String) throws {
    let path = try Films.path(name)
    let (whole, index) = (try Self.glance(path), try FrameIndex(path))
    #expect(whole.contains { $0.isLeftOut } && !whole.allSatisfy { $0.isLeftOut })
    let starts = index.starts
    for cuts in [[], [starts[starts.count / 2]], Array(starts.dropFirst())] {
      var told: [Told] = []
      for (from, to) in zip([0] + cuts, cuts + [index.count]) {
        let reader = try RangeReader(MediaFile(path), index, frames: from..<to, leavesOutAlike: true)
        reading: while true {
          switch try reader.next() {
          case .frame(let frame): told.append(Told(frame))
          case .ended: break reading
          case .doubt(let doubt): throw Fault(.badInput, "\(doubt)")
          }
        }
      }
      #expect(told == whole, "cut at \(cuts)")
    }
  }

  @Test(arguments: [21, 22, 23, 24]) func `at a cut within a group of pictures everything is decoded`(cut: Int) throws {
    let path = try Picturing.ffmpeg(
      [
        "-f", "lavfi", "-i", "color=c=navy:s=96x64:r=25:d=4", "-vf", "drawbox=c=white:t=fill:enable='gte(n,\(cut))'",
        "-c:v", "libx264", "-g", "250", "-bf", "3", "-x264-params", "scenecut=0:b-adapt=0", "-pix_fmt", "yuv420p",
      ], to: "cut.mp4", in: folder)
    let told = try Self.glance(path)
    #expect(!told[cut - 1].isLeftOut && !told[cut].isLeftOut)
    #expect(told[cut - 1].seen.planes != told[cut].seen.planes)
    let others = told.enumerated().filter { abs($0.offset - cut) > 5 && !$0.element.isLeftOut }
    #expect(others.count < 60)
  }

  private let folder = TemporaryFolder()

  private static func glance(_ path: String) throws -> [Told] {
    let reader = try MediaReader(path, leavesOutAlike: true)
    var told: [Told] = []
    while let frame = try reader.next() { told.append(Told(frame)) }
    return told
  }
}
