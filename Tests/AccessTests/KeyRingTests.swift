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

  private func make(_ wish: NewKey.Wish) throws -> NewKey {
    var system = SystemRandomNumberGenerator()
    return try file.change(stillWanted: { true }) { $0.create(wish, at: 1_700_000_000, using: &system) }
  }

  /// Each client's own: the caller of an answer is never another than the one whose key was shown.
  @Test("Every scope that a route may need × every set of scopes × every client")
  func everyRoute() throws {
    var (keys, dice) = ([NewKey](), Dice(7))
    try file.change(stillWanted: { true }) { list in
      for client in ["acme", "bolt", "crux"] {
        for scopes in ScopeTests.subsets where !scopes.list.isEmpty {
          keys.append(list.create(NewKey.Wish(client: client, scopes: scopes), at: 0, using: &dice))
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
    let new = try make(NewKey.Wish(client: "acme", scopes: Scopes([.infer]), expires: now.date + 10))
    let ring = try KeyRing(file, needsKey: true)
    var late = now
    late.date += 9
    guard case .allowed = ring.authorize(new.text, for: .infer, at: late) else { return #expect(Bool(false)) }
    late.date += 1
    #expect(ring.authorize(new.text, for: .infer, at: late) == .refused(.expired(key: new.key.id, date: now.date + 10)))
  }

  @Test("Each key has a rate of its own; what is refused for another reason takes nothing from it")
  func rates() throws {
    let rate = Rate(2, per: .second)
    let first = try make(NewKey.Wish(client: "acme", scopes: Scopes([.infer]), rate: rate))
    let second = try make(NewKey.Wish(client: "acme", scopes: Scopes([.infer]), rate: rate))
    let ring = try KeyRing(file, needsKey: true)
    for _ in 0..<5 { _ = ring.authorize(first.text, for: .read, at: now) }
    for key in [first, second] {
      for _ in 0..<2 {
        guard case .allowed = ring.authorize(key.text, for: .infer, at: now) else { return #expect(Bool(false)) }
      }
      let refusal = Refusal.tooFast(rate, key: key.key.id, wait: 500_000_000)
      #expect(ring.authorize(key.text, for: .infer, at: now) == .refused(refusal))
      #expect(refusal.retryAfter == 1)
    }
    // A change of the file gives nobody a new burst.
    _ = try make(NewKey.Wish(client: "bolt", scopes: Scopes([.infer])))
    try ring.refresh()
    #expect(ring.count == 3)
    guard case .refused = ring.authorize(first.text, for: .infer, at: now) else { return #expect(Bool(false)) }
  }

  @Test("Every refusal has its status, its headers and a sentence that names the way out, and none tells a secret")
  func refusals() {
    let caller = Caller(key: "abcdefgh", client: "acme", scopes: Scopes([.infer]))
    let cases: [(Refusal, Int, Fault.Kind, String, String)] = [
      (.noKey, 401, .denied, "WWW-Authenticate", "Authorization: Bearer"),
      (.unknownKey, 401, .denied, "WWW-Authenticate", "revoked"),
      (.expired(key: "abcdefgh", date: 0), 401, .denied, "WWW-Authenticate", "1970-01-01T00:00:00Z"),
      (.scopeMissing(.read, caller: caller), 403, .denied, "WWW-Authenticate", "is for infer, and this needs read"),
      (.tooFast(Rate(3, per: .hour), key: "abcdefgh", wait: 1), 429, .exhausted, "Retry-After", "3/h"),
    ]
    for (refusal, status, kind, header, words) in cases {
      #expect(refusal.status == status && refusal.fault.kind == kind && refusal.headers.map(\.0) == [header])
      #expect(refusal.fault.message.contains(words), "\(refusal.fault.message)")
      #expect((refusal.retryAfter > 0) == (status == 429))
    }
    #expect(Refusal.tooFast(Rate(3, per: .hour), key: "", wait: 1_000_000_001).headers[0].1 == "2")
  }

  @Test("The key stands behind Bearer, however that is written; other credentials are none")
  func header() {
    for header in ["Bearer rk_a", "bearer rk_a", "BEARER  rk_a"] {
      #expect(KeyRing.key(inAuthorization: header) == "rk_a")
    }
    for header in [nil, "", "Bearer", "Basic rk_a", "rk_a", "Bearer a b"] {
      #expect(KeyRing.key(inAuthorization: header) == nil)
    }
  }

  @Test("A running server takes new keys and drops revoked ones; a broken file changes nothing and is told of once")
  func watch() throws {
    let first = try make(NewKey.Wish(client: "acme", scopes: .all))
    let ring = try KeyRing(file, needsKey: true)
    let complaints = Monitor<[Fault]>([])
    let watch = KeyWatch(ring, rests: 1) { fault in complaints.update { $0.append(fault) } }
    defer { watch.stop() }
    let isKnown = { (key: NewKey) in
      if case .allowed = ring.authorize(key.text, for: .read, at: now) { true } else { false }
    }
    let second = try make(NewKey.Wish(client: "bolt", scopes: .all))
    #expect(isKnown(first) && !isKnown(second))
    #expect(comes { isKnown(second) })
    _ = try file.change(stillWanted: { true }) { (list) throws(Fault) in try list.revoke(first.key.id) }
    #expect(comes { !isKnown(first) })
    let whole = try Disk.read(file.path)
    try Disk.write(Array("{\"version\":1,\"keys\":[".utf8), to: file.path)
    #expect(comes { complaints.update { $0.count } == 1 })
    #expect(isKnown(second) && complaints.update { $0[0].message }.contains("keys.json:"))
    try Disk.write(whole, to: file.path)
    try Disk.remove(file.path)
    #expect(comes { !isKnown(second) }, "a file that is gone has no keys")
    #expect(complaints.update { $0.count } == 1)
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
    let limited = try make(NewKey.Wish(client: "acme", scopes: Scopes([.infer]), rate: Rate(100, per: .hour)))
    let free = try make(NewKey.Wish(client: "bolt", scopes: Scopes([.infer])))
    let ring = try KeyRing(file, needsKey: true)
    let counts = Counts()
    let workers = (0..<4).map { _ in
      Worker {
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
      _ = try make(NewKey.Wish(client: "other", scopes: .all))
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
