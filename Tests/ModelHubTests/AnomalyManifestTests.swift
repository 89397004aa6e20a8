import Base
import Foundation
import Predictions
import TestKit
import Testing
import Vision

@testable import ModelHub

/// `anomaly` in manifests, and what anomalib writes beside its networks.
struct AnomalyManifestTests {
  private func read(_ output: String) throws -> Manifest {
    let text = "{name: n, summary: s, license: MIT, task: anomaly, files: [{path: a.onnx}], output: {\(output)}}"
    return try Manifest.read(bytes: Array(text.utf8), name: "model.yaml")
  }

  private func message(_ output: String) -> String {
    #expect(throws: Fault.self) { try read(output) }?.message ?? ""
  }

  @Test("Range and cuts are read, written and belong together; the threshold is half where nothing is said")
  func keys() throws {
    let manifest = try read("decoder: anomaly, scores: s, map: m, range: [0.5, 20], cut: 12.5, map-cut: 11")
    let output = manifest.recipe.output
    #expect(output.range == [0.5, 20] && output.cut == 12.5 && output.mapCut == 11 && output.map == "m")
    #expect(output.threshold == 0.5)
    #expect(try Manifest.read(bytes: Array(manifest.text.utf8), name: "again").recipe.output == output)
    #expect(message("decoder: anomaly, range: [0, 1]").contains("range and cut belong together"))
    #expect(message("decoder: anomaly, range: [2, 1], cut: 1").contains("the least first"))
    #expect(message("decoder: anomaly, metadata: m.json, cut: 1").contains("read from metadata"))
    #expect(message("decoder: anomaly, iou: 0.5").contains("iou is for decoder"))
    #expect(message("decoder: heatmap").contains("does not answer task anomaly, expected anomaly"))
  }

  /// As versions before 1 write it, by hand: with the steps of albumentations.
  private let metadata = """
    {"task": "segmentation",
     "transform": {"__version__": "1.3.0", "transform": {"__class_fullname__": "Compose", "transforms": [
       {"__class_fullname__": "Resize", "height": 256, "width": 256},
       {"__class_fullname__": "Normalize", "mean": [0.485, 0.456, 0.406], "std": [0.2, 0.25, 0.5], "max_pixel_value": 255.0},
       {"__class_fullname__": "ToTensorV2"}]}},
     "image_threshold": 13.5, "pixel_threshold": 12.25,
     "min": 1.5, "max": 40.0}
    """

  @Test("metadata.json says range, cuts and what is done to a picture; digest and written manifest have the numbers")
  func metadataFile() throws {
    let folder = TemporaryFolder()
    try metadata.write(toFile: folder.file("metadata.json"), atomically: true, encoding: .utf8)
    let manifest = try read("decoder: anomaly, metadata: metadata.json")
    let model = try Model(manifest, folder: folder.path, store: folder.path)
    let (input, output) = (model.recipe.input, model.recipe.output)
    #expect(output.range == [1.5, 40] && output.cut == 13.5 && output.mapCut == 12.25 && output.metadata == nil)
    #expect(input.scale == [51, 63.75, 127.5] && abs(input.mean[0] - 123.675) < 1e-3)
    try metadata.replacing("13.5", with: "13.6").write(
      toFile: folder.file("metadata.json"), atomically: true, encoding: .utf8)
    #expect(try Model(manifest, folder: folder.path, store: folder.path).digest != model.digest)
  }

  @Test(
    "Damaged metadata is refused with its place",
    arguments: [
      ("\"max\": 40.0", "\"max\": 1.5", "m.json:7:21: max (1.5) must be above min (1.5)"),
      ("13.5", "NaN", "m.json:6:21: 'NaN' is not a number for image_threshold"),
      ("\"image_threshold\": 13.5, ", "", "'image_threshold' is missing in metadata of anomalib"),
      ("\"min\": 1.5, ", "", "'min' is missing"),
      ("\"min\": 1.5", "\"image_mean\": 1.5", "m.json:7:16: these scores are normalised by their distribution"),
      ("ToTensorV2", "CenterCrop", "m.json:5:27: 'CenterCrop' is done to pictures before this network"),
      ("0.2, 0.25", "0.2, 0", "std above 0"), ("40.0}", "40.0", "m.json:"), ("{\"task\"", "[{\"task\"", "m.json:"),
    ])
  func damaged(good: String, bad: String, told: String) throws {
    let text = metadata.replacing(good, with: bad)
    #expect(text != metadata)
    let fault = #expect(throws: Fault.self) { try AnomalyMetadata(Array(text.utf8), name: "m.json") }
    #expect(fault?.message.contains(told) == true, "\(fault?.message ?? "")")
  }
}
