import Base
import JSON
import TestKit
import Testing

@testable import Rollouts

@Suite struct RolloutTests {
  private func plan(
    _ rule: String = "p95 < 1.5x and errors == 0 and count >= 50", shadow: Double = 0.1,
    canary: [Double] = [0.05, 0.25, 1]
  ) throws -> RolloutPlan {
    try RolloutPlan(
      candidate: 4, baseline: 3, shadow: shadow, canary: canary, every: 60_000, rule: try RuleText.read(rule))
  }

  private func rollout(_ plan: RolloutPlan) -> Rollout {
    Rollout(model: "inspector", id: "01A", plan: plan, by: "ann", reason: nil, at: 1_000_000)
  }

  private func seen(_ count: Int, milliseconds: Double = 10, errors: Int = 0) -> RolloutEvidence {
    var seen = RolloutEvidence()
    for _ in 0..<count {
      seen.candidate.answers += 1
      seen.candidate.times.add(Int(milliseconds * 1e6))
      seen.baseline.answers += 1
      seen.baseline.times.add(10_000_000)
    }
    seen.candidate.errors = errors
    return seen
  }

  @Test("It goes through its stages with time and evidence, and with nothing less")
  func stages() throws {
    var one = rollout(try plan())
    var (moment, shares) = (1_000_000, [Double]())
    for _ in 0..<4 {
      shares.append(one.share)
      // Neither alone is enough.
      for (evidence, at) in [(seen(0), moment + 600_000), (seen(49), moment + 600_000), (seen(80), moment + 59_000)] {
        guard case .wait = one.decision(evidence, loss: nil, at: at) else {
          Issue.record("it went on with \(evidence.candidate.answers) answers after \(at - moment) ms")
          return
        }
      }
      moment += 60_000
      switch one.decision(seen(80), loss: nil, at: moment) {
      case .advance: one = one.advanced(at: moment)
      case .promote: one = one.ended(.promoted, by: one.name, reason: nil, at: moment)
      default: Issue.record("it did not go on from \(one.place)")
      }
    }
    #expect(shares == [0, 0.05, 0.25, 1] && one.state == .promoted && one.share == 1 && one.shadow == 0)
    #expect(one.revision == 4)
  }

  @Test("A rule that fails is a roll-back at once, in every stage, paused or not")
  func rollBack() throws {
    var one = rollout(try plan())
    for stage in 0..<4 {
      for bad in [seen(60, milliseconds: 31), seen(3, errors: 1)] {
        guard case .rollBack(let reason) = one.decision(bad, loss: nil, at: one.stageBegan) else {
          Issue.record("it went on in stage \(stage)")
          return
        }
        #expect(reason.contains("p95 <") || reason.contains("errors =="))
      }
      let paused = try one.held(.pause, by: "bob", reason: nil, at: one.stageBegan + 1)
      guard case .rollBack = paused.decision(seen(3, errors: 1), loss: nil, at: one.stageBegan) else {
        Issue.record("a paused one is not watched over")
        return
      }
      guard case .rollBack("it crashed") = one.decision(seen(80), loss: "it crashed", at: one.stageBegan) else {
        Issue.record("one that crashed went on")
        return
      }
      if stage < 3 { one = one.advanced(at: one.stageBegan + 60_000) }
    }
  }

  @Test("A paused one takes no step, and the time is none of the step's")
  func pause() throws {
    let paused = try rollout(try plan()).held(.pause, by: "bob", reason: "lunch", at: 1_030_000)
    guard case .wait = paused.decision(seen(80), loss: nil, at: 9_000_000) else {
      Issue.record("it took a step while it was paused")
      return
    }
    #expect(throws: Fault.self) { try paused.held(.pause, by: "bob", reason: nil, at: 1_030_000) }
    let again = try paused.held(.resume, by: "bob", reason: nil, at: 5_030_000)
    #expect(again.decision(seen(80), loss: nil, at: 5_059_000) != .advance)
    #expect(again.decision(seen(80), loss: nil, at: 5_060_000) == .advance)
    let over = again.ended(.aborted, by: "bob", reason: nil, at: 6_000_000)
    #expect(throws: Fault.self) { try over.held(.pause, by: "bob", reason: nil, at: 7_000_000) }
    #expect(over.share == 0 && over.shadow == 0)
  }

  @Test("Without a canary it waits for a person, without a shadow it begins with the first step")
  func shapes() throws {
    let shadow = rollout(try plan(canary: []))
    guard case .wait(let words) = shadow.decision(seen(80), loss: nil, at: 9_000_000) else {
      Issue.record("a shadow alone was promoted")
      return
    }
    #expect(words.contains("promote"))
    #expect(rollout(try plan(shadow: 0)).share == 0.05)
  }

