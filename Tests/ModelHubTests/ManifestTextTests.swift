import Base
import Predictions
import Testing
import Vision

@testable import ModelHub

@Suite struct ManifestTextTests {
  @Test func `What is written is read as it was`() throws {
    var manifest = try Manifest.read(bytes: Array(Sample.manifest.utf8))
    var output = OutputRecipe.usual(.finished)
    (output.columns, output.coordinates) = ([.label, .score, .left, .top, .right, .bottom], .fractions)
    (output.background, output.scores, output.threshold) = (0, "a \"b\"", 0.4)
    manifest.recipe.output = output
    manifest.recipe.labels = ["no", "a: b", "\"c\"", "d\u{7}", "é", "# e"]
    manifest.labels = .list(manifest.recipe.labels)
    manifest.files[0].url = nil
    let read = try Manifest.read(bytes: Array(manifest.text.utf8))
    #expect(read == manifest)
  }

  @Test func `The middle that is kept of a picture is read as it is written`() throws {
    var manifest = try Manifest.read(bytes: Array(Sample.manifest.utf8))
    (manifest.recipe.input.resize, manifest.recipe.input.crop) = (.crop, 0.875)
    manifest.recipe.output = OutputRecipe.usual(.yolov5)
    manifest.files[0].url = nil
    let read = try Manifest.read(bytes: Array(manifest.text.utf8))
    #expect(manifest.text.contains("crop: 0.875\n") && read.recipe.input.crop == 0.875)
    manifest.recipe.input.crop = 1
    #expect(!manifest.text.contains("crop: 1"))
  }

  @Test func `How pixels are made is read as it is written, and is another model`() throws {
    var manifest = try Manifest.read(bytes: Array(Sample.manifest.utf8))
    manifest.recipe.output = OutputRecipe.usual(.yolov5)
    manifest.files[0].url = nil
    let usual = manifest.text
    #expect(!usual.contains("interpolation"))
    for interpolation in Interpolation.allCases where interpolation != .halving {
      manifest.recipe.input.interpolation = interpolation
      #expect(try Manifest.read(bytes: Array(manifest.text.utf8)) == manifest)
      let before = try Manifest.read(bytes: Array(usual.utf8))
      #expect(Model.digest(manifest, manifest.recipe) != Model.digest(before, before.recipe))
    }
  }

  @Test func `All mistakes are told at once`() {
    let text = Sample.manifest.replacing("color: bgr", with: "color: brg").replacing("iou: 0.4", with: "iou: 4")
    let fault = #expect(throws: (any Error).self) { try Manifest.read(bytes: Array(text.utf8), name: "model.yaml") }
    #expect("\(fault!)".contains("2 things are wrong"))
  }
}
