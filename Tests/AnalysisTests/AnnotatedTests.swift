import Analysis
import Base
import Foundation
import Media
import Predictions
import Reports
import TestKit
import Testing

/// The video that is drawn on, beside the frames that it was drawn from.
struct AnnotatedTests {
  private let folder = TemporaryFolder()

  private func film(_ name: String, _ arguments: [String]) throws -> String {
    let path = folder.file(name)
    let made = shell(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i"] + arguments + ["-c:v", "libx264", path])
    try #require(made.status == 0, "\(made.errors)")
    return path
  }

  /// Times of the frames that a player shows, and those of the film.
  private func drawn(_ path: String) throws -> (shown: [Double], film: [Double], size: Size) {
    let reader = try MediaReader(path)
    let header = RunHeader(modelName: "none", modelDigest: "", task: .detection)
    let report = try ReportWriter(folder.file("out"), header: header, drawing: reader.info)
    var times: [Double] = []
    while let frame = try reader.next() {
      times.append(frame.time)
      try report.add(frame, FrameStamp(file: "", index: frame.index, pts: frame.pts, time: frame.time), [])
    }
    _ = try report.finish(FileSummary(file: path, path: path))
    let video = folder.file("out/annotated.mp4")
    let shown = shell([
      "ffprobe", "-v", "error", "-show_entries", "frame=best_effort_timestamp_time", "-of", "csv=p=0", video,
    ])
    return (
      shown.output.split(separator: "\n").compactMap { Double($0.filter { $0 != "," }) }, times,
      try MediaReader(video).info.size
    )
  }

  @Test("It begins at 0 and shows every frame, also of a film whose time begins before zero")
  func beforeZero() throws {
    // The counter of 33 bits wraps inside the film.
    let path = try film("wrap.ts", ["testsrc2=s=96x64:r=25:d=3", "-output_ts_offset", "95442", "-muxdelay", "0"])
    let (shown, times, _) = try drawn(path)
    #expect(times[0] < -0.5 && shown.count == 75 && times.count == 75)
    for (a, b) in zip(shown, times) { #expect(abs(a - (b - times[0])) < 0.000_1) }
  }

  @Test("It begins at 0 where the film begins late")
  func late() throws {
    let path = try film("late.mkv", ["testsrc2=s=96x64:r=25:d=1", "-output_ts_offset", "5.3"])
    let (shown, _, _) = try drawn(path)
    #expect(shown.count == 25 && shown[0] == 0)
  }

  @Test("It goes on where the picture changes its size and time begins anew")
  func resized() throws {
    let parts = [
      try film("a.ts", ["testsrc2=s=96x64:r=25:d=2"]), try film("b.ts", ["testsrc2=s=64x128:r=25:d=2"]),
    ]
    let path = folder.file("both.ts")
    try parts.map { try Data(contentsOf: URL(filePath: $0)) }.reduce(Data(), +).write(to: URL(filePath: path))
    let (shown, times, size) = try drawn(path)
    #expect(times.count == 100 && shown.count == 100 && size == Size(width: 96, height: 64))
    #expect(times[50] < times[49])
    #expect(zip(shown, shown.dropFirst()).allSatisfy { abs($1 - $0 - 0.04) < 0.001 }, "\(shown)")
  }
}
