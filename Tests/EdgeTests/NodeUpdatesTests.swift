import Base
import Crypto
import Glibc
import JSON
import Rollouts
import TestKit
import Testing
import Updates

@testable import Edge

/// A server that is as a test says.
private final class PlaceDouble: UpdatePlace {
  struct State: Sendable {
    var health = NodeHealth.well
    var trouble: Fault?
    var placed: [Int] = []
    var restored: [UpdateState.AliasPlace] = []
    var reloads = 0
    var settled: [Int] = []
    var runs = true
    var restarts = 0
    var stuck: Fault?
    var pictures: [StreamPictures] = []
    /// Pictures that come between two looks.
    var more = 0
    /// Pipelines that were to fit still.
    var kept: [String] = []
  }

  let state = Monitor(State())

  func makeRoom(for byteCount: Int) {}
  func holds(_ blob: Bundle.Blob) -> Bool { false }
  func aliases(of bundle: Bundle) -> [UpdateState.AliasPlace] { [] }

  func place(_ bundle: Bundle, path: (Bundle.Blob) -> String) throws(Fault) {
    try state.update { (state) throws(Fault) in
      if let trouble = state.trouble { throw trouble }
      state.placed.append(bundle.version)
    }
  }

  func restore(_ aliases: [UpdateState.AliasPlace]) { state.update { $0.restored += aliases } }
  func settled(_ bundle: Bundle, before: [UpdateState.AliasPlace]) {
    state.update { $0.settled.append(bundle.version) }
  }
  func reloadPipelines() { state.update { $0.reloads += 1 } }
  func health(of bundle: Bundle, with pipelines: [String]) -> NodeHealth {
    state.update { state in
      state.kept = pipelines
      return state.health
    }
  }
  func baseline() -> NodeBaseline { NodeBaseline() }
  func pictures() -> [StreamPictures] {
    state.update { state in
      state.pictures = state.pictures.map { StreamPictures($0.stream, count: $0.count + state.more) }
      return state.pictures
    }
  }
  func takeTally() -> VersionTally { VersionTally() }
  func runs(_ program: String?) -> Bool { state.update { $0.runs } }
  func startAgain() throws(Fault) {
    try state.update { (state) throws(Fault) in
      if let stuck = state.stuck { throw stuck }
      state.restarts += 1
    }
  }
}

@Suite struct NodeUpdatesTests {
  private let folder = TemporaryFolder()
  private let place = PlaceDouble()
  private let store: BundleStore
  private let before = UpdateState.AliasPlace(model: "adder", alias: "live", version: 4)
  private let gate = NodeBaseline.Stream(client: "local", name: "gate")

