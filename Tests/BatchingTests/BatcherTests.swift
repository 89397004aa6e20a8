import Batching
import Testing

struct BatcherTests {
  @Test("A single input starts at once when the engine is free")
  func startsAtOnce() throws {
    var batcher = Batcher(requests: 2, batch: 4, streams: 1)
    let place = try take(&batcher)
    let start = batcher.commit(place)
    #expect(start?.request == place.request)
    #expect(start?.count == 1)
  }

  @Test("While the engine is busy, inputs gather and start together")
  func gathers() throws {
    var batcher = Batcher(requests: 2, batch: 4, streams: 1)
    let first = try take(&batcher)
    let running = try #require(commit(first, &batcher))
    for _ in 0..<3 {
      let place = try take(&batcher)
      #expect(commit(place, &batcher) == nil)
    }
    let next = batcher.ended(running.request)
    #expect(next?.count == 3)
  }

  @Test("A stream that comes later takes what waits")
  func laterStream() throws {
    var batcher = Batcher(requests: 3, batch: 1, streams: 1)
    _ = try #require(commit(try take(&batcher), &batcher))
    let waiting = try take(&batcher)
    #expect(commit(waiting, &batcher) == nil)
    let start = batcher.addStream()
    #expect(start?.request == waiting.request)
    #expect(batcher.addStream() == nil)
    #expect(commit(try take(&batcher), &batcher) != nil)
  }

  @Test("When everything is in use, nobody gets a place")
  func full() throws {
    var batcher = Batcher(requests: 2, batch: 1, streams: 1)
    for _ in 0..<2 { _ = commit(try take(&batcher), &batcher) }
    let place = batcher.reserve()
    #expect(place == nil)
  }

  @Test("A place that is abandoned holds nobody up, and a batch of nothing is not run")
  func abandons() throws {
    var batcher = Batcher(requests: 2, batch: 2, streams: 1)
    let (first, second) = (try take(&batcher), try take(&batcher))
    let none = batcher.abandon(first)
    #expect(none == nil)
    #expect(commit(second, &batcher)?.count == 2)
    let alone = try take(&batcher)
    let nothing = batcher.abandon(alone)
    #expect(nothing == nil)
  }

  private func take(_ batcher: inout Batcher) throws -> Batcher.Place {
    let place = batcher.reserve()
    return try #require(place)
  }

  private func commit(_ place: Batcher.Place, _ batcher: inout Batcher) -> Batcher.Start? { batcher.commit(place) }

  @Test(
    "Whatever comes in whatever order, no place is given twice, streams are never exceeded, and everything is answered",
    arguments: 0..<200)
  func anyOrder(seed: Int) {
    var random = Mix(state: UInt64(seed))
    let (batch, streams) = (Int.random(in: 1...4, using: &random), Int.random(in: 1...3, using: &random))
    var batcher = Batcher(requests: streams + 1, batch: batch, streams: streams)
    var (held, running, answering): (Set<Batcher.Place>, [Int], [Int]) = ([], [], [])
    var (committed, inside) = (0, [Int: Int]())
    func start(_ start: Batcher.Start?) {
      guard let start else { return }
      running.append(start.request)
      #expect(running.count <= streams)
      #expect(start.count <= batch)
    }
    for step in 0..<400 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        guard step < 300, let place = batcher.reserve() else { continue }
        let isNew = held.insert(place).inserted
        #expect(isNew)
      case 1:
        guard let place = held.randomElement(using: &random) else { continue }
        held.remove(place)
        if Bool.random(using: &random) {
          (committed, inside[place.request]) = (committed + 1, inside[place.request, default: 0] + 1)
          start(batcher.commit(place))
        } else {
          start(batcher.abandon(place))
        }
      case 2:
        guard let request = running.popLast() else { continue }
        answering.append(request)
        start(batcher.ended(request))
      default:
        guard let request = answering.popLast() else { continue }
        committed -= inside.removeValue(forKey: request) ?? 0
        batcher.release(request)
      }
    }
    for place in held { start(batcher.abandon(place)) }
    while let request = running.popLast() ?? answering.last {
      if answering.last == request, !running.contains(request) {
        answering.removeLast()
        committed -= inside.removeValue(forKey: request) ?? 0
        batcher.release(request)
      } else {
        answering.append(request)
        start(batcher.ended(request))
      }
    }
    #expect(committed == 0)
    #expect(batcher.isIdle)
  }
}

/// SplitMix64: a small generator with a seed, so that a failure can be seen again.
struct Mix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