  @Test("In the last step the baseline is as it was in the steps before")
  func earlier() throws {
    let one = rollout(try plan(shadow: 0))
    var (last, before) = (seen(80, milliseconds: 31), VersionTally())
    last.baseline = VersionTally()
    #expect(one.judged(last, earlier: before).baseline.answers == 0)
    guard case .wait = one.decision(one.judged(last, earlier: before), loss: nil, at: 9_000_000) else {
      Issue.record("it was decided on nothing")
      return
    }
    before = seen(80).baseline
    guard case .rollBack = one.decision(one.judged(last, earlier: before), loss: nil, at: 9_000_000) else {
      Issue.record("three times slower was promoted")
      return
    }
  }

  @Test(
    "Plans that could never be decided, or are none, are refused",
    arguments: [
      ("agreement > .9", 0.0, [0.05, 1.0]), ("p95 < 2x", 0, [1]), ("errors == 0", 0.1, [0.25, 0.05]),
      ("errors == 0", 0, []), ("errors == 0", 1.5, [1]), ("errors == 0", 0.1, [0]),
    ])
  func refuses(_ rule: String, _ shadow: Double, _ canary: [Double]) throws {
    #expect(throws: Fault.self) { try plan(rule, shadow: shadow, canary: canary) }
  }

  @Test("It comes back from its JSON as it was, in every state")
  func json() throws {
    let first = rollout(try plan())
    let paused = try first.held(.pause, by: "bob", reason: "why", at: 1_030_000)
    for one in [first, first.advanced(at: 1_060_000), paused, first.ended(.rolledBack, by: "x", reason: "y", at: 2)] {
      let bytes = JSONWriter.object { one.write(into: &$0) }
      #expect(try Rollout(try JSONDocument(parsing: bytes.span.bytes, name: "it").root) == one)
    }
  }

  @Test(
    "Whatever is seen, when and in which order: no step without its minimum, no share above its step's, no way back from the end"
  )
  func property() throws {
    var random = SeededRandom(3)
    for _ in 0..<300 {
      var (one, moment) = (rollout(try plan()), 1_000_000)
      var evidence = RolloutEvidence()
      for _ in 0..<60 where one.state.isActive {
        moment += Int.random(in: 0...40_000, using: &random)
        evidence.merge(
          seen(Int.random(in: 0...30, using: &random), errors: Int.random(in: 0..<200, using: &random) == 0 ? 1 : 0))
        let before = one
        switch one.decision(one.judged(evidence, earlier: VersionTally()), loss: nil, at: moment) {
        case .wait: break
        case .advance: one = one.advanced(at: moment)
        case .promote: one = one.ended(.promoted, by: one.name, reason: nil, at: moment)
        case .rollBack(let reason): one = one.ended(.rolledBack, by: one.name, reason: reason, at: moment)
        }
        guard one != before else { continue }
        if one.state != .rolledBack {
          #expect(evidence.candidate.answers >= 50 && evidence.candidate.errors == 0)
          #expect(moment - before.stageBegan >= 60_000)
          #expect(one.state == .promoted ? before.stage == 3 : one.stage == before.stage + 1)
        } else {
          #expect(evidence.candidate.errors > 0 && one.share == 0)
        }
        evidence = RolloutEvidence()
      }
    }
  }

  @Test(
    "A version that drifts slowly is out before it is alone, and one that does not is promoted",
    arguments: [true, false])
  func drifts(_ isBad: Bool) throws {
    var random = SeededRandom(17)
    var one = rollout(try plan("drift < .2 and count >= 200"))
    var (moment, earlier, seen, answered) = (1_000_000, VersionTally(), RolloutEvidence(), 0)
    func say(_ tally: inout VersionTally, _ share: Double) {
      tally.answers += 1
      tally.describe([(Double.random(in: 0..<1, using: &random) < share ? "chip" : "good", 0.9)])
    }
    for _ in 0..<400 where one.state.isActive {
      for _ in 0..<20 {
        say(&seen.baseline, 0.2)
        // A thousandth more with each answer.
        answered += 1
        say(&seen.candidate, isBad ? min(0.9, 0.2 + Double(answered) / 1000) : 0.2)
      }
      moment += 5000
      let before = one
      switch one.decision(one.judged(seen, earlier: earlier), loss: nil, at: moment) {
      case .wait: continue
      case .advance: one = one.advanced(at: moment)
      case .promote: one = one.ended(.promoted, by: one.name, reason: nil, at: moment)
      case .rollBack(let reason): one = one.ended(.rolledBack, by: one.name, reason: reason, at: moment)
      }
      #expect(!isBad || before.share < 1)
      earlier.merge(seen.baseline)
      seen = RolloutEvidence()
    }
    #expect(one.state == (isBad ? .rolledBack : .promoted), "\(one.place) \(one.reason ?? "")")
  }
}
