import Base
import Insights
import Testing

@Suite struct ContentTests {
  @Test
  func `A label's score is its mean where it is sure, its share the time of that, its first sight the first of it`()
    throws
  {
    let content = ContentSummary.of([
      says(["goldfish": 0.1]), says(["goldfish": 0.6]), says(["goldfish": 0.8]), says([:]),
    ])
    let fish = try #require(content.label("goldfish"))
    #expect(abs(fish.score - 0.7) < 1e-6 && fish.share == 0.5 && fish.firstSeen == 1)
    #expect(fish.id == "n01443537" && fish.parents.contains("n02512053"))
  }

  @Test func `Time counts and not frames`() throws {
    var summary = ContentSummary(networks: Networks.all)
    for (time, score) in [(0.0, Float(0.9)), (1, 0.9), (8, 0)] {
      summary.add(time: time, predictions: says(["goldfish": score]))
    }
    #expect(summary.finish(end: 10).label("goldfish")?.share == 0.8)
  }

  @Test func `A kind is as sure as all below it together, and no surer than certain`() throws {
    let frame = says(["tabby": 0.3, "tiger cat": 0.3, "Egyptian cat": 0.3])
    let content = ContentSummary.of([frame, frame])
    #expect(abs(try #require(content.label("domestic cat")).score - 0.9) < 1e-6)
    let many = says(["tabby": 0.9, "tiger cat": 0.9])
    #expect(ContentSummary.of([many, many]).label("domestic cat")?.score == 1)
  }

  @Test func `Scores that do not exclude each other are not added`() {
    let network = AnsweringNetwork(name: "tags", version: "tags@1", isExclusive: false)
    let frame = says(["tabby": 0.5, "tiger cat": 0.6, "Egyptian cat": 0.2])
    let content = ContentSummary.of([frame, frame], networks: [network], settings: ContentSettings(score: 0.1))
    #expect(content.label("domestic cat") == nil, "tiger cat says as much")
    #expect(abs(content.label("tiger cat")!.score - 0.6) < 1e-6)
  }

  @Test func `A kind that says no more than one word below it is left to its parents`() {
    let frame = says(["goldfish": 0.9])
    let content = ContentSummary.of([frame, frame])
    #expect(content.video.map(\.name) == ["goldfish"])
  }

  @Test func `Scenes have labels of their own, and one that nobody looked at says so`() {
    let frames = [says(["goldfish": 0.9]), says(["goldfish": 0.9]), says(["tabby": 0.9]), says(["tabby": 0.9])]
    let scenes = [TimeSpan(start: 0, end: 2), TimeSpan(start: 2, end: 4), TimeSpan(start: 4, end: 6)]
    let content = ContentSummary.of(frames, scenes: scenes)
    #expect(content.scenes.map { $0.labels.map(\.name) } == [["goldfish"], ["tabby"], []])
    #expect(content.scenes.map(\.frames) == [2, 2, 0])
    #expect(content.scenes[1].labels[0].firstSeen == 2 && content.scenes[1].labels[0].share == 1)
    #expect(content.label("goldfish")?.share == 0.5 && content.label("animal")?.share == 1)
  }

  @Test func `A picture alone is told`() {
    let content = ContentSummary.of([says(["goldfish": 0.9])])
    #expect(content.video.map(\.name) == ["goldfish"] && content.video[0].share == 1)
    var summary = ContentSummary(networks: Networks.all)
    summary.add(time: 0, predictions: says(["goldfish": 0.5]))
    let picture = summary.finish()
    #expect(picture.video == picture.scenes[0].labels && picture.video[0].score == 0.5 && picture.video[0].share == 1)
  }

  @Test func `No more labels than asked for, the most present first`() {
    let frame = says(["goldfish": 0.3, "beer bottle": 0.4, "desk": 0.5])
    let content = ContentSummary.of([frame, frame], settings: ContentSettings(labels: 2))
    #expect(content.video.map(\.name) == ["desk", "beer bottle"])
  }

  @Test func `The result names vocabulary, networks and both versions`() {
    let written = text { ContentSummary.of([says(["goldfish": 0.9])]).write(into: &$0) }
    #expect(
      written.hasPrefix(
        #"{"vocabulary":{"name":"ridley-vocabulary","version":"1.0"},"networks":[{"name":"objects","version":"efficientnet-lite0@sha256:1"}"#
      ))
    #expect(
      written.contains(
        #""scenes":[{"scene":0,"start":0,"end":1,"frames":1,"labels":[{"id":"n01443537","name":"goldfish","score":0.9,"firstSeen":0,"share":1,"parents":["#
      ))
  }

  @Test func `A network that judges is left out where the others are named`() {
    var summary = ContentSummary(networks: Networks.all, steps: [0])
    for time in [0.0, 1] { summary.add(time: time, predictions: says(["goldfish": 0.9]) + says(2, ["porn": 0.9])) }
    let content = summary.finish(end: 2)
    #expect(content.video.map(\.name) == ["goldfish"] && content.networks == [Networks.objects])
  }

  @Test func `Without a frame there is nothing`() {
    let content = ContentSummary(networks: Networks.all).finish()
    #expect(content.video.isEmpty && content.scenes.map(\.frames) == [0])
  }
}
