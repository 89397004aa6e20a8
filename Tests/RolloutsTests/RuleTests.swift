import Base
import JSON
import TestKit
import Testing

@testable import Rollouts

@Suite struct RuleTests {
  private func evidence(
    answers: Int = 0, errors: Int = 0, milliseconds: [Double] = [], baseline: [Double] = [], both: Int = 0,
    apart: Int = 0
  ) -> RolloutEvidence {
    var evidence = RolloutEvidence()
    (evidence.candidate.answers, evidence.candidate.errors) = (answers, errors)
    (evidence.agreement.compared, evidence.agreement.both, evidence.agreement.apart) = (answers, both, apart)
    for time in milliseconds { evidence.candidate.times.add(Int(time * 1e6)) }
    for time in baseline { evidence.baseline.times.add(Int(time * 1e6)) }
    evidence.baseline.answers = baseline.count
    return evidence
  }

  @Test(
    "A rule is read, written in its normal form, and read as the same again",
    arguments: [
      ("p95 < 1.2x and agreement > .97 and errors == 0", "p95 < 1.2x and agreement > 0.97 and errors == 0"),
      ("p99<40ms", "p99 < 40ms"), ("p50 <= 1.5s", "p50 <= 1500ms"), ("error_rate < 1%", "error_rate < 0.01"),
      ("count >= 200 and count.person > .8x", "count >= 200 and count.person > 0.8x"),
      ("count.\"traffic light\" >= 3", "count.\"traffic light\" >= 3"),
      ("(drift < .2 or errors == 0) and p50 < 2x", "(drift < 0.2 or errors == 0) and p50 < 2x"),
      ("drift < .2 or errors == 0 and p50 < 2x", "drift < 0.2 or errors == 0 and p50 < 2x"),
      ("evaluation.map > .4 and evaluation.top1 >= 1x", "evaluation.ap > 0.4 and evaluation.top1 >= 1x"),
      (
        "trial.agreement > 97% and trial.gone <= 3 and trial.passed == 1",
        "trial.agreement > 0.97 and trial.gone <= 3 and trial.passed == 1"
      ),
      ("trial.speed > .8 and evaluation.ece < .05", "trial.speed > 0.8 and evaluation.ece < 0.05"),
      ("error_rate < .005%", "error_rate < 0.00005"), ("p50 < 0.0000012ms", "p50 < 0.0000012ms"),
    ])
  func reads(_ text: String, _ normal: String) throws {
    let rule = try RuleText.read(text)
    #expect(RuleText.text(rule) == normal)
    #expect(try RuleText.read(normal) == rule)
  }

  @Test(
    "What is no rule is refused with its place and what was probably meant",
    arguments: [
      ("", "place 1", "a comparison is expected"), ("agrement > .9", "place 1", "did you mean 'agreement'"),
      ("p95 < 1.2x and", "place 15", "a comparison is expected"), ("p95 1.2x", "place 5", "expected <"),
      ("p95 < 1.2", "place 7", "a time (40ms)"), ("errors == 0 p95 < 2x", "place 13", "'and' or 'or'"),
      ("errors < 1x", "place 10", "a whole number"), ("agreement > 97", "place 13", "a share"),
      ("agreement == 1", "place 1", "'=='"), ("count < 5", "place 1", "count >= N"),
      ("(errors == 0", "place 13", "')' is missing"), ("p95 < x", "place 7", "a number is expected"),
      ("errors == 0 & p95 < 2x", "place 13", "no meaning"), ("count.\"a > 3", "place 7", "closing"),
      ("count. > 3", "place 1", "needs a label"), ("errors = 0", "place 8", "expected <"),
      ("p95 < 1.2.3x", "place 7", "a number is expected"), ("p90 < 2x", "place 1", "p95"),
      ("evaluation.mapp > .4", "place 1", "did you mean 'map'"), ("trial.ap > .4", "place 1", "expected agreement"),
      ("evaluation.ap > 40", "place 17", "a share"), ("trial.gone < 1x", "place 14", "a whole number"),
      ("trial.passed == 2", "place 17", "1, for a trial that passed"), ("evaluation.ap == .5", "place 1", "'=='"),
      ("count >= 9999999999", "place 10", "too far"), ("drift < .0000000000001", "place 9", "too far"),
    ])
  func refuses(_ text: String, _ place: String, _ words: String) throws {
    let fault = try #require(throws: Fault.self) { try RuleText.read(text) }
    #expect(fault.message.contains("\(place):") && fault.message.contains(words), "\(fault.message)")
  }

