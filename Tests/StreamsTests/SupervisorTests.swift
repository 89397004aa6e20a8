import Base
import Testing

@testable import Streams

struct SupervisorTests {
  /// Where an address stands, one after the other, until it rests for the second time.
  private func states(
    _ fault: Fault, isUnderstood: Bool = false, ends: Bool = false
  ) -> [StreamState] {
    var (states, rests) = ([StreamState](), 0)
    var supervisor = Supervisor(
      goesOn: { rests < 2 }, enter: { state, _ in states.append(state) }, isUnderstood: { isUnderstood },
      wait: { _ in rests += 1 })
    supervisor.run { () throws(Fault) in
      if ends { return true }
      throw fault
    }
    return states
  }

  @Test(
    "Nonsense from what never was understood is for somebody to look at; from what once was, it is tried again soon")
  func nonsense() {
    let nonsense = Fault(.badInput, "this is no RTSP")
    #expect(states(nonsense) == [.connecting, .failed])
    #expect(states(nonsense, isUnderstood: true) == [.connecting, .waiting])
    #expect(states(Fault(.denied, "the password is wrong"), isUnderstood: true) == [.connecting, .failed])
    #expect(states(Fault(.unavailable, "nobody is there")) == [.connecting, .waiting])
    #expect(states(nonsense, ends: true) == [.connecting, .ended])
  }

  @Test("What is ended before its first picture came says so, and why if that is known")
  func endedEarly() {
    var (goesOn, told) = (true, [String?]())
    var supervisor = Supervisor(
      goesOn: { goesOn }, enter: { _, reason in told.append(reason) }, isUnderstood: { false }, wait: { _ in })
    supervisor.run { () throws(Fault) in
      goesOn = false
      return true
    }
    #expect(told == [nil, "no picture came before it was ended"])
  }
}
