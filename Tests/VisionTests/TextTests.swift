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
      recipe(.ctc, labels: labels) { $0.background = blank }, tensors(steps, classes: classes, timeFirst: timeFirst)
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
    let found = try decode(recipe(.ctc, labels: ["a", "b"]), Tensors([1, 4, 3], values))
    #expect(found.first?.text == "ab")
    #expect(near(Double(found.first?.score ?? 0), 0.6))
    let logits = try decode(recipe(.ctc, labels: ["a"]) { $0.activation = .softmax }, Tensors([1, 1, 2], [0, 2]))
    #expect(near(Double(logits.first?.score ?? 0), 1 / (1 + exp(-2)), 1e-6))
  }

  @Test("nothing but blanks is no text, and steps of no numbers are blanks")
  func nothing() throws {
    #expect(try text([0, 0, 0], classes: 3, labels: ["a", "b"]) == nil)
    let broken = Tensors([1, 2, 3], [Float](repeating: .nan, count: 6))
    #expect(try decode(recipe(.ctc, labels: ["a", "b"]) { $0.background = 2 }, broken).isEmpty)
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
}
