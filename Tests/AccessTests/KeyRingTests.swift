import Base
import Foundation
import Synchronization
import TestKit
import Testing

@testable import Access

struct KeyRingTests {
  let folder = TemporaryFolder()
  private var file: KeyFile { KeyFile(folder.file("keys.json")) }
  private let now = Moment(nanoseconds: 1_000_000_000, date: 1_800_000_000)

  private func make(_ request: KeyRequest) throws -> NewKey {
    var system = SystemRandomNumberGenerator()
    return try file.change(stillWanted: { true }) { $0.create(request, at: 1_700_000_000, using: &system) }
  }

  /// Each client's own: the caller of an answer is never another than the one whose key was shown.
  @Test("Every scope that a route may need × every set of scopes × every client")
  func everyRoute() throws {
    var (keys, dice) = ([NewKey](), SeededRandom(7))
    try file.change(stillWanted: { true }) { list in
      for client in ["acme", "bolt", "crux"] {
        for scopes in ScopeTests.subsets where !scopes.list.isEmpty {
          keys.append(list.create(KeyRequest(client: client, scopes: scopes), at: 0, using: &dice))
        }
      }
    }
    for needsKey in [true, false] {
      let ring = try KeyRing(file, needsKey: needsKey)
      #expect(ring.count == 93)
      for new in keys.shuffled(using: &dice) {
        for scope in Scope.allCases {
          let verdict = ring.authorize(new.text, for: scope, at: now)
          let caller = Caller(key: new.key.id, client: new.key.client, scopes: new.key.scopes)
          let mayPass = new.key.scopes.list.contains(scope) || new.key.scopes.list.contains(.admin)
          let expected: Verdict = mayPass ? .allowed(caller) : .refused(.scopeMissing(scope, caller: caller))
          if verdict != expected { Issue.record("\(caller) for \(scope): \(verdict)") }
        }
      }
      for scope in Scope.allCases {
        #expect(ring.authorize(nil, for: scope, at: now) == (needsKey ? .refused(.noKey) : .allowed(.local)))
        // The id of one and the secret of another.
        let mixed = keys[0].text.prefix(12) + keys[40].text.dropFirst(12)
        for wrong in [String(mixed), "", "rk_", keys[0].text + "a", keys[0].text.uppercased(), "nonsense"] {
          #expect(ring.authorize(wrong, for: scope, at: now) == .refused(.unknownKey))
        }
      }
    }
  }