  init() throws {
    store = try BundleStore(folder.file("updates"))
    let head: [UInt8] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20]
    let text = Base64.encode(head + [UInt8](repeating: 9, count: 32))
    let key = try Ed25519.PrivateKey(
      pem: Array("-----BEGIN PRIVATE KEY-----\n\(text)\n-----END PRIVATE KEY-----\n".utf8), name: "the test's key")
    for version in [1, 2] {
      let bundle = Bundle(
        centre: "c", version: version, issued: 0, pipelines: [Bundle.Pipeline("people", "v: \(version)\n")],
        health: Bundle.Health(seconds: 1, patience: 3))
      try store.lay(try SignedBundle(bundle, with: key), bundle)
      try store.take(version, before: [before], NodeBaseline(streams: [gate], pipelines: ["cars"]))
      if version == 1 {
        try store.notePlaced()
        try store.settle()
      }
    }
    place.state.update { ($0.pictures, $0.more) = ([StreamPictures(gate, count: 5)], 1) }
  }

  private func run(_ body: (NodeUpdates) throws -> Void) throws {
    let updates = try NodeUpdates(
      store, place, program: "1", architecture: "x86_64", schema: 8, centre: { () throws(Fault) in nil }, isNews: {},
      complain: { _ in })
    updates.start()
    defer { updates.stop() }
    try body(updates)
  }

  private func report(_ updates: NodeUpdates) throws -> NodeUpdateReport {
    let bytes = try #require(updates.report())
    return try NodeUpdateReport(JSONDocument(parsing: bytes.span.bytes, name: "the report").root)
  }

  @Test func `what is well is placed once, tried for its time, and stays`() throws {
    try run { updates in
      #expect(try report(updates).isTrial)
      try waitUntil("the trial to end") { !place.state.update { $0.settled.isEmpty } }
      let seen = place.state.update { $0 }
      #expect(try !store.state().isTrial)
      #expect(seen.placed == [2] && seen.settled == [2] && seen.restored.isEmpty && seen.reloads >= 1)
      try waitUntil("the report") { try !report(updates).isTrial }
      #expect(try report(updates).serving == 2)
    }
  }

  @Test func `a camera that gave pictures before and gives none since has the node go back after its time`() throws {
    place.state.update { $0.more = 0 }
    try run { _ in
      try waitUntil("the way back") { try store.state().serving == 1 }
      let reason = try store.state().failure?.reason ?? ""
      #expect(reason.contains("not well within 3 s") && reason.contains("the stream gate gave pictures"), "\(reason)")
      #expect(place.state.update { $0.kept } == ["cars"])
    }
  }

  @Test func `what is bad is left at once, and aliases are put back`() throws {
    place.state.update { $0.health = .bad("it answers otherwise") }
    try run { updates in
      try waitUntil("the way back") { place.state.update { $0.restored } == [before] }
      let state = try store.state()
      #expect(state.serving == 1 && state.highest == 2 && state.failure?.reason == "it answers otherwise")
      #expect(try report(updates).failure?.isRefusal == false)
      // Placed, left, and put back: what was left alone has pipelines too, and no aliases perhaps.
      try waitUntil("the pipelines") { place.state.update { $0.reloads } == 3 }
    }
  }

  @Test func `aliases are put back before another update notes where they point`() throws {
    place.state.update { $0.health = .bad("it answers otherwise") }
    let asked = Monitor([Bool]())
    let place = place
    let updates = try NodeUpdates(
      store, place, program: "1", architecture: "x86_64", schema: 8,
      centre: { () throws(Fault) in
        let isRestored = place.state.update { !$0.restored.isEmpty }
        asked.update { $0.append(isRestored) }
        return nil
      }, isNews: {}, complain: { _ in })
    updates.take(try JSONDocument(parsing: #"{"take":3}"#, name: "the order").root)
    updates.start()
    defer { updates.stop() }
    try waitUntil("the next one to be asked for") { !asked.update { $0 }.isEmpty }
    #expect(asked.update { $0 }.first == true)
  }

  @Test func `what never becomes ready is left after its time, and so is what cannot be placed`() throws {
    place.state.update { $0.health = .waiting("it is being loaded") }
    try run { _ in
      try waitUntil("the way back") { try store.state().serving == 1 }
      #expect(try store.state().failure?.reason.contains("it is being loaded") ?? false)
    }
  }

  @Test func `models whose bytes are others are left at once`() throws {
    place.state.update { $0.trouble = Fault(.badInput, "the manifest is of another model") }
    try run { _ in
      try waitUntil("the way back") { try store.state().serving == 1 }
      #expect(try store.state().failure?.reason == "the manifest is of another model")
    }
  }

  @Test func `files that the disk lost are told, and do not count as a trial that went well`() throws {
    try FileSystem.write(Array("ridley-bundle-1 cut".utf8), to: folder.file("updates/versions/2/bundle"))
    try run { updates in
      try waitUntil("the loss to be told") { try report(updates).lost == 2 }
      try waitUntil("the trouble") { try report(updates).trouble?.contains("files of update 2") ?? false }
      usleep(1_200_000)
      #expect(try store.state().isTrial && store.state().serving == 2)
    }
  }

  @Test func `a program that cannot be started leaves the node at work, and the trial is not counted as well`() throws {
    place.state.update { ($0.runs, $0.stuck) = (false, Fault(.unavailable, "it cannot be started")) }
    try run { updates in
      try waitUntil("the trouble") { try report(updates).trouble == "it cannot be started" }
      usleep(1_200_000)
      #expect(try store.state().isTrial)
      #expect(place.state.update { $0.placed }.isEmpty)
    }
  }

  @Test func `another program takes over before anything else is done, and what the centre stops is left`() throws {
    place.state.update { $0.runs = false }
    try run { updates in
      try waitUntil("the start again") { place.state.update { $0.restarts } > 0 }
      #expect(place.state.update { $0.placed }.isEmpty)
      place.state.update { $0.runs = true }
      try waitUntil("the trial to end") { try !store.state().isTrial }
      updates.take(try JSONDocument(parsing: #"{"leave":2,"other":1}"#, name: "the order").root)
      try waitUntil("the way back") { try store.state().serving == 1 }
      // The same order comes again, and moves nothing more.
      updates.take(try JSONDocument(parsing: #"{"leave":1}"#, name: "the order").root)
      usleep(1_200_000)
      #expect(try store.state().serving == 1)
    }
  }
}
