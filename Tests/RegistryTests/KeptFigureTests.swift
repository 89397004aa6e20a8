import Base
import Catalog
import LibraryKit
import Rollouts
import TestKit
import Testing

@testable import Registry

/// What evaluations and trials say of a roll-out's versions.
@Suite struct KeptFigureTests {
  private func figures(
    rule: String = "evaluation.ap >= 1x", _ keep: (RegistryFixture, [RegisteredVersion]) throws -> Void
  ) throws -> KeptFigures {
    let fixture = try RegistryFixture()
    let versions = try ["a", "b", "c"].map {
      try fixture.registry.publish(try fixture.model($0), ModelRegistry.Draft(by: "ann")).version
    }
    _ = try fixture.registry.move("live", of: "inspector", to: 1, by: "ann")
    try keep(fixture, versions)
    var ask = RolloutAsk(version: "2")
    ask.rule = rule
    let rollout = try fixture.registry.begin(ask, of: "inspector", by: "ann")
    return try fixture.again().evidence(of: rollout).stage.kept
  }

  private func evaluate(
    _ fixture: RegistryFixture, _ version: RegisteredVersion, _ ap: Double, truth: String, failed: Int = 0,
    digest: String? = nil
  ) throws {
    let summary =
      #"{"truth":"t","truth_digest":"\#(truth)","ap":\#(ap),"ap_small":null,"odd":3,"failed":\#(failed),"digest":"\#(digest ?? version.digest)"}"#
    // What is kept in one millisecond has no order.
    fixture.time.update { $0 += 1 }
    _ = try fixture.registry.keep(
      .evaluation, of: version, by: "ann", summary: Array(summary.utf8), document: Array("{}".utf8))
  }

  private func attempt(
    _ fixture: RegistryFixture, _ version: RegisteredVersion, against: RegisteredVersion, gone: Int, rule: String?,
    passed: Bool, failed: Int = 0
  ) throws {
    let rule = rule.map { "\"\($0)\"" } ?? "null"
    let summary =
      #"{"against_digest":"\#(against.digest)","agreement":0.9,"gone":\#(gone),"speed":null,"rule":\#(rule),"passed":\#(passed),"failed":\#(failed)}"#
    // What is kept in one millisecond has no order.
    fixture.time.update { $0 += 1 }
    _ = try fixture.registry.keep(
      .trial, of: version, by: "ann", summary: Array(summary.utf8), document: Array("{}".utf8))
  }

  @Test("The newest whole evaluation counts, beside the baseline's over the same truth")
  func evaluations() throws {
    let kept = try figures { fixture, versions in
      try evaluate(fixture, versions[0], 0.3, truth: "x")
      try evaluate(fixture, versions[0], 0.9, truth: "y")
      try evaluate(fixture, versions[1], 0.2, truth: "x")
      try evaluate(fixture, versions[1], 0.4, truth: "x")
      // Not all of its pictures were looked at; it was made with another recipe; it is of another version.
      try evaluate(fixture, versions[1], 0.5, truth: "x", failed: 1)
      try evaluate(fixture, versions[1], 0.6, truth: "x", digest: "sha256:other")
      try evaluate(fixture, versions[2], 0.7, truth: "x")
    }
    #expect(kept.candidate == ["ap": 0.4] && kept.baseline == ["ap": 0.3] && kept.trial.isEmpty)
    #expect(kept.truth == "t")
  }

  @Test("A baseline that was evaluated over another truth is no measure, and without any evaluation there is nothing")
  func apart() throws {
    let kept = try figures { fixture, versions in
      try evaluate(fixture, versions[0], 0.9, truth: "y")
      try evaluate(fixture, versions[1], 0.4, truth: "x")
    }
    #expect(kept.candidate == ["ap": 0.4] && kept.baseline.isEmpty)
    #expect(try figures { _, _ in }.isEmpty)
    // A rule that does not ask for it is not told.
    let unasked = try figures(rule: "errors == 0") { fixture, versions in
      try evaluate(fixture, versions[1], 0.4, truth: "x")
    }
    #expect(unasked.isEmpty)
  }

  @Test("Of trials those beside the baseline count, and one without a rule has not passed anything")
  func trials() throws {
    let rule = "trial.gone <= 3"
    let other = try figures(rule: rule) { fixture, versions in
      try attempt(fixture, versions[1], against: versions[2], gone: 0, rule: "gone <= 3", passed: true)
    }
    #expect(other.isEmpty)
    let kept = try figures(rule: rule) { fixture, versions in
      try attempt(fixture, versions[1], against: versions[0], gone: 2, rule: "gone <= 3", passed: true)
    }
    #expect(kept.trial == ["agreement": 0.9, "gone": 2, "passed": 1])
    let unruled = try figures(rule: rule) { fixture, versions in
      try attempt(fixture, versions[1], against: versions[0], gone: 2, rule: nil, passed: true)
    }
    #expect(unruled.trial == ["agreement": 0.9, "gone": 2])
    let partial = try figures(rule: rule) { fixture, versions in
      try attempt(fixture, versions[1], against: versions[0], gone: 0, rule: "gone <= 3", passed: false, failed: 2)
    }
    #expect(partial.trial == ["passed": 0])
  }
}
