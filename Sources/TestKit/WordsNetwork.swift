import Foundation

/// A network of texts that a person can reckon with: it has a row of four numbers for each token, and gives those of a text.
public enum WordsNetwork {
  /// Tokens and their rows; the first three are the marks.
  public static let rows: [(token: String, numbers: [Float])] = [
    ("[UNK]", [0, 0, 0, 1]), ("[CLS]", [0, 0, 0, 0.5]), ("[SEP]", [0, 0, 0, 0.25]), ("a", [0, 0, 0, 2]),
    ("dog", [8, 1, 0, 0]), ("cat", [1, 8, 0, 0]), ("beach", [0, 0, 8, 1]),
  ]

  /// Writes a whole model into a folder that is there: a network for texts of any length, its vocabulary and its manifest.
  public static func write(to folder: String, name: String, more: String = "") throws {
    var network = ONNXNetwork()
    network.input("input_ids", .int64, [.open("batch"), .open("tokens")])
    network.output("vectors", .float, [.open("batch"), .open("tokens"), .fixed(4)])
    network.constant(ONNXNetwork.tensor("table", .float, [rows.count, 4], rows.flatMap(\.numbers)))
    network.node("Gather", ["table", "input_ids"], ["vectors"])
    try network.write(to: folder + "/model.onnx")
    try rows.map { $0.token + "\n" }.joined().write(toFile: folder + "/vocab.txt", atomically: true, encoding: .utf8)
    let manifest = """
      name: \(name)
      summary: Reckons with words.
      license: MIT
      task: tensor
      files: [{path: model.onnx}, {path: vocab.txt}]
      output: {decoder: raw}
      text: {vocabulary: vocab.txt, length: 16\(more)}

      """
    try manifest.write(toFile: folder + "/model.yaml", atomically: true, encoding: .utf8)
  }

  /// What it gives for words, as the mean over the tokens, the marks at both ends among them.
  public static func vector(of text: String) -> [Float] {
    let words = text.split(separator: " ").map { word in rows.first { $0.token == word } ?? rows[0] }
    let all = [rows[1]] + words + [rows[2]]
    return (0..<4).map { place in all.map { $0.numbers[place] }.reduce(0, +) / Float(all.count) }
  }
}
