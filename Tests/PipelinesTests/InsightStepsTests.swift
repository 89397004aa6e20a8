import Base
import Insights
import Predictions
import TestKit
import Testing

@testable import Pipelines

/// What pipelines say is told of a film as a whole.
struct InsightStepsTests {
  private static let full = """
    infer:
      - {name: labels, model: a, every: 1s}
      - {name: like, model: b}
      - {name: eyes, model: c}
      - {name: memo, model: d}
    shots: {threshold: 0.4, min-shot: 200ms}
    breaks: {of: like, speech: vad, min-distance: 30s, max-distance: 10m, skip-first: 1m, count: 4}
    content: {of: labels, labels: 5}
    safety:
    attention: {of: eyes, boxes: {logo: [0.8, 0.05, 0.15, 10%]}, follow: [bottle, can], by: track}
    products: {of: like, catalogue: /shelf, inliers: 20, candidates: all, gap: 2s}
    memorability: {of: memo, delay: 72h}
    """

  private func fault(_ text: String) -> String {
    do throws(Fault) {
      _ = try read(text)
      return "nothing"
    } catch { return error.message }
  }

  @Test func `all of it is read, written out in full, and read again as the same`() throws {
    let pipeline = try read(Self.full).pipeline
    let insights = pipeline.insights
    #expect(insights.shots?.settings == ShotSettings(threshold: 0.4, minShot: 0.2))
    #expect(insights.breaks?.of == 1 && insights.breaks?.speech == "vad")
    #expect(insights.breaks?.settings.maxDistance == 600 && insights.breaks?.settings.count == 4)
    #expect(insights.content?.of == [0] && insights.content?.settings.labels == 5)
    #expect(insights.attention?.settings.boxes.first?.rect == Rect(x: 0.8, y: 0.05, width: 0.15, height: 0.1))
    #expect(insights.attention?.settings.following.count == 2 && insights.memorability?.delay == 259_200)
    #expect(insights.products?.settings.inliers == 20 && insights.products?.settings.candidates == nil)
    #expect(insights.products?.of == 1 && insights.products?.gap == 2)
    #expect(try read(pipeline.text).pipeline == pipeline)
    #expect(pipeline.describesFrames)
  }

  @Test func `the identity has what decides the answer, and no names`() throws {
    let models = ["1", "2", "3", "4", "5", "shelf"]
    let one = try read(Self.full).pipeline.canonical(models: models)
    let renamed = Self.full.replacing("labels,", with: "tags,").replacing("of: labels", with: "of: tags")
      .replacing("speech: vad", with: "speech: ./other.onnx").replacing("/shelf", with: "/other")
    #expect(try read(renamed).pipeline.canonical(models: models) == one)
    for (old, new) in [
      ("0.4", "0.41"), ("30s", "31s"), ("delay: 72h", "delay: 3m"), ("labels: 5", "labels: 6"), ("10%", "11%"),
      ("{of: like, speech", "{of: labels, speech"), ("of: like, catalogue", "of: labels, catalogue"),
      ("inliers: 20", "inliers: 21"), ("gap: 2s", "gap: 3s"),
    ] {
      #expect(try read(Self.full.replacing(old, with: new)).pipeline.canonical(models: models) != one, "\(new)")
    }
    #expect(try read(Self.full).pipeline.canonical(models: ["1", "2", "3", "4", "6", "shelf"]) != one)
    #expect(try read(Self.full).pipeline.canonical(models: ["1", "2", "3", "4", "5", "other"]) != one)
    let plain = try read("infer: a").pipeline.canonical(models: ["1"])
    #expect(!String(decoding: plain, as: UTF8.self).contains("insights"))
  }

  @Test func `shots need no network, and what is about answers does`() throws {
    let shots = try read("shots:").pipeline
    #expect(shots.infer.isEmpty && shots.insights.shots == Pipeline.Shots())
    #expect(try read(shots.text).pipeline == shots)
    #expect(try read("breaks: {min-distance: 5s}").pipeline.insights.shots != nil)
    #expect(fault("shots:\ntrack: {}").contains("track is about what a network answers, and there is none: add infer"))
    #expect(fault("shots:\nsafety:").contains("safety is judged from what networks answer"))
  }

