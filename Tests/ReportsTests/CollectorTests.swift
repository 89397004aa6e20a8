import Base
import Predictions
import Testing

@testable import Reports

@Suite("Collector")
struct CollectorTests {
  @Test("tallies count predictions, frames, times and the best score of each label")
  func tallies() throws {
    var collector = Collector()
    collector.add(stamp(0, 0), [detection("good", 0.5), detection("good", 0.9), detection("chip", 0.6)])
    collector.add(stamp(1, 0.04), [])
    collector.add(stamp(2, 0.08), [detection("good", 0.7)])
    #expect((collector.frames, collector.framesWithPredictions, collector.predictions) == (3, 2, 4))
    let good = try #require(collector.labels.first)
    #expect((good.label, good.count, good.frames) == ("good", 3, 2))
    #expect((good.firstTime, good.lastTime, good.bestScore, good.bestTime) == (0, 0.08, 0.9, 0))
  }

  @Test("a time line that doubled its bins equals counting with the final width from the start")
  func doubling() {
    var timeline = Timeline()
    var random = SystemRandomNumberGenerator()
    var frames: [(time: Double, counts: [String: Int])] = []
    var time = 12.5
    for _ in 0..<4000 {
      let counts = ["a": Int.random(in: 0...2, using: &random), "b": Int.random(in: 0...1, using: &random)]
      frames.append((time, counts))
      timeline.add(time: time, counts.flatMap { Array(repeating: detection($0.key, 0.5), count: $0.value) })
      time += Double.random(in: 0.01...1, using: &random)
    }
    #expect(timeline.frames.count <= Timeline.limit)
    let place = { (time: Double) in Int((time - 12.5) / timeline.width) }
    for row in timeline.rows() {
      var direct = [Int](repeating: 0, count: timeline.frames.count)
      for frame in frames { direct[place(frame.time)] += frame.counts[row.label] ?? 0 }
      #expect(Array(direct.prefix(row.counts.count)) == row.counts)
      #expect(direct.dropFirst(row.counts.count).allSatisfy { $0 == 0 })
    }
  }

  @Test("a day of video and ten thousand labels stay inside the bounds, and nothing is lost")
  func bounds() {
    var collector = Collector()
    for index in 0..<86_400 {
      collector.add(stamp(index, Double(index)), [detection("label \(index % 10_000)", 0.5)])
    }
    let rows = collector.timeline.rows(top: 40)
    #expect(rows.count == 41)
    #expect(rows.last?.label == "other")
    #expect(rows.map(\.total).reduce(0, +) == 86_400)
    #expect(rows.allSatisfy { $0.counts.count <= Timeline.limit && $0.counts.reduce(0, +) == $0.total })
    #expect(collector.labels.count <= Timeline.labelLimit + 1)
    #expect(collector.labels.map(\.count).reduce(0, +) == 86_400)
  }

  @Test("times that are no numbers or go backwards do no harm", arguments: [Double.nan, .infinity, -1e300, 1e300, -5])
  func hostileTimes(time: Double) {
    var collector = Collector()
    for (index, time) in [1, time, 2, time].enumerated() {
      let frame = stamp(index, time)
      collector.add(frame, [detection("good", .nan)])
      if collector.wantsPicture(frame, [detection("good", 0.5)]) {
        collector.add(picture: [1], size: Size(width: 1, height: 1), frame, [detection("good", 0.5)])
      }
    }
    #expect(collector.timeline.frames.reduce(0, +) == 4)
  }

  @Test("scores keep their best, worst and sum in each bin")
  func scores() throws {
    var timeline = Timeline()
    for value in [Float(3), -1, 4] { timeline.add(time: 0, [Prediction(kind: .score, score: value)]) }
    let row = try #require(timeline.rows().first)
    #expect((row.label, row.best, row.worst, row.sums) == ("score", [4], [-1], [6]))
  }
}

@Suite("Gallery")
struct GalleryTests {
  /// Runs frames through a gallery as an analysis does; tells how many pictures were made.
  private func run(_ frames: [(time: Double, found: [Prediction])]) -> (gallery: Gallery, made: Int) {
    var (gallery, made) = (Gallery(), 0)
    for (index, frame) in frames.enumerated() where gallery.wants(stamp(index, frame.time), frame.found) {
      made += 1
      gallery.add([1], size: Size(width: 4, height: 3), stamp(index, frame.time), frame.found)
    }
    return (gallery, made)
  }

  @Test("never more than the limit, never closer than a second, in the order of time, for any input")
  func limits() {
    for _ in 0..<20 {
      let labels = Int.random(in: 1...60)
      let frames = (0..<3000).map { index in
        (
          Double(index) * 0.2,
          (0..<Int.random(in: 0...3)).map { _ in detection("\(Int.random(in: 0..<labels))", .random(in: 0...1)) }
        )
      }
      let times = run(frames).gallery.pictures.map(\.stamp.time)
      #expect(times.count <= Gallery.limit)
      #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= Gallery.distance })
    }
  }

