import Base
import Foundation
import Predictions
import TestKit
import Testing
import Vision

@Suite("Text")
struct TextTests {
  /// Steps in which the class has 0.9 and the others share nothing.
  private func tensors(_ steps: [Int], classes: Int, timeFirst: Bool = true) -> Tensors {
    var values = [Float](repeating: 0, count: steps.count * classes)
    for (step, label) in steps.enumerated() {
      values[timeFirst ? step * classes + label : label * steps.count + step] = 0.9
    }
    return Tensors(timeFirst ? [1, steps.count, classes] : [1, classes, steps.count], values)
  }

  private func text(_ steps: [Int], classes: Int, labels: [String], blank: Int? = nil, timeFirst: Bool = true) throws
    -> String?
  {
    try decode(
      recipe(.ctc, labels: labels) {
        $0.background = blank
        if abs(steps.count - classes) < 3 { $0.layout = timeFirst ? .rows : .columns }
      }, tensors(steps, classes: classes, timeFirst: timeFirst)
    ).first?.text
  }

  @Test("repeats are joined, then blanks dropped; time may lie in either dimension", arguments: [true, false])
  func blankFirst(timeFirst: Bool) throws {
    let steps = [0, 1, 1, 0, 1, 2, 2, 0, 0, 3]
    #expect(try text(steps, classes: 4, labels: ["a", "b", "c"], timeFirst: timeFirst) == "aabc")
  }

  @Test("the blank may be the last class, named among the labels or not")
  func blankLast() throws {
    let steps = [3, 0, 0, 3, 0, 1, 2]
    #expect(try text(steps, classes: 4, labels: ["a", "b", "c"], blank: 3) == "aabc")
    #expect(try text(steps, classes: 4, labels: ["a", "b", "c", "-"], blank: 3) == "aabc")
    #expect(try text([1, 2, 0, 2], classes: 3, labels: ["-", "b", "c"]) == "bcc")
  }

  @Test("the class after the last label is a space")
  func space() throws {
    #expect(try text([1, 0, 4, 0, 2, 2], classes: 5, labels: ["a", "b", "c"]) == "a b")
    #expect(try text([0, 4, 3, 4, 1], classes: 5, labels: ["a", "b", "c"], blank: 4) == "a b")
  }

  @Test("a recurrent network's steps come first, with the batch of one behind them")
  func recurrent() throws {
    var values = [Float](repeating: 0, count: 5 * 4)
    for (step, label) in [1, 1, 0, 2, 3].enumerated() { values[step * 4 + label] = 0.9 }
    let found = try decode(recipe(.ctc, labels: ["a", "b", "c"]), Tensors([5, 1, 4], values))
    #expect(found.first?.text == "abc")
  }

  @Test("the score is the mean of the steps that are read")
  func score() throws {
    let values: [Float] = [0.1, 0.8, 0.1, 0, 1, 0, 0.9, 0.1, 0, 0, 0, 0.4]
    let found = try decode(recipe(.ctc, labels: ["a", "b"]) { $0.layout = .rows }, Tensors([1, 4, 3], values))
    #expect(found.first?.text == "ab")
    #expect(near(Double(found.first?.score ?? 0), 0.6))
    let said = recipe(.ctc, labels: ["a"]) { ($0.activation, $0.layout) = (.softmax, .rows) }
    let logits = try decode(said, Tensors([1, 1, 2], [0, 2]))
    #expect(near(Double(logits.first?.score ?? 0), 1 / (1 + exp(-2)), 1e-6))
  }

  @Test("nothing but blanks is no text, and steps of no numbers are blanks")
  func nothing() throws {
    #expect(try text([0, 0, 0], classes: 3, labels: ["a", "b"]) == nil)
    let broken = Tensors([1, 2, 3], [Float](repeating: .nan, count: 6))
    let said = recipe(.ctc, labels: ["a", "b"]) { ($0.background, $0.layout) = (2, .rows) }
    #expect(try decode(said, broken).isEmpty)
  }

  @Test("any string of the alphabet survives being written as steps")
  func property() throws {
    var dice = SeededRandom(5)
    let labels = ["a", "b", "c", "d", "e", "f"]
    for _ in 0..<200 {
      let word = (0..<Int.random(in: 1...9, using: &dice)).map { _ in Int.random(in: 1...6, using: &dice) }
      var steps: [Int] = []
      for label in word {
        // Between two alike there must be a blank.
        if steps.last == label || Bool.random(using: &dice) { steps.append(0) }
        steps += [Int](repeating: label, count: .random(in: 1...3, using: &dice))
      }
      while (6...8).contains(steps.count) { steps.append(0) }  // as many steps as classes could be read both ways
      let timeFirst = Bool.random(using: &dice)
      #expect(try text(steps, classes: 7, labels: labels, timeFirst: timeFirst) == word.map { labels[$0 - 1] }.joined())
    }
  }

