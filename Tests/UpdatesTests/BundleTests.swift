import Base
import Crypto
import TestKit
import Testing
import Updates

@Suite struct BundleTests {
  private func full() -> Bundle {
    UpdateFixture.bundle(
      7, models: [UpdateFixture.model("b"), UpdateFixture.model("a", alias: "next"), UpdateFixture.model("a")],
      pipelines: [Bundle.Pipeline("people", "steps: []\n"), Bundle.Pipeline("cars", "# Ä \"quoted\"\n")],
      program: UpdateFixture.program([1, 2, 3]))
  }

  private func kind(_ body: () throws -> Void) -> Fault.Kind? {
    do { try body() } catch { return (error as? Fault)?.kind }
    return nil
  }

  @Test func `what is written is read again, and has one text`() throws {
    let bundle = full()
    let again = try Bundle(bundle.json, name: "it")
    #expect(again == bundle && again.json == bundle.json)
    #expect(again.models.map(\.name) == ["a", "a", "b"] && again.pipelines?.map(\.name) == ["cars", "people"])
    #expect(again.parts == ["model a live", "model a next", "model b live", "pipelines", "program x86_64"])
    // The inputs and answers of all three are the same bytes.
    #expect(again.blobs.count == 2 + 2 + 2 + 1)
  }

  @Test(arguments: [
    ("\"format\":1", "\"format\":2"), ("\"version\":7", "\"version\":0"), ("{\"format\"", "{ \"format\""),
    ("\"health\":{", "\"extra\":1,\"health\":{"), ("net.onnx", "../net.onnx"), ("net.onnx", "/net.onnx"),
    ("\"name\":\"cars\"", "\"name\":\"zoo\""), ("\"name\":\"cars\"", "\"name\":\"people\""),
    ("\"name\":\"cars\"", "\"name\":\".cars\""), ("\"bytes\":3", "\"bytes\":-3"), ("\"bytes\":3", "\"bytes\":3.0"),
  ])
  func `another text is no bundle`(old: String, new: String) throws {
    let text = String(decoding: full().json, as: UTF8.self)
    try #require(text.contains(old))
    let other = text.replacing(old, with: new, maxReplacements: 1)
    #expect(kind { _ = try Bundle(Array(other.utf8), name: "it") } == .badInput, "\(other)")
  }

  @Test func `unsigned, foreign, changed, cut off and older bundles are refused, and one more is taken`() throws {
    let (mine, other) = (try UpdateFixture.key(1), try UpdateFixture.key(2))
    let gate = try UpdateFixture.gate([mine])
    let signed = try SignedBundle(full(), with: mine)
    #expect(try gate.admit(SignedBundle(signed.bytes), after: 6) == full())
    #expect(kind { _ = try gate.admit(signed, after: 7) } == .conflict)
    #expect(kind { _ = try gate.admit(signed, after: 8) } == .conflict)
    #expect(kind { _ = try SignedBundle(full().json) } == .denied)
    #expect(kind { _ = try gate.admit(SignedBundle(full(), with: other), after: 0) } == .denied)
    let elsewhere = UpdateFixture.bundle(9, centre: String(repeating: "cd", count: 32))
    #expect(kind { _ = try gate.admit(SignedBundle(elsewhere, with: mine), after: 0) } == .denied)
    for cut in [0, 1, 40, 200, signed.bytes.count / 2, signed.bytes.count - 1] {
      let rest = Array(signed.bytes.prefix(cut))
      #expect(kind { _ = try gate.admit(SignedBundle(rest), after: 0) } == .denied, "\(cut) bytes")
    }
    var random = SeededRandom(7)
    for _ in 0..<200 {
      var bytes = signed.bytes
      bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      #expect(kind { _ = try gate.admit(SignedBundle(bytes), after: 0) } == .denied)
    }
    // The key's name in front of another's signature.
    let head = Array("ridley-bundle-1 \(Hex.text(try mine.publicKey.bytes))".utf8)
    let stolen = head + (try SignedBundle(full(), with: other)).bytes[head.count...]
    #expect(kind { _ = try gate.admit(SignedBundle(Array(stolen)), after: 0) } == .denied)
  }

