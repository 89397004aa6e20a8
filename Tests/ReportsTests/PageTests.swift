import Base
import Predictions
import Testing

@testable import Reports

@Suite("Page")
struct PageTests {
  private let hostile = #"</style><script>alert("1")</script><img src=x onerror='a'> & \#u{0}\#u{7}"#

  private func page(
    _ header: RunHeader = header, _ summary: FileSummary = FileSummary(file: "line.mp4", path: "line.mp4"),
    frames: [[Prediction]] = [], pictures: Bool = true
  ) -> String {
    var (collector, summary) = (Collector(), summary)
    for (index, found) in frames.enumerated() {
      let stamp = FrameStamp(file: summary.file, index: index, time: Double(index) / 2)
      collector.add(stamp, found)
      if pictures, collector.wantsPicture(stamp, found) {
        collector.add(picture: [255, 216, 255], size: Size(width: 4, height: 3), stamp, found)
      }
    }
    summary.fill(from: collector)
    return text(HTMLReport.page(header, summary, collector))
  }

  @Test("names, labels, texts, reasons and notes cannot break out of the page")
  func hostileText() {
    var run = RunHeader(modelName: hostile, modelDigest: hostile, task: .detection)
    (run.labels, run.precision, run.engine, run.device) = ([hostile], hostile, hostile, hostile)
    (run.ridleyVersion, run.sampling, run.networkInput, run.started) = (hostile, hostile, hostile, hostile)
    var summary = FileSummary(file: hostile, path: hostile)
    summary.codec = hostile
    summary.notes = [hostile]
    summary.corrupt.add(time: 1, reason: hostile)
    var read = Prediction(kind: .text, score: 0.5)
    read.text = hostile
    let score = Prediction(kind: .score, label: hostile + "2", score: 3)
    let page = page(run, summary, frames: Array(repeating: [detection(hostile, 0.9), read, score], count: 9))
    for piece in ["<script", "<img src=x", "onerror='", "alert(\"", "\u{0}", "\u{7}"] { #expect(!page.contains(piece)) }
    #expect(page.components(of: "</style>") == 1)
    #expect(page.contains("&lt;script&gt;alert(&quot;1&quot;)"))
  }

  @Test("it needs nothing from outside: no address, no script, and a policy that forbids both")
  func selfContained() {
    let page = page(frames: Array(repeating: [detection("good", 0.9)], count: 20))
    for piece in ["http://", "https://", "//cdn", "<script", "<link", "@import", "url("] {
      #expect(!page.contains(piece))
    }
    #expect(page.contains("default-src 'none'; img-src data:; style-src 'unsafe-inline'"))
    #expect(page.contains("src=\"data:image/jpeg;base64,/9j/\""))
  }

  @Test("every element that is opened is closed", arguments: [0, 1, 2, 500])
  func balanced(count: Int) {
    var summary = FileSummary(file: "line.mp4", path: "line.mp4")
    summary.stages.add(.infer, nanoseconds: 5_000_000)
    summary.corrupt.add(time: nil, reason: "no start code")
    summary.interrupted = true
    let page = page(header, summary, frames: (0..<count).map { [detection("\($0 % 3)", 0.9)] })
    for name in [
      "section", "div", "span", "svg", "table", "tr", "td", "th", "ul", "li", "figure", "p", "dl", "b", "bdi",
    ] {
      let opened = page.components(of: "<\(name) ") + page.components(of: "<\(name)>")
      #expect(opened == page.components(of: "</\(name)>"), "\(name)")
    }
  }

  @Test("a clip has a time line, a picture has none, and an empty answer is told as one")
  func shapes() {
    let clip = page(frames: Array(repeating: [detection("good", 0.9)], count: 20))
    #expect(clip.contains("id=\"timeline\"") && clip.contains("Found <b><bdi>good</bdi></b> in 20 of 20 frames."))
    let picture = page(frames: [[detection("good", 0.9)]])
    #expect(!picture.contains("id=\"timeline\"") && picture.contains("in one picture"))
    #expect(page(frames: [[], []]).contains("Nothing was found in 2 frames."))
    #expect(page().contains("No frame was analysed."))
  }

  @Test("scores are drawn as a chart with their mean")
  func scores() {
    let run = RunHeader(modelName: "memorability", modelDigest: digest, task: .score)
    let page = page(run, frames: (0..<50).map { [Prediction(kind: .score, score: Float($0) / 49)] })
    #expect(page.contains("id=\"scores\"") && page.contains("The score is <b>0.50</b> on average over 50 frames."))
    #expect(!page.contains("id=\"timeline\""))
  }

  @Test(
    "any finite range of scores has an axis with a few round numbers",
    arguments: [
      (0.0, 0.0), (0, 1), (-3, 8.5), (1e-12, 2e-12), (1e20, 2e20), (-1e30, 1e30), (99.99, 100),
    ])
  func scoreAxis(low: Double, high: Double) {
    let scale = ScoreScale(low: low, high: high)
    #expect((1...6).contains(scale.ticks.count))
    #expect(scale.y(low) <= 100 && scale.y(high) >= 0 && scale.y(low) >= scale.y(high))
  }

  @Test("times on the axis are ones that a person would choose")
  func timeAxis() {
    func ticks(_ end: Double) -> [String] {
      var timeline = Timeline()
      for index in 0...600 { timeline.add(time: end * Double(index) / 600, []) }
      return TimeAxis(timeline).ticks.map(\.text)
    }
    #expect(ticks(24) == ["0:00", "0:05", "0:10", "0:15", "0:20"])
    #expect(ticks(7200) == ["0:00", "15:00", "30:00", "45:00", "1:00:00", "1:15:00", "1:30:00", "1:45:00"])
    #expect(ticks(1).last == "0:00.8")
  }
}

extension String {
  fileprivate func components(of part: String) -> Int {
    var (count, rest) = (0, self[...])
    while let range = rest.range(of: part) { (count, rest) = (count + 1, rest[range.upperBound...]) }
    return count
  }

  fileprivate func contains(_ part: String) -> Bool { components(of: part) > 0 }
}

extension Substring {
  fileprivate func range(of part: String) -> Range<Index>? {
    let (bytes, wanted) = (utf8, Array(part.utf8))
    var index = bytes.startIndex
    while let start = bytes[index...].firstIndex(of: wanted[0]) {
      if bytes[start...].starts(with: wanted), let end = bytes.index(start, offsetBy: wanted.count, limitedBy: endIndex)
      {
        return start..<end
      }
      index = bytes.index(after: start)
    }
    return nil
  }
}
