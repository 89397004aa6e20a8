import Base
import Execution
import Inference
import ModelHub
import TestKit
import Testing

/// Words on their way into a network of texts, without one.
struct TextTokenizerTests {
  /// Keeps what it is asked, and answers nothing.
  private final class Listener: InferenceTarget {
    let (batch, streams) = (1, 1)
    let asked = Monitor<[[UInt8]]>([])

    func submit(_ request: InferenceRequest) throws(AdmissionRefusal) {
      asked.update { $0.append(Array(request.inputs[0].pointer)) }
      throw AdmissionRefusal(retryAfter: 0, fault: Fault(.unavailable, "it answers nothing"))
    }

    func cancel(_ request: InferenceRequest) {}
  }

  private let folder = TemporaryFolder()

  /// `words` follow the marks, which have the numbers 0 to 2.
  private func write(_ words: String...) throws {
    let lines = (["[UNK]", "[CLS]", "[SEP]"] + words).map { $0 + "\n" }.joined()
    try FileSystem.write(Array(lines.utf8), to: folder.file("vocab.txt"))
  }

  private func model(pooling: String = "mean") throws -> Model {
    try ByteNetwork.write(to: folder.file("net"))
    let manifest = try Manifest.read(
      bytes: Array(
        """
        {name: sentences, summary: s, license: MIT, task: tensor, output: {decoder: raw},
         files: [{path: net.xml}, {path: net.bin}, {path: vocab.txt}], text: {vocabulary: vocab.txt, pooling: \(pooling)}}
        """.utf8))
    return try Model(manifest, folder: folder.path, store: folder.file("store"))
  }

  private func encoder(
    _ tokenizer: TextTokenizer, _ ids: [Int?] = [1, nil], output: [Int?] = [1, nil, 4], to target: Listener
  ) throws -> TextEncoder {
    try TextEncoder(
      tokenizer, digest: tokenizer.model.digest,
      inputs: [TensorSpec(name: "input_ids", shape: ids, element: .i64)],
      outputs: [TensorSpec(name: "vectors", shape: output, element: .f32)], computation: "none", cache: nil,
      target: target)
  }

  /// The numbers of the tokens that a network is given.
  private func ids(of text: String, by tokenizer: TextTokenizer) throws -> [UInt8] {
    let target = Listener()
    #expect(throws: Fault.self) { try encoder(tokenizer, to: target).encode([text]) }
    let bytes = try #require(target.asked.update { $0.first })
    return stride(from: 0, to: bytes.count, by: 8).map { bytes[$0] }
  }

  @Test func `a network whose side of tokens is fixed is refused, whatever is made of its answers`() throws {
    try write("dog")
    for (pooling, output) in [("mean", [1, nil, 4]), ("none", [1, 4])] as [(String, [Int?])] {
      let tokenizer = try TextTokenizer(try model(pooling: pooling), cache: nil)
      for open in [[1, nil], [nil, nil]] as [[Int?]] {
        _ = try encoder(tokenizer, open, output: output, to: Listener())
      }
      for fixed in [[1, 77], [nil, 128], [2, nil]] as [[Int?]] {
        #expect {
          try encoder(tokenizer, fixed, output: output, to: Listener())
        } throws: { error in
          (error as? Fault)?.kind == .unsupported && (error as? Fault)?.message.contains("export it") == true
        }
      }
    }
  }

  @Test func `tokens are those of the vocabulary that was loaded, also where its file is another by now`() throws {
    try write("dog", "cat")
    let tokenizer = try TextTokenizer(try model(), cache: nil)
    #expect(try ids(of: "dog", by: tokenizer) == [1, 3, 2])
    try write("cat", "dog")
    #expect(try ids(of: "dog", by: tokenizer) == [1, 3, 2])
    // Loaded again, it is another model.
    #expect {
      try TextTokenizer(tokenizer.model, cache: nil)
    } throws: { error in (error as? Fault)?.kind == .badInput }
    let other = try TextTokenizer(try model(), cache: nil)
    #expect(try other.model.digest != tokenizer.model.digest && ids(of: "dog", by: other) == [1, 4, 2])
  }
}