  /// The word "cab" with a repeated letter, as logits whose softmax was worked out with numpy.
  private let logits: [Float] = [
    0.5, -1, 2, 0, 3, 1, 0, 0, 0, 4, 1, -1, -2, 0.5, 3.5, 0, 0, 0, 2.5, 1,
  ]

  @Test(
    "CRNN's [T,1,C] is read as [1,T,C] is, softmaxed or not; the blank may be the last class",
    arguments: [[5, 1, 4], [1, 5, 4], [5, 1, 4], [1, 5, 4]])
  func crnn(shape: [Int]) throws {
    let wide = Tensors(shape, logits)
    let labels = ["a", "b", "c", "d"]
    func read(_ labels: [String], _ blank: Int, _ tensors: Tensors, _ activation: OutputRecipe.Activation?) throws
      -> Prediction?
    {
      try decode(
        recipe(.ctc, labels: labels) {
          ($0.background, $0.activation) = (blank, activation)
          if shape[0] == 1 { $0.layout = .rows }
        }, tensors
      ).first
    }
    // Best classes: 2, 0, 1, 2, 2.
    let first = try read(Array(labels.prefix(3)), 0, wide, .softmax)
    #expect(first?.text == "bab" && near(Double(first?.score ?? 0), 0.854306, 1e-5))
    let last = try read(Array(labels.prefix(3)), 3, wide, .softmax)
    #expect(last?.text == "cabc" && near(Double(last?.score ?? 0), 0.843174, 1e-5))
    let soft = Tensors(shape, softmaxed(logits, 4))
    #expect(near(Double(try read(Array(labels.prefix(3)), 3, soft, nil)?.score ?? 0), 0.843174, 1e-5))
    let logs = Tensors(shape, softmaxed(logits, 4).map { log($0) })
    let fault = #expect(throws: Fault.self) { try read(Array(labels.prefix(3)), 3, logs, nil) }
    #expect(fault?.message.contains("activation softmax") == true)
    #expect(try read(Array(labels.prefix(3)), 3, logs, .softmax)?.text == "cabc")
  }

  private func softmaxed(_ values: [Float], _ classes: Int) -> [Float] {
    stride(from: 0, to: values.count, by: classes).flatMap { row -> [Float] in
      let powers = values[row..<row + classes].map { exp($0) }
      let sum = powers.reduce(0, +)
      return powers.map { $0 / sum }
    }
  }

  @Test("PaddleOCR's steps come first, also where there are as many as classes")
  func paddle() {
    var facts = NetworkFacts()
    (facts.exporter, facts.task, facts.labels) = ("PaddleOCR", "text", (0..<38).map { "\($0)" })
    let picture = TensorSpec(name: "x", shape: [1, 3, 32, 320], element: .f32)
    for (steps, layout) in [(40, OutputRecipe.Layout.rows), (80, nil)] {
      let spec = TensorSpec(name: "out", shape: [1, steps, 40], element: .f32)
      let guess = Guess.make(inputs: [picture], outputs: [spec], facts: facts, labels: 38)
      #expect(guess?.output.decoder == .ctc && guess?.output.background == 0 && guess?.output.layout == layout)
    }
  }

  @Test("Time that comes first is never taken for classes, and as many steps as classes are asked about")
  func layouts() throws {
    let labels = ["a", "b", "c"]
    let turned = #expect(throws: Fault.self) { try decode(recipe(.ctc, labels: labels), Tensors([4, 1, 9])) }
    #expect(turned?.message.contains("3 characters") == true)
    let both = #expect(throws: Fault.self) { try decode(recipe(.ctc, labels: labels), Tensors([1, 4, 5])) }
    #expect(both?.message.contains("layout rows") == true && both?.kind == .badInput)
    for layout in [OutputRecipe.Layout.rows, .columns] {
      #expect(throws: Never.self) {
        try decode(recipe(.ctc, labels: labels) { $0.layout = layout }, Tensors([1, 4, 5]))
      }
    }
    // Sides that the file leaves open are held to the same when they come.
    let open = [TensorSpec(name: "out", shape: [nil, nil, nil], element: .f32)]
    let head = try Head(recipe(.ctc, labels: labels), outputs: open, network: Size(width: 1, height: 1))
    let same = Placement(
      picture: Size(width: 1, height: 1), network: Size(width: 1, height: 1), recipe: InputRecipe())
    for (shape, words) in [([1, 9, 9], "3 characters"), ([1, 4, 4], "layout rows")] {
      let fault = #expect(throws: Fault.self) { try head.decode(Tensors(shape), at: same) }
      #expect(fault?.message.contains(words) == true)
    }
  }
}
