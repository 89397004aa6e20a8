import Base
import Inference
import TestKit
import Testing

struct BusyUnitTests {
  /// Places are held by filling them, so nothing here depends on how quick the engine is.
  @Test("Where every place is taken, an input that does not want to wait is told so at once, and may come again")
  func full() throws {
    let folder = TemporaryFolder()
    let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: 1, streams: 1), spare: 1)
    #expect(unit.capacity == 2)
    let answered = Monitor(0)
    let count: @Sendable (Result<Outputs, Fault>) -> Void = { _ in answered.update { $0 += 1 } }
    var refused = false
    try unit.submit { (_: borrowing InputPlace) throws(Fault) in
      let isIn = try unit.submitIfFree { (_: borrowing InputPlace) throws(Fault) in
        refused = try !unit.submitIfFree(fill: { _ in }, done: count)
      } done: {
        count($0)
      }
      #expect(isIn)
    } done: {
      count($0)
    }
    #expect(refused)
    unit.drain()
    #expect(try unit.submitIfFree(fill: { _ in }, done: count))
    answered.wait { $0 == 3 ? () : nil }
  }

  @Test("An input that fails while it is filled frees its place")
  func failing() throws {
    let folder = TemporaryFolder()
    let unit = try InferenceUnit(try SumNetwork.compile(in: folder, batch: 1, streams: 1), spare: 1)
    for _ in 0..<5 {
      #expect(throws: Fault.self) {
        _ = try unit.submitIfFree { (_: borrowing InputPlace) throws(Fault) in
          throw Fault(.badInput, "no picture")
        } done: { _ in
        }
      }
    }
    #expect(try unit.submitIfFree(fill: { _ in }, done: { _ in }))
  }
}