  @Test("each label has pictures, the best frame of all is among them, and they are spread over the video")
  func choice() {
    let labels = ["good", "chip", "crack"]
    let frames = (0..<7200).map { index in
      (Double(index), [detection(labels[index / 7 % 3], index == 4000 ? 0.99 : Float(index * 37 % 90) / 100)])
    }
    let (gallery, made) = run(frames)
    #expect(Set(gallery.pictures.map(\.label)) == Set(labels))
    #expect(gallery.pictures.contains { $0.stamp.time == 4000 })
    for label in labels {
      let times = gallery.pictures.filter { $0.label == label }.map(\.stamp.time)
      #expect((3...8).contains(times.count) && times.last! - times.first! > 3600)
    }
    #expect(made < 600, "a picture costs; \(made) were made for 7200 frames")
  }

  @Test("a rare label gets a picture even when the gallery is full")
  func rare() {
    var frames = (0..<2000).map { (Double($0), [detection("\($0 % 6)", 0.9)]) }
    frames.append((2001, [detection("rare", 0.3)]))
    #expect(run(frames).gallery.pictures.contains { $0.label == "rare" })
  }

  @Test("frames in which nothing was found are never wanted")
  func nothing() {
    #expect(run((0..<100).map { (Double($0), []) }).gallery.pictures.isEmpty)
  }

  @Test("a picture of a classification stands for its first class only")
  func classification() {
    var collector = Collector()
    let classes = [("cat", Float(0.8)), ("dog", 0.1)].map {
      Prediction(kind: .classification, label: $0.0, score: $0.1)
    }
    collector.add(picture: [1], size: Size(width: 1, height: 1), stamp(0, 0), classes)
    #expect(collector.gallery.pictures.first?.findings.map(\.label) == ["cat"])
  }
}

@Suite("Objects")
struct ObjectTests {
  private func seen(_ label: String, _ track: Int?) -> Prediction {
    var prediction = detection(label, 0.9)
    prediction.track = track
    return prediction
  }

  @Test("tracks count once, under the label that most of their frames have")
  func most() {
    var collector = Collector()
    for (index, label) in ["good", "chip", "chip", "chip", "good"].enumerated() {
      collector.add(stamp(index, Double(index)), [seen(label, 1), seen("good", 2)])
    }
    let objects = Dictionary(uniqueKeysWithValues: collector.labels.map { ($0.label, $0.objects) })
    #expect(objects == ["good": 1, "chip": 1])
    var summary = FileSummary(file: "a.mp4", path: "a.mp4")
    summary.fill(from: collector)
    #expect(text(SummaryJSON.write(summary, header)).contains(#""label":"chip","count":3,"objects":1,"frames":3"#))
    let page = text(HTMLReport.page(header, summary, collector))
    #expect(page.contains("<dd>1<small>object</small></dd>"))
  }

  @Test("sightings without a track are no objects, and frames are counted in their place")
  func untracked() {
    var collector = Collector()
    for index in 0..<3 { collector.add(stamp(index, Double(index)), [seen("good", nil)]) }
    #expect(collector.labels.map(\.objects) == [0])
    var summary = FileSummary(file: "a.mp4", path: "a.mp4")
    summary.fill(from: collector)
    #expect(text(HTMLReport.page(header, summary, collector)).contains("<dd>3<small>frames</small></dd>"))
  }

  @Test("many tracks take no more memory than the latest")
  func bounded() {
    var collector = Collector()
    for index in 0..<10_000 { collector.add(stamp(index, Double(index)), [seen("good", index)]) }
    #expect(collector.labels.map(\.objects) == [10_000])
  }
}

@Suite("Page of a run")
struct RunPageTests {
  @Test("files stand with their labels and links, failures with their reasons, and nothing breaks out of the page")
  func page() {
    var found = RunEntry(file: "a b.mp4", path: "in/a b.mp4")
    (found.report, found.frames, found.predictions) = ("sub/a b#", 25, 3)
    found.labels = [.init("<b>good", 3)]
    var failed = RunEntry(file: "c.mp4", path: "in/c.mp4")
    failed.fault = Fault(.badInput, "c.mp4: <script>")
    let html = text(RunPage.page([found, failed], work: "model parts", labels: ["<b>good"], version: "1"))
    #expect(html.contains(#"href="sub/a%20b%23/report.html""#) && html.contains("&lt;b&gt;good"))
    #expect(html.contains("3 predictions in 1 of 2 files. <b>1 could not be analysed.</b>"))
    #expect(!html.contains("<script>") && html.contains("#2f7de1"))
    let json = text(
      RunSummaryJSON.write([found, failed], loaded: Array(#"{"pipeline":"sha256:1"}"#.utf8), interrupted: false))
    #expect(
      json == """
        {"pipeline":"sha256:1","files":[{"file":"a b.mp4","path":"in/a b.mp4","report":"sub/a b#","frames":25,"predictions":3,\
        "labels":[{"label":"<b>good","count":3}]},{"file":"c.mp4","path":"in/c.mp4",\
        "error":{"code":"bad-input","message":"c.mp4: <script>"}}],"frames":25,"predictions":3,"failed":1,"interrupted":false}\n
        """)
  }
}
