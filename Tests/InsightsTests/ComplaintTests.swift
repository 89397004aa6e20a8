import Base
import Insights
import Predictions
import Testing

/// What people complain about in public of label and moderation services, made again; each names its complaint.
@Suite struct ComplaintTests {
  // infinitered/nsfwjs 824 and 768, yahoo/open_nsfw 67: a hen, a pig, a grid of pictures
  @Test func `One network that is sure of a clean picture is a doubt and no finding`() {
    let frame = says(2, ["porn": 0.99])
    let safety = SafetyAssessment.of([frame, frame, frame])
    #expect(safety.risk == nil)
    #expect(safety.doubts.map(\.disagreedFrames) == [3] && safety.doubts[0].rule == "explicit-pictures")
  }

  // aws-solutions/media-insights-on-aws 79: nothing is told of pictures
  @Test func `The one scene of a picture alone has what the picture has`() {
    let (rifle, scenes) = (says(["assault rifle": 0.9]), [TimeSpan(start: 0, end: 0)])
    var (content, safety) = (ContentSummary(networks: Networks.all), SafetyAssessment(networks: Networks.all))
    content.add(time: 0, predictions: rifle)
    safety.add(frame: 0, time: 0, predictions: rifle)
    let told = content.finish(end: 0, scenes: scenes).scenes
    #expect(told.map(\.frames) == [1] && told[0].labels.map(\.name) == ["assault rifle"])
    let judged = safety.finish(end: 0, scenes: scenes).scenes
    #expect(judged.map(\.frames) == [1] && judged.map(\.risk) == [.medium])
  }

  // The last frame of a film whose end is not known, when it is a shot of its own.
  @Test func `A last scene of one frame has what the frame has, and takes nothing from the one before`() {
    let scenes = [TimeSpan(start: 0, end: 2), TimeSpan(start: 2, end: 2)]
    let frames = [says(["goldfish": 0.9]), says(["goldfish": 0.9]), says(["tabby": 0.9])]
    var content = ContentSummary(networks: Networks.all)
    for (place, frame) in frames.enumerated() { content.add(time: Double(place), predictions: frame) }
    let told = content.finish(scenes: scenes).scenes
    #expect(told.map(\.frames) == [2, 1] && told.map { $0.labels.map(\.name) } == [["goldfish"], ["tabby"]])
  }

  // v0l/route96 67: low-quality labels of single frames
  @Test func `A frame that flickers up in a film is counted and judges nothing`() {
    var frames = Array(repeating: [Prediction](), count: 20)
    frames[9] = says(["assault rifle": 0.9])
    let safety = SafetyAssessment.of(frames)
    #expect(safety.risk == nil && safety.doubts.map(\.tooShort) == [1])
    #expect(ContentSummary.of(frames).video.isEmpty)
  }

  // infinitered/nsfwjs 470: a whole clip shows it, and one frame is found
  @Test func `Frames that are missed within a sight do not end it`() {
    let frames = (0..<12).map { $0 % 3 == 1 ? [] : says(["assault rifle": 0.9]) }
    let safety = SafetyAssessment.of(frames)
    #expect(safety.findings[0].segments.map(\.span) == [TimeSpan(start: 0, end: 12)])
    #expect(safety.findings[0].segments[0].frames == 8)
  }

  // sgoldenlab/simba 81: a least length that means something else at another frame rate
  @Test(arguments: [25.0, 50, 100])
  func `A least length is time, at every rate of frames`(fps: Double) {
    let rifle = says(["assault rifle": 0.9])
    func film(_ seconds: Double) -> Safety {
      SafetyAssessment.of((0..<Int(4 * fps)).map { Double($0) < seconds * fps ? rifle : [] }, every: 1 / fps)
    }
    #expect(film(0.4).risk == nil && film(0.4).doubts.map(\.tooShort) == [1])
    #expect(film(0.6).risk == .medium)
  }

  // pytorch/vision 1734, sermanet/OverFeat 28: two classes called crane became one
  @Test func `A bird and a machine of one name are not taken for each other`() {
    let frame = says(["crane": 0.9])
    let content = ContentSummary.of([frame, frame])
    #expect(content.video.map(\.id) == ["crane"] && content.video[0].parents.isEmpty)
    let named = says(["crane (wading bird)": 0.9])
    #expect(ContentSummary.of([named, named]).video[0].id == "n02012849")
  }

