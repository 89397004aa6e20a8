import Base
import Predictions
import Testing
import Vision

@testable import ModelHub

/// `text` of a manifest: networks that take words.
struct TextManifestTests {
  private func read(_ text: String, task: String = "tensor", decoder: String = "raw") throws -> Manifest {
    let manifest = """
      {name: n, summary: s, license: MIT, task: \(task), output: {decoder: \(decoder)}, text: \(text),
       files: [{path: a.onnx, sha256: \(Sample.digest)}, {path: vocab.txt}]}
      """
    return try Manifest.read(bytes: Array(manifest.utf8), name: "model.yaml")
  }

  private func message(_ text: String, task: String = "tensor", decoder: String = "raw") -> String {
    do {
      _ = try read(text, task: task, decoder: decoder)
      return "nothing"
    } catch { return (error as? Fault)?.message ?? "\(error)" }
  }

  @Test("What is said of words is read, and what is not said is as sentence networks have it")
  func read() throws {
    var wanted = TextRecipe(vocabulary: "vocab.txt")
    #expect(try read("{vocabulary: vocab.txt}").words == wanted)
    #expect(wanted.isLowercase && wanted.length == 128 && wanted.pooling == .mean && wanted.pictures == nil)
    (wanted.isLowercase, wanted.length, wanted.pooling, wanted.output) = (false, 77, .none, "text_embeds")
    (wanted.ids, wanted.mask, wanted.types, wanted.pictures) = ("ids", "seen", "kind", "towers.image")
    let text =
      "{vocabulary: vocab.txt, lowercase: false, length: 77, pooling: none, output: text_embeds, ids: ids, mask: seen, types: kind, pictures: towers.image}"
    #expect(try read(text).words == wanted)
  }

  @Test("A manifest that is written reads as what it was, and each word makes another model")
  func written() throws {
    var digests: Set<String> = []
    let texts = [
      "{vocabulary: vocab.txt}", "{vocabulary: a.onnx}", "{vocabulary: vocab.txt, lowercase: false}",
      "{vocabulary: vocab.txt, length: 64}", "{vocabulary: vocab.txt, pooling: first}",
      "{vocabulary: vocab.txt, output: x}", "{vocabulary: vocab.txt, ids: x}", "{vocabulary: vocab.txt, mask: x}",
      "{vocabulary: vocab.txt, types: x}", "{vocabulary: vocab.txt, pictures: x}",
    ]
    for text in texts {
      let manifest = try read(text)
      let again = try Manifest.read(bytes: Array(manifest.text.utf8), name: "again")
      #expect(again.words == manifest.words)
      digests.insert(Model.digest(manifest, manifest.recipe))
    }
    #expect(digests.count == texts.count)
  }

  @Test("What makes no sense is refused with the place and the way out")
  func refused() {
    #expect(message("{vocabulary: words.txt}").contains("the vocabulary 'words.txt' is not among the files"))
    #expect(message("{}").contains("the key 'vocabulary' is missing in text"))
    #expect(message("{vocabulary: ../vocab.txt}").contains("leads out of the model's folder"))
    #expect(message("{vocabulary: vocab.txt, length: 2}").contains("length"))
    #expect(message("{vocabulary: vocab.txt, length: 5000}").contains("length"))
    #expect(message("{vocabulary: vocab.txt, pooling: last}").contains("expected mean, first or none"))
    #expect(message("{vocabulary: vocab.txt, tokenizer: bpe}").contains("unknown key 'tokenizer'"))
    let wanted = "say task: tensor and output: {decoder: raw}"
    #expect(message("{vocabulary: vocab.txt}", task: "embedding", decoder: "vector").contains(wanted))
  }
}
