public import Base
internal import Execution
internal import Loading
internal import ModelHub

extension ServedVersion {
  /// Where it runs, as its owner said it.
  public var device: String { loader.options.device }

  /// Rows of one request.
  public static let maxRows = 1024

  /// How many rows tensors of these shapes have, one shape for each input; they fit the inputs otherwise.
  ///
  /// - Throws: `badInput` where they have different numbers, none, or too many.
  public func rows(of shapes: [[Int]]) throws(Fault) -> Int {
    if let words = texts?.recipe { try check(shapes, words.length) }
    guard takesRows, let first = shapes.first?.first else { return 1 }
    for shape in shapes where shape[0] != first {
      throw refusal("its inputs have \(first) and \(shape[0]) rows: all must have as many")
    }
    guard first > 0 else { throw refusal("no rows were sent: the first side of each input is how many there are") }
    guard first <= Self.maxRows else {
      throw refusal("\(first) rows were sent, and one request may have \(Self.maxRows): send several")
    }
    return first
  }

  /// Tokens of a text: as many for each input, and no more than it may have.
  private func check(_ shapes: [[Int]], _ length: Int) throws(Fault) {
    let counts = Set(shapes.map { $0.last ?? 0 })
    guard counts.count == 1, let count = counts.first, (1...length).contains(count) else {
      throw refusal("each of its inputs takes as many tokens as the others, 1 to \(length) of one text")
    }
  }

  private func refusal(_ message: String) -> Fault { Fault(.badInput, "model '\(model)': \(message)") }
}
