import Analysis
import Base
import Execution
import Inference
import Media
import ModelHub
import Predictions
import Reports
import TestKit
import Testing

/// What an analysis leaves behind to find its frames again.
struct FrameIndexTests {
  let folder = TemporaryFolder()

  private func ffmpeg(_ name: String, _ more: [String]) throws -> String {
    let source = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=4"]
    let made = shell(source + more + ["-pix_fmt", "yuv420p", folder.file(name)])
    try #require(made.status == 0, "\(made.errors)")
    return folder.file(name)
  }

  /// Analyses into the folder `out` and answers the summary.
  private func analyze(_ path: String, _ sampling: Sampling = .all, stopAfter: Int = .max) throws -> FileSummary {
    let place = Program.models + "/line-inspector"
    let model = try Model(try Manifest.read(place), folder: place, store: folder.path)
    let loaded = try LoadedModel(model, on: try Engine(cacheFolder: nil))
    let header = RunHeader(modelName: loaded.name, modelDigest: loaded.digest, task: .detection)
    let analyzer = try Analyzer(path, model: loaded, sampling: sampling)
    let report = try ReportWriter(folder.file("out"), header: header)
    var count = 0
    let summary = try analyzer.run(isStopped: { count >= stopAfter }) { (frame, stamp, predictions) throws(Fault) in
      count += 1
      try report.add(frame!, stamp, predictions)
    }
    return try report.finish(summary, index: analyzer.frameIndex)
  }

  private var index: String { folder.file("out/frames.index") }

  @Test(
    "The index beside a report gives any frame of the video as decoding in order gives it, whatever was looked at",
    arguments: [Sampling.all, .every(seconds: 0.5), .keyFrames])
  func access(sampling: Sampling) throws {
    let path = try ffmpeg("clip.mp4", ["-c:v", "libx264", "-g", "20", "-bf", "3"])
    #expect(try analyze(path, sampling).notes == [])
    let access = try FrameAccess(path, index: try FrameIndex(file: index, of: path))
    #expect(access.index.isFromPackets && access.index.count == 100)
    let reader = try MediaReader(path)
    var seen: [(time: Double, rgb: [UInt8])] = []
    while let frame = try reader.next() { seen.append((frame.time, try frame.rgb())) }
    for number in [99, 3, 57, 58, 20, 19, 0, 40, 41, 98] {
      let frame = try #require(try access.frame(at: number))
      #expect(try frame.time == seen[number].time && frame.rgb() == seen[number].rgb, "frame \(number)")
    }
  }

  @Test("A picture gets no index and no word about it; a video whose packets do not tell its frames gets a note")
  func without() throws {
    let picture = try ffmpeg("picture.png", ["-frames:v", "1"])
    #expect(try analyze(picture).notes == [])
    #expect(FileSystem.kind(of: index) == nil)
    let summary = try analyze(try ffmpeg("film.ogv", ["-c:v", "libtheora"]))
    #expect(summary.framesAnalyzed == 100)
    #expect(summary.notes.count == 1 && summary.notes[0].contains("frames.index"), "\(summary.notes)")
    #expect(FileSystem.kind(of: index) == nil)
  }

  @Test("A run that was stopped leaves no index, nor that of an older run")
  func stopped() throws {
    let path = try ffmpeg("clip.mp4", ["-c:v", "libx264", "-g", "20"])
    _ = try analyze(path)
    #expect(FileSystem.kind(of: index) == .file)
    let summary = try analyze(path, stopAfter: 5)
    #expect(summary.interrupted && summary.notes == [])
    #expect(FileSystem.kind(of: index) == nil)
  }
}
