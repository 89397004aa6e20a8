import Base
import TestKit
import Testing

@Suite("Threads", .timeLimit(.minutes(20)))
struct ThreadTests {
  @Test("whoever waits is woken by a change, and sees it")
  func wake() throws {
    let monitor = Monitor(0)
    let worker = NativeThread {
      let seen = monitor.wait { $0 == 1 ? $0 : nil }
      monitor.update { $0 = seen + 1 }
    }
    monitor.update { $0 = 1 }
    #expect(try monitor.wait(for: "the other thread's change") { $0 == 2 ? $0 : nil } == 2)
    worker.join()
  }

  @Test("a change made while waiting wakes the next: a token goes round through all")
  func token() {
    let monitor = Monitor(0)
    let (threads, rounds) = (8, 50)
    let workers = (0..<threads).map { number in
      NativeThread {
        for _ in 0..<rounds {
          monitor.wait { value -> Void? in
            guard value % threads == number else { return nil }
            value += 1
            return ()
          }
        }
      }
    }
    workers.forEach { $0.join() }
    #expect(monitor.update { $0 } == threads * rounds)
  }

  @Test("who sleeps up to a moment wakes at it or behind it, and not at all late for one that has passed")
  func sleep() {
    let begin = Clock.now
    Clock.sleep(until: begin + 30_000_000)
    let woken = Clock.now
    #expect(woken >= begin + 30_000_000)
    Clock.sleep(until: begin)
    Clock.sleep(until: 0)
    #expect(Clock.now < woken + 1_000_000_000)
  }

  @Test("changes of many threads are all there")
  func count() {
    let monitor = Monitor(0)
    let workers = (0..<8).map { _ in NativeThread { for _ in 0..<5000 { monitor.update { $0 += 1 } } } }
    workers.forEach { $0.join() }
    #expect(monitor.update { $0 } == 40_000)
  }

  @Test("a change that fails tells why, and leaves the lock open")
  func failing() {
    let monitor = Monitor([1])
    #expect(throws: Fault(.bug, "no")) { try monitor.update { (_) throws(Fault) in throw Fault(.bug, "no") } }
    #expect(monitor.update { $0 } == [1])
  }

  @Test("a thread runs at once, and to its end before it is joined")
  func join() {
    let monitor = Monitor(false)
    let worker = NativeThread { monitor.update { $0 = true } }
    worker.join()
    #expect(monitor.update { $0 })
  }

  @Test("this machine has at least one core")
  func cores() { #expect(Processor.count >= 1) }
}
