/// Answers that go out in the order of their questions, whenever each of them is there.
struct OrderedAnswers<Answer> {
  private var ready: [Int: Answer] = [:]
  /// The question whose answer goes out next.
  private var first = 0
  private var count = 0

  /// Whether every question was answered, and every answer taken.
  var isEmpty: Bool { first == count }

  /// Another question; its number.
  mutating func open() -> Int {
    defer { count += 1 }
    return count
  }

  /// Whether a question waits for its answer.
  func isOpen(_ number: Int) -> Bool { number >= first && ready[number] == nil }

  /// Answers a question, once.
  mutating func put(_ answer: Answer, to number: Int) {
    precondition(isOpen(number), "a question is answered twice")
    ready[number] = answer
  }

  /// The answer that goes out next, where it is there.
  mutating func next() -> Answer? {
    guard let answer = ready.removeValue(forKey: first) else { return nil }
    first += 1
    return answer
  }
}
