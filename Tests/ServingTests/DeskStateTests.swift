import Base
import TestKit
import Testing

@testable import Serving

@Suite("Who decodes next")
struct DeskStateTests {
  private func refusal(_ state: inout DeskState<Int>, _ source: String) -> Fault? {
    do throws(Fault) { _ = try state.enter(source, deadline: 0, 0) } catch { return error }
    return nil
  }

  @Test("One source alone leaves a place to the next")
  func share() throws {
    for (places, most) in [(1, 1), (2, 1), (4, 3), (8, 6), (32, 24)] {
      var state = DeskState<Int>(places: places, waitingLimit: 64)
      var began = 0
      for job in 0..<places { began += try state.enter("hog", deadline: 0, job).begins ? 1 : 0 }
      #expect(began == most)
      if places > 1 { #expect(try state.enter("other", deadline: 0, 0).begins) }
    }
  }

  @Test("The place that comes free goes to the source that holds the fewest, in the order of coming within it")
  func fair() throws {
    var state = DeskState<String>(places: 4, waitingLimit: 64)
    for number in 0..<20 { _ = try state.enter("a", deadline: 0, "a\(number)") }
    for number in 0..<3 { _ = try state.enter("b", deadline: 0, "b\(number)") }
    // a holds three and b one.
    #expect(state.leave("a") == "b1")
    #expect(state.leave("a") == "a3")
    #expect(state.leave("b") == "b2")
    #expect(state.leave("b") == "a4")
    #expect(state.leave("b") == nil)
    #expect(state.leave("a") == "a5")
  }

  @Test("One source fills half of the queue, and others still find room")
  func queue() throws {
    var state = DeskState<Int>(places: 1, waitingLimit: 8)
    for _ in 0..<5 { #expect(refusal(&state, "a") == nil) }
    #expect(refusal(&state, "a")?.kind == .exhausted)
    for _ in 0..<4 { #expect(refusal(&state, "b") == nil) }
    #expect(refusal(&state, "b")?.kind == .exhausted)
    #expect(refusal(&state, "c") == nil)
    #expect(refusal(&state, "c")?.kind == .exhausted)
    #expect(state.waiting.count == 9)
  }

  @Test("Whatever comes and goes, no place is lost, and none is used twice")
  func random() {
    for seed in 0..<100 {
      var dice = SeededRandom(UInt64(seed))
      var state = DeskState<(String, Int)>(places: 4, waitingLimit: 6)
      var (active, number) = ([String](), 0)
      for _ in 0..<300 {
        let source = ["a", "b", "c"].randomElement(using: &dice)!
        switch Int.random(in: 0..<3, using: &dice) {
        case 0:
          number += 1
          if let entered = try? state.enter(source, deadline: 0, (source, number)), entered.begins {
            active.append(source)
          }
        case 1 where !active.isEmpty:
          if let next = state.leave(active.remove(at: Int.random(in: active.indices, using: &dice))) {
            active.append(next.0)
          }
        default: _ = state.dismiss { $0.ticket % 7 == 0 }
        }
        let most = Set(active).map { name in active.count { $0 == name } }.max() ?? 0
        #expect(active.count <= 4 && most <= 3)
        #expect(active.count == 4 || state.waiting.allSatisfy { entry in active.count { $0 == entry.source } == 3 })
      }
    }
  }
}