  @Test func `what this node cannot have is refused before anything is fetched`() throws {
    let key = try UpdateFixture.key(1)
    func refusal(_ bundle: Bundle, _ gate: BundleGate) -> Fault.Kind? {
      kind { _ = try gate.admit(SignedBundle(bundle, with: key), after: 0) }
    }
    let program = UpdateFixture.bundle(1, program: UpdateFixture.program([1]))
    #expect(refusal(program, try UpdateFixture.gate([key])) == nil)
    #expect(refusal(program, try UpdateFixture.gate([key], isStartedAgain: false)) == .unsupported)
    // Over one schema there is a way back, over two there is none.
    for (schema, answer) in [(7, nil), (9, nil), (6, Fault.Kind.unsupported), (10, .unsupported)] {
      #expect(refusal(program, try UpdateFixture.gate([key], schema: schema)) == answer, "\(schema)")
    }
    let arm = Bundle.Program(version: "1", architecture: "aarch64", schema: 8, blob: UpdateFixture.blob("x"))
    #expect(refusal(UpdateFixture.bundle(1, program: arm), try UpdateFixture.gate([key])) == .unsupported)
    let models = UpdateFixture.bundle(1, models: [UpdateFixture.model()])
    #expect(refusal(models, try UpdateFixture.gate([key], takesModels: false)) == .unsupported)
    let pipelines = UpdateFixture.bundle(1, pipelines: [])
    #expect(refusal(pipelines, try UpdateFixture.gate([key], takesPipelines: false)) == .unsupported)
  }

  @Test func `what was signed for one node is taken by no other, and its target is part of the text`() throws {
    let key = try UpdateFixture.key(1)
    let gate = try UpdateFixture.gate([key])
    for (target, answer) in [
      (UpdateTarget.fleet, nil), (.group("west"), nil), (.node("dock"), nil), (.node("yard"), Fault.Kind.denied),
    ] {
      let bundle = UpdateFixture.bundle(1, target: target, pipelines: [])
      #expect(try Bundle(bundle.json, name: "it") == bundle)
      #expect(kind { _ = try gate.admit(SignedBundle(bundle, with: key), after: 0) } == answer, "\(target.text)")
    }
    let text = String(decoding: UpdateFixture.bundle(1, target: .node("dock"), pipelines: []).json, as: UTF8.self)
    for other in ["everybody", "node", "fleet"] {
      let changed = text.replacing("node dock", with: other)
      #expect(kind { _ = try Bundle(Array(changed.utf8), name: "it") } == .badInput, "\(other)")
    }
  }

  @Test func `while one is on trial, one that does not say all that it says waits`() throws {
    let key = try UpdateFixture.key(1)
    let gate = try UpdateFixture.gate([key])
    let trial = UpdateFixture.bundle(1, models: [UpdateFixture.model()], pipelines: [])
    func answer(_ bundle: Bundle) -> Fault.Kind? {
      kind { _ = try gate.admit(SignedBundle(bundle, with: key), after: 1, trial: trial) }
    }
    #expect(answer(UpdateFixture.bundle(2, pipelines: [])) == .conflict)
    #expect(answer(UpdateFixture.bundle(2, models: [UpdateFixture.model("other")], pipelines: [])) == .conflict)
    #expect(answer(UpdateFixture.bundle(2, models: [UpdateFixture.model()], pipelines: [])) == nil)
  }

  @Test func `a trial ends when all was well for long enough, when something is bad, and when it takes too long`() {
    let health = Bundle.Health(seconds: 10, patience: 60)
    var trial = UpdateTrial(health, at: 100)
    #expect(trial.look(.waiting("loading"), at: 101) == .wait)
    #expect(trial.look(.well, at: 105) == .wait && trial.look(.well, at: 114.9) == .wait)
    #expect(trial.look(.waiting("a stream is away"), at: 114.95) == .wait, "well without a break")
    #expect(trial.look(.well, at: 115) == .wait && trial.look(.well, at: 125) == .settle)
    trial = UpdateTrial(health, at: 0)
    #expect(trial.look(.bad("it answers otherwise"), at: 1) == .goBack("it answers otherwise"))
    trial = UpdateTrial(health, at: 0)
    #expect(trial.look(.waiting("loading"), at: 59) == .wait)
    guard case .goBack = trial.look(.waiting("loading"), at: 60) else { Issue.record("it hangs for ever"); return }
  }
}
