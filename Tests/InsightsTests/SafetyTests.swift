import Base
import Insights
import Predictions
import Testing

@Suite struct SafetyTests {
  private static let rifle = says(["assault rifle": 0.6])

  @Test func `A span names category, tier, networks, versions and the frames it stands on`() throws {
    let safety = SafetyAssessment.of([[], Self.rifle, says(["assault rifle": 0.8]), []])
    let finding = try #require(safety.findings.first)
    #expect(safety.findings.count == 1 && safety.risk == .medium)
    #expect(finding.category.id == "avbNf2" && finding.risk == .medium && abs(finding.score - 0.7) < 1e-6)
    let segment = finding.segments[0]
    #expect(segment.span == TimeSpan(start: 1, end: 3) && segment.frames == 2 && segment.rule == "arms")
    #expect(segment.evidence.map(\.frame) == [2, 1] && segment.evidence[0].version == "efficientnet-lite0@sha256:1")
    let written = text { safety.write(into: &$0) }
    #expect(
      written.contains(
        #"{"frame":2,"time":2,"network":"objects","label":"assault rifle","score":0.8,"version":"efficientnet-lite0@sha256:1"}"#
      ))
    #expect(
      written.contains(
        #""iabId":"avbNf2","category":"Arms & Ammunition","risk":"medium","riskId":"bsr003","score":0.7"#))
  }

  @Test func `Labels of one thing add up, as shares of one whole, and not where they are none`() {
    let frame = says(["assault rifle": 0.15, "rifle": 0.1, "revolver": 0.1])
    #expect(SafetyAssessment.of([frame, frame]).risk == .medium)
    var boxes = Networks.objects
    boxes.isExclusive = false
    #expect(SafetyAssessment.of([frame, frame], networks: [boxes]).risk == nil)
  }

  @Test func `Boxes do not add up, and are shown`() throws {
    let box = Rect(x: 0.1, y: 0.2, width: 0.3, height: 0.4)
    let frame = (0..<3).map { _ in Prediction(kind: .detection, label: "rifle", score: 0.2, box: box) }
    #expect(SafetyAssessment.of([frame, frame]).risk == nil)
    let sure = [Prediction(kind: .detection, label: "rifle", score: 0.9, box: box)]
    let found = try #require(SafetyAssessment.of([sure, sure]).findings.first)
    #expect(found.segments[0].evidence[0].box == box)
  }

  @Test func `Sights with little between them are one, with much between them two`() {
    let near = SafetyAssessment.of([Self.rifle, Self.rifle, [], Self.rifle, Self.rifle])
    #expect(near.findings[0].segments.map(\.span) == [TimeSpan(start: 0, end: 5)])
    let far = SafetyAssessment.of([Self.rifle, Self.rifle, [], [], [], [], Self.rifle, Self.rifle])
    #expect(far.findings[0].segments.map(\.span) == [TimeSpan(start: 0, end: 2), TimeSpan(start: 6, end: 8)])
  }

  @Test func `Frames far apart in time are still one sight where nothing between was looked at`() {
    let safety = SafetyAssessment.of([Self.rifle, Self.rifle, Self.rifle], every: 10)
    #expect(safety.findings.first?.segments.map(\.span) == [TimeSpan(start: 0, end: 30)])
  }

  @Test func `A picture alone is judged by itself`() {
    var assessment = SafetyAssessment(networks: Networks.all)
    assessment.add(frame: 0, time: 0, predictions: Self.rifle)
    let safety = assessment.finish()
    #expect(safety.risk == .medium && safety.findings[0].segments[0].frames == 1)
  }

  @Test func `Scenes have the worst of what is in them, and none where nobody looked is called anything`() {
    let scenes = [TimeSpan(start: 0, end: 2), TimeSpan(start: 2, end: 4), TimeSpan(start: 4, end: 9)]
    let safety = SafetyAssessment.of([[], [], Self.rifle, Self.rifle], scenes: scenes)
    #expect(safety.scenes.map(\.risk) == [nil, .medium, nil] && safety.scenes.map(\.frames) == [2, 2, 0])
  }

  @Test func `The film has the worst tier of what held`() throws {
    let wine = says(["red wine": 0.9])
    let safety = SafetyAssessment.of([wine, wine, [], [], [], Self.rifle, Self.rifle])
    #expect(safety.findings.map(\.risk) == [.medium, .low] && safety.risk == .medium)
  }

  @Test func `Explicit pictures need two networks on one frame, and then ask for a second look`() throws {
    let both = says(1, ["unsafe": 0.95, "safe": 0.05]) + says(2, ["porn": 0.6, "hentai": 0.25])
    let safety = SafetyAssessment.of([both, both])
    let finding = try #require(safety.findings.first)
    #expect(finding.category.id == "Rm3SiT" && finding.risk == .medium && abs(finding.score - 0.85) < 1e-6)
    #expect(Set(finding.segments[0].evidence.map(\.network)) == ["open-nsfw", "nsfwjs"])
    let turns = [
      says(1, ["unsafe": 0.95]), says(2, ["porn": 0.95]), says(1, ["unsafe": 0.95]), says(2, ["porn": 0.95]),
    ]
    #expect(SafetyAssessment.of(turns).risk == nil, "never on one frame")
  }

  @Test func `Where networks look at frames by turns, an answer stands as long as the rule says`() throws {
    let mapping = try Self.mapping("agree: 2, within: 1s,")
    var assessment = SafetyAssessment(mapping: mapping, networks: Networks.all)
    for frame in 0..<6 {
      let isFirst = frame.isMultiple(of: 2)
      assessment.add(
        frame: frame, time: Double(frame), predictions: isFirst ? says(1, ["unsafe": 0.9]) : says(2, ["porn": 0.9]),
        steps: [isFirst ? 1 : 2])
    }
    let safety = assessment.finish(end: 6)
    #expect(safety.risk == .high && safety.findings[0].segments[0].frames == 5)
    #expect(safety.networks.map(\.frames) == [0, 3, 3])
  }

  @Test func `A film is judged alike whatever is asked of its scenes`() {
    let frames = (0..<60).map { $0 % 7 < 3 ? Self.rifle : [] }
    let whole = SafetyAssessment.of(frames)
    let cut = SafetyAssessment.of(
      frames, scenes: (0..<20).map { TimeSpan(start: Double($0 * 3), end: Double($0 * 3 + 3)) })
    #expect(whole.findings == cut.findings)
  }

  static func mapping(_ keys: String) throws -> SafetyMapping {
    let text = """
      name: own
      version: "3"
      taxonomy: {name: House rules, version: "2"}
      categories:
        - {id: H1, name: Bare skin}
        - {id: H2, name: Gambling}
      rules:
        - {name: skin, category: H1, risk: high, score: 0.8, \(keys) signals: [{network: open-nsfw, labels: unsafe}, {network: nsfwjs, labels: [porn, hentai]}]}
      """
    return try SafetyMapping.read(bytes: Array(text.utf8), name: "own.yaml")
  }
}
