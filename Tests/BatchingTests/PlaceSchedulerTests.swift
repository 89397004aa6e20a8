import Batching
import TestKit
import Testing

@Suite("Places that are held for long")
struct PlaceSchedulerTests {
  private final class Places {
    private var value: PlaceScheduler<String, String>
    init(places: Int, waiting: Int) { value = PlaceScheduler(places: places, waiting: waiting) }
    var waiting: Int { value.waiting }
    func enter(_ item: String, from source: String, deadline: UInt64) -> PlaceScheduler<String, String>.Admission {
      value.enter(item, from: source, deadline: deadline)
    }
    func leave(_ source: String) -> [String] { value.leave(source) }
    func remove(_ ticket: Int) -> String? { value.remove(ticket) }
    func takeLate(now: UInt64) -> [String] { value.takeLate(now: now) }
  }

  @Test("One source never holds all places, and another's first item begins at once")
  func keepsRoom() {
    let places = Places(places: 4, waiting: 8)
    for number in 1...3 { #expect(places.enter("a\(number)", from: "a", deadline: 9) == .begins(number)) }
    #expect(places.enter("a4", from: "a", deadline: 9) == .waits(4))
    #expect(places.enter("b1", from: "b", deadline: 9) == .begins(5))
    #expect(places.leave("b") == [], "the free place is not for the one that holds three")
    #expect(places.leave("a") == ["a4"])
  }

  @Test("A single place is anybody's")
  func single() {
    let places = Places(places: 1, waiting: 4)
    #expect(places.enter("a1", from: "a", deadline: 9) == .begins(1))
    #expect(places.enter("a2", from: "a", deadline: 9) == .waits(2))
    #expect(places.enter("b1", from: "b", deadline: 9) == .waits(3))
    #expect(places.leave("a") == ["a2"])
    #expect(places.leave("a") == ["b1"])
  }

  @Test("Sources take turns, whatever one of them has waiting, and within one the first comes first")
  func turns() {
    let places = Places(places: 2, waiting: 100)
    _ = places.enter("a0", from: "a", deadline: 9)
    _ = places.enter("b0", from: "b", deadline: 9)
    for number in 1...20 { _ = places.enter("a\(number)", from: "a", deadline: 9) }
    for number in 1...2 { _ = places.enter("b\(number)", from: "b", deadline: 9) }
    #expect(places.leave("b") == ["b1"], "a holds all it may")
    #expect(places.leave("a") == ["a1"])
    #expect(places.leave("b") == ["b2"])
    #expect(places.leave("b") == [])
    #expect(places.leave("a") == ["a2"])
  }

  @Test("One source may wait with half of the room, and the next one finds some")
  func bounded() {
    let places = Places(places: 1, waiting: 8)
    _ = places.enter("a", from: "a", deadline: 9)
    let admissions = (0..<9).map { _ in places.enter("a", from: "a", deadline: 9) }
    #expect(admissions.filter { $0 == .refused }.count == 5 && places.waiting == 4)
    #expect(places.enter("b", from: "b", deadline: 9) != .refused)
    #expect(places.enter("b", from: "b", deadline: 9) == .waits(12))
    #expect(places.waiting == 6)
  }

  @Test("What is late or not wanted any more is taken out, and no turn is lost over it")
  func taken() {
    let places = Places(places: 1, waiting: 8)
    _ = places.enter("a0", from: "a", deadline: 9)
    for (name, source, deadline) in [("b1", "b", 5), ("c1", "c", 7), ("b2", "b", 7), ("c2", "c", 5)] {
      _ = places.enter(name, from: source, deadline: UInt64(deadline))
    }
    #expect(places.takeLate(now: 4) == [])
    #expect(places.takeLate(now: 5) == ["b1", "c2"])
    #expect(places.remove(3) == "c1" && places.remove(3) == nil && places.remove(1) == nil)
    #expect(places.waiting == 1 && places.leave("a") == ["b2"])
  }

  @Test("Whatever comes and goes, nothing is lost and no limit is passed", arguments: 0..<20)
  func random(_ seed: UInt64) {
    var dice = SeededRandom(seed)
    let places = Places(places: 3, waiting: 10)
    var (active, waiting, begun): ([String], Set<String>, Int) = ([], [], 0)
    for number in 0..<2000 {
      let source = ["a", "a", "a", "b", "c"].randomElement(using: &dice)!
      if Bool.random(using: &dice) {
        switch places.enter("\(source)\(number)", from: source, deadline: 9) {
        case .begins:
          active.append(source)
          begun += 1
        case .waits: waiting.insert("\(source)\(number)")
        case .refused: break
        }
      } else if let place = active.indices.randomElement(using: &dice) {
        for item in places.leave(active.remove(at: place)) {
          #expect(waiting.remove(item) != nil)
          active.append(String(item.first!))
        }
      }
      #expect(active.count <= 3 && places.waiting == waiting.count && waiting.count <= 10)
      for source in ["a", "b", "c"] { #expect(active.filter { $0 == source }.count <= 2) }
    }
    #expect(begun > 0)
  }
}
