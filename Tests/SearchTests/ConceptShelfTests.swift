import Base
import TestKit
import Testing
import Vectors

@testable import Search

/// Vectors of many labels, from networks of texts that take their time.
struct ConceptShelfTests {
  /// Answers for some labels, and then only after a rest.
  private final class Texts: TextNetwork {
    private struct State {
      var asked: [String] = []
      var room: Int
    }

    let identity = "texts@sha256:1"
    let pictures: String? = nil
    private let state: Monitor<State>

    init(room: Int) { state = Monitor(State(room: room)) }

    var asked: [String] { state.update { $0.asked } }
    func rest(_ room: Int) { state.update { $0.room += room } }

    func vectors(of texts: [String]) throws(Fault) -> [TextVector] {
      let isInTime = state.update { state in
        guard state.asked.count + texts.count <= state.room else { return false }
        state.asked += texts
        return true
      }
      guard isInTime else { throw Fault(.unavailable, "no answer in time") }
      return texts.map { TextVector(numbers: [Float($0.utf8.count), 1], isCut: false, unknown: []) }
    }
  }

  private static let labels = (0..<1000).map { "label \($0)" }

  @Test("Labels are asked for part by part, and the next search goes on where one ended")
  func parts() throws {
    let (shelf, texts) = (ConceptShelf(), Texts(room: 400))
    var (refusals, count): ([String], Int?) = ([], nil)
    while count == nil, refusals.count < 10 {
      do throws(Fault) { count = try shelf.space(of: "net@sha256:1", Self.labels, texts).count } catch {
        #expect(error.kind == .unavailable)
        refusals.append(error.message)
        texts.rest(400)
      }
    }
    #expect(count == 1000 && texts.asked == Self.labels, "each is asked for once")
    let done = refusals.compactMap { $0.firstMatch(of: /([0-9]+) of 1000 labels are done: search once more/) }
      .compactMap { Int($0.1) }
    #expect(!done.isEmpty && done.count == refusals.count && done == done.sorted() && done[0] > 0, "\(refusals)")
    // Those of another network are others.
    texts.rest(1000)
    #expect(try shelf.space(of: "net@sha256:2", Self.labels, texts).count == 1000 && texts.asked.count == 2000)
  }

  @Test("Of several searches at a time one asks for the labels, and all have them")
  func together() throws {
    let (shelf, texts, found) = (ConceptShelf(), Texts(room: .max), Monitor(0))
    let threads = (0..<6).map { _ in
      NativeThread {
        guard let space = try? shelf.space(of: "net@sha256:1", Self.labels, texts) else { return }
        found.update { $0 += space.count }
      }
    }
    for thread in threads { thread.join() }
    #expect(found.update { $0 } == 6 * 1000 && texts.asked == Self.labels)
  }

  @Test("What a network fails at otherwise is told as it is, and asked for again")
  func faults() throws {
    struct Failing: TextNetwork {
      let identity = "texts@sha256:2"
      let pictures: String? = nil
      func vectors(of texts: [String]) throws(Fault) -> [TextVector] { throw Fault(.badInput, "it is damaged") }
    }
    let shelf = ConceptShelf()
    for _ in 0..<2 {
      #expect {
        try shelf.space(of: "net@sha256:1", Self.labels, Failing())
      } throws: { error in (error as? Fault)?.message == "it is damaged" }
    }
  }
}
