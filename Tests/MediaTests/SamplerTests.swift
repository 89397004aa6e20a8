import Base
import Testing

@testable import Media

struct SamplerTests {
  private func taken(_ sampling: Sampling, _ times: [Double]) -> [Double] {
    var sampler = Sampler(sampling)
    return times.filter { sampler.wants(time: $0) }
  }

  @Test func `every second takes the first frame at or after each second`() {
    let times = (0..<100).map { 5.2 + Double($0) / 29.97 }
    let found = taken(.every(seconds: 1), times)
    #expect(found.count == 4)
    for (slot, time) in found.enumerated() {
      #expect(time >= 5.2 + Double(slot) - 0.001 && time < 5.2 + Double(slot) + 1 / 29.97)
    }
  }

  @Test func `long films do not drift`() {
    let times = (0..<200_000).map { Double($0) * 1001 / 30_000 }
    #expect(taken(.every(seconds: 2), times).count == Int(times.last! / 2) + 1)
  }

  @Test func `a rate equal to the film's takes every frame, also with times in whole milliseconds`() {
    let exact = (0..<500).map { Double($0) / 30 }
    let rounded = exact.map { ($0 * 1000).rounded() / 1000 }
    #expect(taken(.fps(30), exact).count == 500)
    #expect(taken(.fps(30), rounded).count == 500)
    #expect(taken(.fps(60), rounded).count == 500)
    #expect(taken(.fps(15), rounded).count == 250)
  }

  @Test func `a gap loses its slots and repeats nothing`() {
    #expect(taken(.every(seconds: 1), [0, 0.5, 1.1, 4.7, 4.8, 5.0, 5.1]) == [0, 1.1, 4.7, 5.0])
  }

  @Test func `times in disorder take nothing twice`() {
    #expect(taken(.every(seconds: 1), [0, 1, 2, 1.6, 1.9, 2.5, 3]) == [0, 1, 2, 3])
  }

  @Test func `where time jumps back looking goes on`() {
    #expect(taken(.every(seconds: 1), [0, 1, 2, 0.5, 1, 1.5, 2.5]) == [0, 1, 2, 0.5, 1.5, 2.5])
    let wrapped = (0..<100).map { Double($0 < 50 ? $0 : $0 - 95_443 * 25) / 25 }
    #expect(taken(.every(seconds: 1), wrapped).count == 4)
    let again = (0..<10).flatMap { _ in (0..<50).map { Double($0) / 25 } }
    #expect(taken(.every(seconds: 1), again).count == 20)
    #expect(taken(.fps(5), again).count == 100)
  }

  @Test func `all and key frames need no time`() {
    var keys = Sampler(.keyFrames)
    let answers = [true, false].map { keys.wants(time: 0, isKeyFrame: $0) }
    #expect(answers == [true, false])
    #expect(taken(.all, [0, 0, 0]).count == 3)
  }
}