  @Test("Any text at all is a rule or a fault, and never ends the program")
  func random() throws {
    var random = SeededRandom(11)
    let parts = [
      "p95", "<", ">=", "1.2x", "and", "or", "(", ")", "errors", "==", "0", "count.", "\"", " ", ".", "é", "%",
    ]
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 0..<9, using: &random)).map { _ in parts.randomElement(using: &random)! }.joined(
        separator: Bool.random(using: &random) ? " " : "")
      guard let rule = try? RuleText.read(text) else { continue }
      #expect(try RuleText.read(RuleText.text(rule)) == rule, "\(text)")
    }
  }

  @Test("Errors are decided at once, what is measured only with enough of it")
  func decides() throws {
    let rule = try RuleText.read("p95 < 1.2x and errors == 0")
    let times = [Double](repeating: 10, count: 100)
    #expect(rule.verdict(evidence(), minimum: 50) == .open)
    #expect(rule.verdict(evidence(answers: 3, errors: 1), minimum: 50) == .fails)
    #expect(
      rule.verdict(evidence(answers: 49, milliseconds: Array(times[..<49]), baseline: times), minimum: 50) == .open)
    #expect(rule.verdict(evidence(answers: 100, milliseconds: times, baseline: times), minimum: 50) == .holds)
    let slow = times.map { $0 * 3 }
    #expect(rule.verdict(evidence(answers: 100, milliseconds: slow, baseline: times), minimum: 50) == .fails)
    let little = evidence(
      answers: 100, milliseconds: times.map { $0 / 100 + 0.9 }, baseline: times.map { $0 / 100 })
    #expect(rule.verdict(little, minimum: 50) == .holds, "what a process costs is not the model's")
    // Nothing to hold it against.
    #expect(rule.verdict(evidence(answers: 100, milliseconds: slow), minimum: 50) == .open)
    let told = rule.told(.fails, evidence(answers: 100, milliseconds: slow, baseline: times), minimum: 50)
    #expect(told.count == 1 && told[0].hasPrefix("p95 < 1.2x (") && told[0].contains("x)"), "\(told)")
  }

  @Test("What is kept decides at once, whatever was asked; what is not kept is open, and never holds")
  func kept() throws {
    let rule = try RuleText.read("evaluation.ap > .4 and evaluation.ap >= 1x and trial.passed == 1")
    var seen = evidence()
    let verdicts = { rule.findings(seen, minimum: 100).map(\.verdict) }
    #expect(verdicts() == [.open, .open, .open] && rule.verdict(seen, minimum: 100) == .open)
    #expect(rule.told(.open, seen, minimum: 100)[0] == "evaluation.ap > 0.4 (none is kept)")
    seen.kept.candidate = ["ap": 0.45]
    #expect(verdicts() == [.holds, .open, .open], "the baseline has none over the same truth")
    seen.kept.baseline = ["ap": 0.45]
    seen.kept.trial = ["passed": 1]
    #expect(rule.verdict(seen, minimum: 100) == .holds)
    seen.kept.baseline = ["ap": 0.46]
    #expect(rule.verdict(seen, minimum: 100) == .fails)
    seen.kept.baseline = ["ap": 0.44]
    seen.kept.trial = ["passed": 0]
    #expect(verdicts() == [.holds, .holds, .fails])
    // It is read again with the rest of what was seen, and what a server saw itself leaves it as it is.
    let again = try RolloutEvidence(try JSONDocument(parsing: seen.json.span.bytes, name: "evidence").root)
    #expect(again == seen)
    var sum = RolloutEvidence()
    sum.merge(again)
    sum.merge(RolloutEvidence())
    #expect(sum.kept == seen.kept)
    // Nothing of it is asked of the baseline, and there need be no shadow.
    let plan = try RolloutPlan(candidate: 2, baseline: 1, shadow: 0, canary: [1], rule: rule)
    #expect(plan.rule.needsKept)
  }

  @Test("Failures beside a baseline that had none are more than any number of times as many")
  func failuresAlone() throws {
    let rule = try RuleText.read("error_rate < 2x")
    let times = [Double](repeating: 10, count: 100)
    #expect(rule.verdict(evidence(answers: 98, errors: 2, baseline: times), minimum: 100) == .fails)
    #expect(rule.verdict(evidence(answers: 100, baseline: times), minimum: 100) == .holds)
    #expect(rule.verdict(evidence(answers: 98, errors: 2), minimum: 100) == .open)
  }

  @Test("Agreement on nothing decides nothing")
  func agreement() throws {
    let rule = try RuleText.read("agreement > .9")
    #expect(rule.verdict(evidence(answers: 200), minimum: 100) == .open)
    #expect(rule.verdict(evidence(answers: 200, both: 95, apart: 10), minimum: 100) == .holds)
    #expect(rule.verdict(evidence(answers: 200, both: 80, apart: 40), minimum: 100) == .fails)
  }

  @Test("'or' and 'and' of what is open, held and failed")
  func logic() throws {
    let (open, holds, fails) = ("drift < .1", "errors == 0", "errors >= 5 and errors == 0")
    let seen = evidence(answers: 1)
    let verdict = { (text: String) in try RuleText.read(text).verdict(seen, minimum: 10) }
    #expect(try verdict(open) == .open && verdict(holds) == .holds)
    #expect(try verdict("\(open) or \(holds)") == .holds)
    #expect(try verdict("\(open) and \(holds)") == .open)
    #expect(try verdict(fails) == .open)
    let bad = evidence(answers: 1, errors: 6)
    #expect(try RuleText.read("\(open) and \(holds)").verdict(bad, minimum: 10) == .fails)
    #expect(try RuleText.read("\(open) or \(holds)").verdict(bad, minimum: 10) == .open)
  }

  @Test("Labels are held against the baseline's by how often they come in an answer")
  func labels() throws {
    let rule = try RuleText.read("count.chip > .8x")
    var evidence = RolloutEvidence()
    for place in 0..<400 { evidence.baseline.describe(place % 4 == 0 ? [("chip", 0.9)] : []) }
    for place in 0..<100 { evidence.candidate.describe(place % 4 == 0 ? [("chip", 0.9)] : []) }
    #expect(rule.verdict(evidence, minimum: 100) == .holds)
    for _ in 0..<100 { evidence.candidate.describe([]) }
    #expect(rule.verdict(evidence, minimum: 100) == .fails)
    #expect(try RuleText.read("count.crack > .8x").verdict(evidence, minimum: 100) == .open)
  }

  @Test("Times in jobs are held against times in jobs, and the place where a version is slowest decides")
  func places() throws {
    let rule = try RuleText.read("p50 < 1.5x")
    func tally(_ requests: Double, _ jobs: Double) -> VersionTally {
      var (tally, times) = (VersionTally(), LogHistogram())
      for _ in 0..<50 where requests > 0 { tally.times.add(Int(requests * 1e6)) }
      for _ in 0..<50 where jobs > 0 { times.add(Int(jobs * 1e6)) }
      tally.addTask(inferences: 50, times)
      return tally
    }
    func verdict(_ baseline: VersionTally, _ candidate: VersionTally, _ rule: RolloutRule) -> RuleVerdict {
      var evidence = RolloutEvidence()
      (evidence.baseline, evidence.candidate) = (baseline, candidate)
      return rule.verdict(evidence, minimum: 20)
    }
    // Most of the one in requests, and of the other in jobs, whose workers are slower: nothing is known of either's speed.
    #expect(verdict(tally(10, 0), tally(0, 40), rule) == .open)
    #expect(verdict(tally(10, 40), tally(10, 41), rule) == .holds)
    #expect(
      verdict(tally(10, 40), tally(10, 80), rule) == .fails && verdict(tally(10, 40), tally(20, 40), rule) == .fails)
    // A time by itself is that of requests, where there are any.
    let time = try RuleText.read("p50 < 15ms")
    #expect(
      verdict(tally(10, 40), tally(10, 40), time) == .holds && verdict(tally(0, 40), tally(0, 40), time) == .fails)
  }
}
