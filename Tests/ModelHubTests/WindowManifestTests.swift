import Base
import Predictions
import Testing
import Vision

@testable import ModelHub

/// `window`, `step` and `keep` of a manifest.
struct WindowManifestTests {
  private func read(
    _ input: String, decoder: String = "boundary, scores: single_frame, many: many_hot", task: String = "shot-boundary"
  ) throws -> Manifest {
    let text = """
      {name: n, summary: s, license: MIT, task: \(task), output: {decoder: \(decoder)}, input: \(input),
       files: [{path: a.onnx, sha256: \(Sample.digest)}]}
      """
    return try Manifest.read(bytes: Array(text.utf8), name: "model.yaml")
  }

  private func message(_ input: String, decoder: String = "boundary", task: String = "shot-boundary") -> String {
    do {
      _ = try read(input, decoder: decoder, task: task)
      return "nothing"
    } catch { return (error as? Fault)?.message ?? "\(error)" }
  }

  @Test("A window, its step and the places that count are read, in all spellings")
  func spellings() throws {
    let wanted = FrameWindow(length: 100, step: 50, keep: 25..<75)
    for text in [
      "{window: 100, step: 50, keep: 25..74}", "{window: 100, keep: [25, 74], pad: edge}",
      "{window: 100, step: 50, keep: [25, 74], layout: nthwc}",
    ] {
      let manifest = try read(text)
      #expect(manifest.recipe.input.window == wanted, "\(text)")
      #expect(manifest.recipe.task == .shotBoundary && manifest.recipe.output.many == "many_hot")
    }
    #expect(try read("{window: 16}").recipe.input.window == FrameWindow(length: 16, step: 16, keep: 0..<16))
    #expect(try read("{color: rgb}", decoder: "number", task: "score").recipe.input.window == nil)
  }

  @Test(
    "A manifest that is written reads as what it was",
    arguments: ["{window: 100, keep: 25..74, layout: ntchw}", "{window: 8}"])
  func written(text: String) throws {
    let manifest = try read(text)
    let again = try Manifest.read(bytes: Array(manifest.text.utf8), name: "again").recipe
    #expect(again.input.window == manifest.recipe.input.window && again.input.layout == manifest.recipe.input.layout)
    #expect(again.output == manifest.recipe.output)
  }

  @Test("What makes no sense is refused with the place and the way out")
  func refused() {
    #expect(message("{window: 100, step: 50}").contains("say whose answers count, e.g. keep: 25..74"))
    #expect(message("{window: 100, step: 40, keep: 25..74}").contains("keep has 50 places and step is 40"))
    #expect(
      message("{window: 70, keep: 25..74}").contains(
        "keep ends at 74, and a window of 70 frames has the places 0 to 69"))
    #expect(message("{window: 100, keep: 25...74}").contains("expected 25..74 or [25, 74]"))
    #expect(message("{window: 100, keep: 74..25}").contains("expected 25..74 or [25, 74]"))
    #expect(message("{window: 100, keep: [25]}").contains("expected 25..74 or [25, 74]"))
    #expect(message("{window: 0}").contains("out of range for window, expected 1 to 4096"))
    #expect(
      message("{window: 9, layout: nhwc}").contains(
        "layout nhwc is not that of a window of frames, expected nthwc, ntchw, ncthw"))
    #expect(message("{layout: ncthw}", decoder: "number", task: "score").contains("not that of a picture"))
    #expect(
      message("{step: 50}", decoder: "number", task: "score").contains(
        "step is for a network that is shown many frames at once"))
    #expect(message("{pad: edge}", decoder: "number", task: "score").contains("pad"))
    #expect(message("{window: 9, pad: 3}").contains("pad is for resize: letterbox"))
    #expect(message("{color: rgb}").contains("decoder boundary reads numbers for each frame of a window"))
    #expect(message("{window: 9}", decoder: "number", task: "score") == "nothing")
  }

  @Test("A window is part of the model's identity, and networks of pictures keep theirs")
  func identity() throws {
    func digest(_ input: String, _ decoder: String = "number") throws -> String {
      let manifest = try read(input, decoder: decoder, task: "score")
      return Model.digest(manifest, manifest.recipe)
    }
    let digests = try ["{}", "{window: 8}", "{window: 9}", "{window: 9, keep: 1..7}", "{window: 9, keep: 2..8}"].map {
      try digest($0)
    }
    #expect(Set(digests).count == 5)
    #expect(try digest("{window: 8, step: 8, keep: 0..7}") == digests[1])
  }
}