  @Test(arguments: [
    ("gate: {}\ninfer: a\nshots:", "take them, or the gate"),
    ("gate: {}\ninfer: a\nbreaks:", "take them, or the gate"),
    ("infer: a\nshots: {of: b}", "there is no step 'b' here"),
    ("infer: a\nshots: {treshold: 1}", "unknown key 'treshold' in shots"),
    ("infer: a\ncontent:", "name those that do with of: [STEP, …]"),
    ("infer: a\nattention: {}", "name it with of: STEP"),
    ("infer: a\nattention: {of: a, boxes: {b: [0, 0, 1]}}", "a box is four fractions"),
    ("products: {catalogue: shelf}", "is named from the root on here"),
    ("products: {catalogue: /shelf}", "the network of the catalogue is named here"),
    ("infer: a\nproducts: {of: b, catalogue: /shelf}", "there is no step 'b' here"),
    ("infer: a\nproducts: {of: a, catalogue: /shelf, inliers: 7}", "8 to 10000"),
    ("infer: a\nmemorability: {of: a}", "memorability after how long?"),
    ("infer: a\nmemorability:", "no network for memorability"),
    ("infer: a\nbreaks: {min-distance: 10s, max-distance: 5s}", "must not be less than min-distance"),
    ("infer: a\nproxy: 360p\nbreaks: {speech: vad}", "a rendition has no sound"),
    ("infer: a\nsafety: {mapping: other.yaml}", "a mapping is written out here"),
    ("infer: a\nsafety: {mapping: \"name: x\\nrules: 7\\n\"}", "the key 'version' is missing"),
  ])
  func `what cannot be is refused with the way out`(text: String, wanted: String) {
    let told = fault(text)
    #expect(told.contains(wanted), "\(told)")
  }

  @Test func `built-in pipelines can be read, and several of them are one`() throws {
    for entry in BuiltInPipelines.all where entry.name != "products" { _ = try PipelineFile.read(entry.name) }
    let both = try PipelineFile.read("content,brand-safety").pipeline
    #expect(both.infer.count == 3 && both.insights.content?.of == [0] && both.insights.safety != nil)
    #expect(try PipelineFile.read("shots,shots-transnetv2").pipeline.insights.shots?.of == 0)
    #expect(throws: Fault.self) { _ = try PipelineFile.read("shot") }
  }

  @Test func `a catalogue's own network looks for its products, from the folder of the pipeline`() throws {
    let folder = TemporaryFolder()
    try FileSystem.write(Array("products: {catalogue: shelf}".utf8), to: folder.file("p.yaml"))
    func told() -> String {
      do throws(Fault) {
        _ = try PipelineFile.read(folder.file("p.yaml"))
        return ""
      } catch { return error.message }
    }
    #expect(told().contains("p.yaml:1:23: there is no catalogue in \(folder.path)/shelf"))
    try FileSystem.makeFolder(folder.file("shelf"))
    try FileSystem.write(Array("not one".utf8), to: folder.file("shelf/products.ridley"))
    #expect(told().contains("it is no catalogue of ridley's"))
    let catalogue = Catalogue(model: "lite@sha256:12")
    try FileSystem.write(CatalogueFile.bytes(catalogue), to: folder.file("shelf/products.ridley"))
    let pipeline = try PipelineFile.read(folder.file("p.yaml")).pipeline
    #expect(pipeline.infer.map(\.model) == ["lite"] && pipeline.infer[0].every == 0.5)
    #expect(pipeline.insights.products?.of == 0 && pipeline.insights.products?.catalogue == folder.file("shelf"))
    #expect(try PipelineFile.read(bytes: Array(pipeline.text.utf8), name: "again").pipeline == pipeline)
  }

  @Test func `a network is held to what is concluded from it`() throws {
    let file = try read("infer: a\nshots: {of: a}\ncontent: {of: a}")
    let facts = ModelFacts(task: .saliency, labels: [])
    do throws(Fault) {
      try file.check([facts])
      Issue.record("a network for saliency passes for one that finds shots")
    } catch {
      #expect(error.message.contains("shots are found by a network for shot-boundary, and 'a' is for saliency"))
      #expect(error.message.contains("content is told by a network for classification or detection"))
    }
  }
}
