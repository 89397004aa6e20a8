import Base
import Predictions
import TestKit
import Testing
import Vision

@testable import ModelHub

@Suite struct ManifestTests {
  @Test func `A manifest becomes a recipe`() throws {
    let manifest = try Manifest.read(bytes: Array(Sample.manifest.utf8))
    #expect(manifest.name == "net")
    #expect(manifest.files[0].url == "https://example.org/net.onnx" && manifest.files[0].byteCount == 7)
    #expect(manifest.network == "net.onnx" && manifest.precision == .f32)
    var input = InputRecipe()
    (input.color, input.resize, input.mean, input.scale) = (.bgr, .letterbox, [127.5], [1, 2, 3.5])
    (input.width, input.height, input.pad, input.anchor) = (320, 240, 7, .topLeft)
    var output = OutputRecipe(decoder: .ssd)
    (output.strides, output.sizes, output.ratios) = ([8, 16], [[10, 16], [32]], [1, 0.5])
    (output.threshold, output.iou, output.variance, output.background) = (0.3, 0.4, [0.1, 0.3], 0)
    let labels = ["cat", "dog", "no"]
    #expect(manifest.recipe == Recipe(task: .detection, input: input, output: output, labels: labels))
  }

  @Test func `What a manifest leaves out is the default`() throws {
    let text = """
      {name: n, summary: s, license: MIT, task: tensor, output: {decoder: raw},
       files: [{path: a.onnx, sha256: \(Sample.digest)}]}
      """
    let manifest = try Manifest.read(bytes: Array(text.utf8))
    #expect(manifest.recipe == Recipe(task: .tensor, output: OutputRecipe(decoder: .raw)))
    #expect(manifest.files[0].url == nil && manifest.files[0].byteCount == nil && manifest.labels == .list([]))
  }

  @Test(arguments: Mistake.all) func `A mistake is told with its place and what was expected`(_ mistake: Mistake) {
    let fault = #expect(throws: Fault.self) {
      try Manifest.read(bytes: Array(mistake.document.utf8), name: "model.yaml")
    }
    #expect(fault?.message == mistake.message)
    #expect(fault?.kind == .badInput)
  }

  @Test func `A file that is not text is refused`() {
    let fault = #expect(throws: Fault.self) { try Manifest.read(bytes: [0x6e, 0xff, 0xfe, 0x3a], name: "model.yaml") }
    #expect(fault?.message.hasPrefix("model.yaml: not text in UTF-8: ") == true)
  }

  @Test func `A manifest that is not there is told by its path`() {
    let fault = #expect(throws: Fault.self) { try Manifest.read("/nowhere/model.yaml") }
    #expect(fault?.kind == .notFound)
    #expect(fault?.message == "there is no file /nowhere/model.yaml")
  }
}

enum Sample {
  static let digest = String(repeating: "0123456789abcdef", count: 4)

  static let manifest = """
    name: net
    summary: A net.
    license: Apache-2.0
    task: detection
    source: https://example.org/net
    files:
      - path: net.onnx
        url: https://example.org/net.onnx
        sha256: \(digest)
        size: 7
    network: net.onnx
    precision: f32
    input:
      color: bgr
      resize: letterbox
      anchor: top-left
      pad: 7
      mean: 127.5
      scale: [1, 2, 3.5]
      width: 320
      height: 240
    output:
      decoder: ssd
      strides: [8, 16]
      sizes: [[10, 16], [32]]
      ratios: [1, 0.5]
      variance: [0.1, 0.3]
      threshold: 0.3
      iou: 0.4
      background: 0
    labels: [cat, dog, no]

    """
}