  // openai/CLIP 465: missile stands twice
  @Test func `Both names of a missile are arms`() {
    for label in ["missile", "projectile", "projectile, missile", "n04008634"] {
      let frame = says([label: 0.9])
      #expect(
        SafetyAssessment.of([frame, frame], networks: [AnsweringNetwork(name: "n", version: "n", labels: [label])]).risk
          == .medium)
    }
  }

  // Publishers' complaint of block lists (digiday.com): words inside other words
  @Test func `A word inside another word is not that word`() {
    for label in ["tank suit", "water tank", "wine bottle opener", "rifleman's coat"] {
      let frame = says([label: 0.95])
      let network = AnsweringNetwork(name: "n", version: "n", labels: [label, "tank", "rifle", "wine bottle"])
      let found = SafetyAssessment.of([frame, frame], networks: [network]).findings
      #expect(found.allSatisfy { $0.category.id == "Rm3SiT" && $0.risk == .low }, "\(label)")
    }
  }

  // InteractiveAdvertisingBureau/Taxonomies 33, openrtb/openrtb2x 34: ids change their meaning between versions
  @Test func `Ids are never told without their taxonomy and its version`() {
    let written = text { SafetyAssessment.of([]).write(into: &$0) }
    #expect(
      written.hasPrefix(
        #"{"taxonomy":{"name":"IAB Content Taxonomy","version":"3.1"},"mapping":{"name":"ridley-iab","version":"1.0"}"#)
    )
  }

  // muxinc/ai 28 asks whether a threshold counts for the contrary too; bhky/opennsfw2 23: what a network was never made for
  @Test func `Nothing found is no word about what nobody looked for`() {
    let safety = SafetyAssessment.of([[], [], []])
    #expect(safety.risk == nil && safety.findings.isEmpty)
    #expect(safety.assessed.map(\.category.id) == ["Rm3SiT", "avbNf2", "I4GWl6", "pg0WhF"])
    #expect(safety.assessed[0].worst == .medium, "without a network for parts of bodies nothing can be floor")
    #expect(safety.notAssessed == ["XtODT3", "Z7rJBM", "HxqYV1", "j9PaO9", "mm3UXx", "6i4dB6", "8FD8nI"])
    #expect(SafetyAssessment.of([[]], networks: [Networks.unsafe]).notAssessed.count == 11)
  }

  @Test func `A network that failed on every frame assessed nothing`() {
    var assessment = SafetyAssessment(networks: Networks.all)
    for frame in 0..<3 { assessment.add(frame: frame, time: Double(frame), predictions: [], steps: [1, 2]) }
    let safety = assessment.finish()
    #expect(safety.notAssessed.contains("avbNf2") && !safety.notAssessed.contains("Rm3SiT"))
    #expect(SafetyAssessment.of([]).notAssessed.count == 11, "no frame, no opinion")
  }

  // infinitered/nsfwjs 593 and 617: one network twice, under two names
  @Test func `A network does not agree with itself`() throws {
    var twin = Networks.unsafe
    twin.name = "nsfwjs"
    twin.labels = ["unsafe", "porn"]
    let frame = says(0, ["unsafe": 0.99]) + says(1, ["porn": 0.99])
    let safety = SafetyAssessment.of([frame, frame], networks: [Networks.unsafe, twin])
    #expect(safety.risk == nil && safety.notAssessed.contains("Rm3SiT"))
  }

  // Rekognition answers from 50 of 100 unless told otherwise, without a word
  @Test func `A score can be worked out again from its evidence`() throws {
    let frames = [says(["rifle": 0.2, "assault rifle": 0.4]), says(["rifle": 0.5])]
    let segment = try #require(SafetyAssessment.of(frames).findings.first?.segments.first)
    let byFrame: [Int: [Safety.Evidence]] = Dictionary(grouping: segment.evidence) { $0.frame }
    let sums: [Double] = byFrame.values.map { shown in shown.reduce(0.0) { $0 + $1.score } }
    let mean = sums.reduce(0.0, +) / Double(sums.count)
    #expect(sums.count == 2 && abs(segment.score - mean) < 1e-9)
  }
}
