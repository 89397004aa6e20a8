import Base
import TestKit
import Testing

struct RepeatingThreadTests {
  @Test("What fails is told once for each reason in a row, and goes on; a stopped thread does nothing more")
  func repeats() {
    let (count, told) = (Monitor(0), Monitor([String]()))
    let thread = RepeatingThread(
      restMilliseconds: 1, complain: { fault in told.update { $0.append(fault.message) } }
    ) { () throws(Fault) in
      let number = count.update { count -> Int in
        count += 1
        return count
      }
      if number <= 3 { throw Fault(.unavailable, "first") }
      if number == 5 { throw Fault(.unavailable, "second") }
      if number == 7 { throw Fault(.unavailable, "second") }
    }
    #expect(count.wait(before: Clock.now + 30_000_000_000) { $0 >= 9 ? true : nil } == true)
    thread.stop()
    let last = count.update { $0 }
    #expect(told.update { $0 } == ["first", "second", "second"])
    #expect(count.wait(before: Clock.now + 50_000_000) { $0 > last ? true : nil } == nil)
  }

  @Test("It ends out of a long rest at once")
  func ends() {
    let thread = RepeatingThread(restMilliseconds: 60_000, complain: { _ in }) { () throws(Fault) in }
    let clock = Stopwatch()
    thread.stop()
    #expect(clock.seconds < 5)
  }
}
