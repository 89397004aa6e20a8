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

  private static let reordered = [
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
    if ["low-delay.mp4", "vp9.webm", "vp8.webm", "svt.mp4", "mjpeg.avi", "plain.avi"].contains(name) {
      #expect(told.map(\.seen) == all && !told.contains { $0.isLeftOut }, "where nothing can be left out")
    }
  }

  @Test(arguments: reordered)
  func `what is left out is the same however a film is cut`(_ name: String) throws {
    let path = try Films.path(name)
    let (whole, index) = (try Self.glance(path), try FrameIndex(path))
    // In the others too much moves from one picture to the next that is no B picture.
    if name.hasPrefix("h") || name.hasPrefix("open") { #expect(whole.contains { $0.isLeftOut }) }
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

  static let coders = [
    ["libx264", "-bf", "3", "-x264-params", "scenecut=0:b-adapt=0"],
    ["libx265", "-x265-params", "log-level=0:scenecut=0:b-adapt=0:bframes=3"],
    ["mpeg2video", "-bf", "2", "-sc_threshold", "1000000000"], ["mpeg4", "-bf", "2", "-sc_threshold", "1000000000"],
  ]

  @Test(arguments: coders, [21, 22, 23, 24])
  func `what is still is left out, but nothing at a cut within a group of pictures`(coder: [String], cut: Int) throws {
    let path = try Picturing.ffmpeg(
      [
        "-f", "lavfi", "-i", "color=c=navy:s=96x64:r=25:d=4", "-vf",
        "drawbox=c=white:t=fill:enable='gte(n,\(cut))',noise=alls=20:allf=t",
        "-g", "250", "-pix_fmt", "yuv420p", "-c:v",
      ] + coder, to: "\(coder[0])-\(cut).mp4", in: folder)
    let told = try Self.glance(path)
    #expect(told.count == 100 && !told[cut - 1].isLeftOut && !told[cut].isLeftOut)
    #expect(told[cut - 1].seen.planes != told[cut].seen.planes)
    #expect(told.count { $0.isLeftOut } > 30)
  }

  private let folder = TemporaryFolder()

  private static func glance(_ path: String) throws -> [Told] {
    let reader = try MediaReader(path, leavesOutAlike: true)
    var told: [Told] = []
    while let frame = try reader.next() { told.append(Told(frame)) }
    return told
  }
}
