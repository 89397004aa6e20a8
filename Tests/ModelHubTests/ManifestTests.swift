import Base
import Testing

@testable import ModelHub

@Test func `A manifest becomes a recipe`() throws {
  let manifest = try Manifest.read(bytes: Array(sound.utf8))
  #expect(manifest.name == "net")
  #expect(manifest.network == "net.onnx")
  #expect(manifest.recipe.input.mean == [127.5])
  #expect(manifest.recipe.output.threshold == 0.3)
  #expect(manifest.recipe.labels == ["cat", "dog"])
}

let digest = String(repeating: "0123456789abcdef", count: 4)
let sound = """
  name: net
  summary: A net.
  license: Apache-2.0
  task: detection
  files:
    - path: net.onnx
      url: https://example.org/net.onnx
      sha256: \(digest)
      size: 7
  input: { mean: 127.5, scale: 127.5 }
  output:
    decoder: yolox
    threshold: 0.3
  labels: [cat, dog]
  """
