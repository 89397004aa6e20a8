import Batching
import Testing

/// The batcher beside a book that is kept by hand: who holds which place, what runs, who was answered.
struct OracleTests {
  private struct Book {
    var held: Set<Batcher.Place> = []
    /// Filled places of each request that has not started.
    var filled: [Int: Set<Int>] = [:]
    /// Places given out of each request since it was last free.
    var given: [Int: Int] = [:]
    var running: [Int] = []
    var answering: [Int] = []
    var committed = 0
    var answered = 0
  }

  @Test(
    "Whatever is asked in whatever order, a batch holds exactly those who filled a place, and each is run once",
    arguments: 0..<150)
  func agrees(seed: Int) {
    var dice = Mix(state: UInt64(seed) &* 77)
    let (batch, streams) = (Int.random(in: 1...8, using: &dice), Int.random(in: 1...4, using: &dice))
    let requests = streams + Int.random(in: 1...3, using: &dice)
    var batcher = Batcher(requests: requests, batch: batch, streams: streams)
    var book = Book()
    // Which of the four things happens more often than the others differs from seed to seed.
    let weights = (0..<4).map { _ in Int.random(in: 1...6, using: &dice) }
    for _ in 0..<600 { step(&batcher, &book, batch, streams, requests, weights, &dice) }
    while !book.held.isEmpty || !book.running.isEmpty || !book.answering.isEmpty {
      step(&batcher, &book, batch, streams, requests, [0, 1, 1, 1], &dice)
    }
    #expect(batcher.isIdle)
    #expect(book.committed == book.answered)
    #expect(book.filled.values.allSatisfy { $0.isEmpty }, "somebody filled a place and was never run")
  }

  private func step(
    _ batcher: inout Batcher, _ book: inout Book, _ batch: Int, _ streams: Int, _ requests: Int, _ weights: [Int],
    _ dice: inout Mix
  ) {
    var roll = Int.random(in: 0..<weights.reduce(0, +), using: &dice)
    let choice = weights.firstIndex { weight in
      roll -= weight
      return roll < 0
    }
    switch choice {
    case 0:
      guard let place = batcher.reserve() else { return }
      if place.index == 0, isForgotten(place.request, book) { book.given[place.request] = 0 }
      #expect(place.index == book.given[place.request, default: 0], "places are given in order, none twice")
      #expect(place.index < batch && (0..<requests).contains(place.request))
      #expect(!book.running.contains(place.request) && !book.answering.contains(place.request))
      book.given[place.request, default: 0] += 1
      book.held.insert(place)
    case 1:
      guard let place = book.held.randomElement(using: &dice) else { return }
      book.held.remove(place)
      let isFilled = Int.random(in: 0..<3, using: &dice) > 0
      if isFilled {
        book.committed += 1
        book.filled[place.request, default: []].insert(place.index)
      }
      note(isFilled ? batcher.commit(place) : batcher.abandon(place), &book, streams)
    case 2:
      guard let request = book.running.randomElement(using: &dice) else { return }
      book.running.removeAll { $0 == request }
      book.answering.append(request)
      note(batcher.ended(request), &book, streams)
    default:
      guard let request = book.answering.randomElement(using: &dice) else { return }
      book.answering.removeAll { $0 == request }
      book.answered += book.filled.removeValue(forKey: request)?.count ?? 0
      book.given[request] = 0
      batcher.release(request)
    }
  }

  private func note(_ start: Batcher.Start?, _ book: inout Book, _ streams: Int) {
    guard let start else { return }
    #expect(!book.running.contains(start.request) && !book.answering.contains(start.request), "it runs already")
    #expect(!book.held.contains { $0.request == start.request }, "somebody is still filling it")
    #expect(start.count == book.given[start.request], "every place that was given is in the batch")
    #expect(!book.filled[start.request, default: []].isEmpty, "a batch of nothing is run")
    book.running.append(start.request)
    #expect(book.running.count <= streams)
  }

  /// Everybody who took a place of it gave it up, so it may be given out anew without having run.
  private func isForgotten(_ request: Int, _ book: Book) -> Bool {
    !book.held.contains { $0.request == request } && book.filled[request, default: []].isEmpty
  }
}
