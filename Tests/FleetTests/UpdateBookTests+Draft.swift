import Base
import Crypto
import Library
import Objects
import Testing
import Updates

@testable import Fleet

/// Bundles that are signed elsewhere.
extension UpdateBookTests {
  private func bundle(_ text: String, program: Bundle.Program? = nil) throws -> Bundle {
    let next = try book.next()
    return Bundle(
      centre: next.centre, version: next.version, issued: library.now, target: .group("west"),
      pipelines: [Bundle.Pipeline("people", text)], program: program)
  }

  private func draft(_ bundle: Bundle) throws -> [UInt8] {
    let plan = try UpdatePlan(stages: [0.5, 1], every: 1000, rule: nil)
    return try book.draft(bundle, for: .group("west"), plan, what: ["people"], by: "ann").message
  }

  private func handIn(_ message: [UInt8], _ signature: [UInt8]? = nil) throws -> FleetUpdate {
    try book.begin(
      message: message, signature: try signature ?? key().signature(of: message), trusting: [try key().publicKey])
  }

  @Test func `what is signed elsewhere begins as it was asked for, and is what nodes take`() throws {
    let bundle = try bundle("a: 1\n")
    let message = try draft(bundle)
    #expect(try book.updates().isEmpty)
    let update = try handIn(message)
    #expect(update.version == 1 && update.target == .group("west") && update.plan.stages == [0.5, 1])
    #expect(update.what == ["people"] && update.by == "ann" && update.state == .running)
    let signed = try book.bundle(of: update)
    #expect(try signed.bundle(trusting: [try key().publicKey]) == bundle)
    #expect(signed.bytes == (try SignedBundle(bundle, with: try key())).bytes)
    // It began once, and waits no more; whoever got no answer hears that.
    let again = #expect(throws: Fault.self) { try handIn(message) }
    #expect(again?.kind == .conflict && again?.message.contains("has begun already, as update 1") ?? false)
    #expect(try book.endOfDraft().isEmpty)
  }

  @Test func `what is changed, of another centre or number, or signed by others is refused, and the right one goes`()
    throws
  {
    let message = try draft(try bundle("a: 1\n"))
    for place in [16, message.count / 2, message.count - 3] {
      var changed = message
      changed[place] ^= 1
      #expect(kind { _ = try handIn(changed) } != nil, "\(place)")
    }
    let other = try bundle("a: 2\n")
    #expect(kind { _ = try handIn(try SignedBundle.message(of: other)) } == .denied)
    let elsewhere = Bundle(centre: "cd", version: 1, issued: 0, pipelines: other.pipelines)
    let told = #expect(throws: Fault.self) { try handIn(try SignedBundle.message(of: elsewhere)) }
    #expect(told?.message.contains("another centre") ?? false)
    let late = Bundle(centre: other.centre, version: 2, issued: 0, pipelines: other.pipelines)
    #expect(kind { _ = try handIn(try SignedBundle.message(of: late)) } == .conflict)
    for signature in [[], [UInt8](repeating: 0, count: 64), try key().signature(of: [1])] {
      #expect(kind { _ = try handIn(message, signature) } == .denied)
    }
    #expect(kind { _ = try book.begin(message: message, signature: [], trusting: []) } == .denied)
    #expect(kind { _ = try handIn([]) } == .badInput)
    #expect(try book.updates().isEmpty)
    #expect(try handIn(message).version == 1)
  }

  @Test func `one bundle waits at a time, and one that began in the meantime ends it`() throws {
    let first = try draft(try bundle("a: 1\n"))
    let second = try draft(try bundle("a: 2\n"))
    #expect(kind { _ = try handIn(first) } == .denied)
    _ = try begin("a: 3\n")
    #expect(kind { _ = try handIn(second) } == .conflict)
    #expect(try book.updates().map(\.version) == [1])
    // Nobody who may not begin it does, and then it still waits.
    let third = try draft(try bundle("a: 4\n"))
    let signature = try key().signature(of: third)
    let answer = kind {
      _ = try book.begin(message: third, signature: signature, trusting: [try key().publicKey]) {
        (_) throws(Fault) in throw Fault(.denied, "no")
      }
    }
    #expect(answer == .denied)
    #expect(try handIn(third).version == 2)
  }

  @Test func `the bytes of a program stay while it waits, and go where another takes its place`() throws {
    func program(_ byte: UInt8) throws -> (Bundle.Program, StoredObject) {
      let stored = try library.put([byte])
      let blob = Bundle.Blob(stored.name.digest, byteCount: 1)
      return (Bundle.Program(version: "2", architecture: "x86_64", schema: 8, blob: blob), stored)
    }
    func draft(_ byte: UInt8) throws -> (message: [UInt8], digest: String) {
      let (program, stored) = try program(byte)
      defer { withExtendedLifetime(stored) {} }
      return (try self.draft(try bundle("a: 1\n", program: program)), stored.name.digest)
    }
    func isThere(_ digest: String) throws -> Bool { try library.objects.open(try #require(ObjectName(digest))) != nil }
    let first = try draft(1)
    _ = try library.collect()
    #expect(try isThere(first.digest))
    let second = try draft(2)
    _ = try library.collect()
    #expect(try !isThere(first.digest) && isThere(second.digest))
    _ = try handIn(second.message)
    _ = try library.collect()
    #expect(try isThere(second.digest))
  }

  @Test func `bytes that went while a bundle waited are told before anything begins`() throws {
    func draftOfModel() throws -> [UInt8] {
      let manifest = try library.put([1])
      defer { withExtendedLifetime(manifest) {} }
      let model = Bundle.Model(
        name: "a", alias: "live", digest: "sha256:\(String(repeating: "0", count: 64))", task: "detection",
        manifest: Bundle.Blob(manifest.name.digest, byteCount: 1), files: [], examples: [])
      let next = try book.next()
      return try draft(
        Bundle(centre: next.centre, version: next.version, issued: 0, target: .group("west"), models: [model]))
    }
    let message = try draftOfModel()
    // Whoever removed the version from the registry took what referred to its bytes.
    _ = try library.collect()
    #expect(kind { _ = try handIn(message) } == .notFound)
    #expect(try book.updates().isEmpty)
  }
}
