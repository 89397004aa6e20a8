import Base
import Inference
import Testing

@testable import Placement

struct NetworkMeterTests {
  @Test("Questions that are kept are spread over all of them, and few")
  func spread() {
    let meter = NetworkMeter()
    for number in 0..<100 {
      if number == 60 { meter.enter(2) }
      meter.note(SharedBytes([UInt8(number)]), [], nanoseconds: 1)
    }
    let kept = meter.inputs.map { [UInt8]($0.pointer)[0] }
    #expect(meter.figures.count == 100 && (8...16).contains(kept.count))
    #expect(meter.figures.counts == [60, 0, 40])
    #expect(kept.first == 0 && kept.last ?? 0 > 80, "\(kept)")
  }
}
