import Base
import Foundation
import TestKit
import Testing

@testable import Media

@Suite(.enabled(if: TestData.isThere, Comment(rawValue: TestData.whyNot)))
struct InfoTests {
  @Test(arguments: TestData.clips)
  func `what is said of a clip is what ffprobe says`(_ clip: String) throws {
    let info = try MediaReader(TestData.path(clip)).info
    let said = probed(clip, info.streamIndex)
    #expect(info.codec == said["codec_name"])
    // Profiles without a name are numbers there.
    if Int(said["profile"] ?? "") == nil { #expect(info.profile == said["profile"] ?? "unknown") }
    #expect("\(info.codedSize)" == "\(said["width"] ?? "")x\(said["height"] ?? "")")
    #expect(info.pixelFormat == said["pix_fmt"])
    #expect(info.timeBase.description == said["time_base"])
    #expect(info.frameCount.map(String.init) ?? "N/A" == said["nb_frames"])
    #expect(info.startPTS.map(String.init) ?? "N/A" == said["start_pts"])
    for (own, key) in [
      (info.colorMatrix, "color_space"), (info.colorRange, "color_range"), (info.colorPrimaries, "color_primaries"),
      (info.colorTransfer, "color_transfer"),
    ] {
      #expect(own == said[key] ?? "unknown")
    }
    #expect(!info.isPicture)
  }

  @Test func `the length of a film is known where the file says it`() throws {
    #expect(try MediaReader(ClipTests.find("testvideo.mp4")).info.duration.map { abs($0 - 24.024) < 0.05 } == true)
    let silent = try MediaReader(ClipTests.find("car-detection.mp4")).info
    #expect(silent.size == Size(width: 768, height: 432) && silent.frameCount == 377 && silent.frameRate.value == 12.5)
    #expect(try MediaReader(ClipTests.find("test_video.mp4")).info.size == Size(width: 1, height: 1))
    #expect(try MediaReader(ClipTests.find("no_duration.webm")).info.frameCount == nil)
    #expect(try MediaReader(ClipTests.find("h265_10bits.mp4")).info.bitDepth == 10)
    #expect(try MediaReader(ClipTests.find("video_90.mov")).info.orientation.isQuarterTurn)
  }

  private func probed(_ clip: String, _ stream: Int) -> [String: String] {
    let result = shell([
      "ffprobe", "-v", "error", "-select_streams", "\(stream)", "-show_entries", "stream", "-of", "default=nw=1",
      TestData.path(clip),
    ])
    var said: [String: String] = [:]
    for line in result.output.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2, said[parts[0]] == nil, parts[1] != "unknown" { said[parts[0]] = parts[1] }
    }
    return said
  }
}