  @Test("A key counts until the second at which it expires, and not from then on")
  func expiry() throws {
    let new = try make(KeyRequest(client: "acme", scopes: Scopes([.infer]), expires: now.date + 10))
    let ring = try KeyRing(file, needsKey: true)
    var late = now
    late.date += 9
    guard case .allowed = ring.authorize(new.text, for: .infer, at: late) else { return #expect(Bool(false)) }
    late.date += 1
    #expect(ring.authorize(new.text, for: .infer, at: late) == .refused(.expired(key: new.key.id, date: now.date + 10)))
  }

  @Test("A caller that was let in asks once more at its key's rate, and not once the key is gone or over")
  func onceMore() throws {
    let rate = Rate(2, per: .second)
    let new = try make(KeyRequest(client: "acme", scopes: Scopes([.infer]), rate: rate, expires: now.date + 10))
    let ring = try KeyRing(file, needsKey: true)
    guard case .allowed(let caller) = ring.authorize(new.text, for: .infer, at: now) else {
      return #expect(Bool(false))
    }
    #expect(ring.denial(of: caller, for: .read, at: now) == .unknownKey)
    #expect(ring.denial(of: caller, for: .infer, at: now) == nil)
    #expect(ring.denial(of: caller, for: .infer, at: now) == .tooFast(rate, key: new.key.id, wait: 500_000_000))
    var later = now
    later.nanoseconds += 1_000_000_000
    #expect(ring.denial(of: caller, for: .infer, at: later) == nil)
    later.date += 10
    #expect(ring.denial(of: caller, for: .infer, at: later) == .unknownKey)
    #expect(ring.denial(of: .local, for: .infer, at: now) == .noKey)
    #expect(try KeyRing(file, needsKey: false).denial(of: .local, for: .infer, at: now) == nil)
  }

  @Test("Each key has a rate of its own; what is refused for another reason takes nothing from it")
  func rates() throws {
    let rate = Rate(2, per: .second)
    let first = try make(KeyRequest(client: "acme", scopes: Scopes([.infer]), rate: rate))
    let second = try make(KeyRequest(client: "acme", scopes: Scopes([.infer]), rate: rate))
    let ring = try KeyRing(file, needsKey: true)
    for _ in 0..<5 { _ = ring.authorize(first.text, for: .read, at: now) }
    for key in [first, second] {
      for _ in 0..<2 {
        guard case .allowed = ring.authorize(key.text, for: .infer, at: now) else { return #expect(Bool(false)) }
      }
      let refusal = Denial.tooFast(rate, key: key.key.id, wait: 500_000_000)
      #expect(ring.authorize(key.text, for: .infer, at: now) == .refused(refusal))
      #expect(refusal.retryAfter == 1)
    }
    // A change of the file gives no client a new burst.
    _ = try make(KeyRequest(client: "bolt", scopes: Scopes([.infer])))
    try ring.refresh()
    #expect(ring.count == 3)
    guard case .refused = ring.authorize(first.text, for: .infer, at: now) else { return #expect(Bool(false)) }
  }

  @Test("Every denial has a sentence that names the way out, and only one that waiting mends says how long")
  func denials() {
    let caller = Caller(key: "abcdefgh", client: "acme", scopes: Scopes([.infer]))
    let cases: [(Denial, Fault.Kind, String, Int)] = [
      (.noKey, .denied, "ridley key create", 0), (.unknownKey, .denied, "revoked", 0),
      (.expired(key: "abcdefgh", date: 0), .denied, "1970-01-01T00:00:00Z", 0),
      (.scopeMissing(.read, caller: caller), .denied, "is for infer, and this needs read", 0),
      (.tooFast(Rate(3, per: .hour), key: "abcdefgh", wait: 1), .exhausted, "3/h", 1),
      (.tooFast(Rate(3, per: .hour), key: "", wait: 1_000_000_001), .exhausted, "try again in 2 s", 2),
    ]
    for (denial, kind, words, wait) in cases {
      #expect(denial.fault.kind == kind && denial.retryAfter == wait)
      #expect(denial.fault.message.contains(words), "\(denial.fault.message)")
    }
  }

  @Test("Keys may be kept anywhere: a ring reads a store again when its revision is another, and not before")
  func port() throws {
    let store = MemoryStore()
    let ring = try KeyRing(store, needsKey: true)
    var dice = SeededRandom(3)
    let new = try store.change(stillWanted: { true }) {
      $0.create(KeyRequest(client: "acme", scopes: .all), at: 0, using: &dice)
    }
    #expect(ring.authorize(new.text, for: .read, at: now) == .refused(.unknownKey))
    for _ in 0..<3 { try ring.refresh() }
    guard case .allowed = ring.authorize(new.text, for: .read, at: now) else { return #expect(Bool(false)) }
    #expect(store.reads == 2)
    store.isGone = true
    #expect(throws: Fault(.unavailable, "gone")) { try ring.refresh() }
    guard case .allowed = ring.authorize(new.text, for: .read, at: now) else { return #expect(Bool(false)) }
  }

  @Test("A running server takes new keys and drops revoked ones; a broken file changes nothing and is told of once")
  func watch() throws {
    let first = try make(KeyRequest(client: "acme", scopes: .all))
    let ring = try KeyRing(file, needsKey: true)
    let complaints = Monitor<[Fault]>([])
    let watch = KeyWatch(ring, rests: 1) { fault in complaints.update { $0.append(fault) } }
    defer { watch.stop() }
    let isKnown = { (key: NewKey) in
      if case .allowed = ring.authorize(key.text, for: .read, at: now) { true } else { false }
    }
    let second = try make(KeyRequest(client: "bolt", scopes: .all))
    #expect(isKnown(first) && !isKnown(second))
    #expect(comes { isKnown(second) })
    _ = try file.change(stillWanted: { true }) { (list) throws(Fault) in try list.revoke(first.key.id) }
    #expect(comes { !isKnown(first) })
    let whole = try FileSystem.read(file.path)
    try FileSystem.write(Array("{\"version\":1,\"keys\":[".utf8), to: file.path, isSecret: true)
    #expect(comes { complaints.update { $0.count } == 1 })
    #expect(isKnown(second) && complaints.update { $0[0].message }.contains("keys.json:"))
    try FileSystem.write(whole, to: file.path, isSecret: true)
    try FileSystem.remove(file.path)
    #expect(comes { !isKnown(second) }, "a file that is gone has no keys")
    #expect(complaints.update { $0.count } == 1)
  }

  @Test("Where no key is needed a broken file of keys stops nobody, and keys count again once it is mended")
  func brokenAtStart() throws {
    let key = try make(KeyRequest(client: "acme", scopes: .all))
    let whole = try FileSystem.read(file.path)
    try FileSystem.write(Array("{".utf8), to: file.path, isSecret: true)
    #expect(throws: Fault.self) { try KeyRing(file, needsKey: true) }
    let ring = try KeyRing(file, needsKey: false)
    #expect(ring.authorize(nil, for: .read, at: now) == .allowed(.local))
    #expect(ring.authorize(key.text, for: .read, at: now) == .refused(.unknownKey))
    let complaints = Monitor<[Fault]>([])
    let watch = KeyWatch(ring, rests: 1) { fault in complaints.update { $0.append(fault) } }
    defer { watch.stop() }
    #expect(comes { complaints.update { $0.count } == 1 })
    try FileSystem.write(whole, to: file.path, isSecret: true)
    #expect(comes { ring.count == 1 })
  }

  private func comes(_ condition: () -> Bool) -> Bool {
    for _ in 0..<150 {
      if condition() { return true }
      usleep(20_000)
    }
    return false
  }

  @Test("Many threads ask while the keys change: nobody gets another's answer, and a rate holds over all of them")
  func threads() throws {
    let limited = try make(KeyRequest(client: "acme", scopes: Scopes([.infer]), rate: Rate(100, per: .hour)))
    let free = try make(KeyRequest(client: "bolt", scopes: Scopes([.infer])))
    let ring = try KeyRing(file, needsKey: true)
    let counts = Counts()
    let workers = (0..<4).map { _ in
      NativeThread {
        for _ in 0..<300 {
          if case .allowed(let caller) = ring.authorize(limited.text, for: .infer, at: now) {
            counts.passed.add(1, ordering: .relaxed)
            if caller.client != "acme" { counts.wrong.add(1, ordering: .relaxed) }
          }
          guard case .allowed(let caller) = ring.authorize(free.text, for: .infer, at: now), caller.client == "bolt"
          else {
            counts.wrong.add(1, ordering: .relaxed)
            continue
          }
        }
      }
    }
    for _ in 0..<20 {
      _ = try make(KeyRequest(client: "other", scopes: .all))
      try ring.refresh()
    }
    for worker in workers { worker.join() }
    #expect(counts.passed.load(ordering: .relaxed) == 100 && counts.wrong.load(ordering: .relaxed) == 0)
  }
}

private final class Counts: Sendable {
  let passed = Atomic(0)
  let wrong = Atomic(0)
}

/// Keys in memory, where a test sees what is asked of a store.
private final class MemoryStore: KeyStore {
  private struct State {
    var list = KeyList()
    var changes = 0
    var reads = 0
    var isGone = false
  }

  private let state = Monitor(State())
  let place = "memory"
  var reads: Int { state.update { $0.reads } }
  var isGone: Bool {
    get { state.update { $0.isGone } }
    set { state.update { $0.isGone = newValue } }
  }

  func revision() throws(Fault) -> String {
    guard !isGone else { throw Fault(.unavailable, "gone") }
    return state.update { "\($0.changes)" }
  }

  func read() -> KeyList {
    state.update { state in
      state.reads += 1
      return state.list
    }
  }

  func change<Result>(
    stillWanted: () -> Bool, _ body: (inout KeyList) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    var list = state.update { $0.list }
    let result = try body(&list)
    state.update { ($0.list, $0.changes) = (list, $0.changes + 1) }
    return result
  }
}
