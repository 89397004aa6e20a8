public import Base

/// The keys of a running server: every request is shown to it.
///
/// For any thread. A question costs about a microsecond and never touches the store; ``refresh()`` does.
public final class KeyRing: Sendable {
  private struct State {
    var keys: [String: AccessKey] = [:]
    /// How much of its rate a key has used; survives a change of the keys.
    var buckets: [String: TokenBucket] = [:]
    var revision: String?
  }

  private let store: any KeyStore
  private let needsKey: Bool
  private let state = Monitor(State())

  /// Reads the keys.
  ///
  /// - Throws: where they cannot be read; but where none is needed, no key is known then until they can be (see ``KeyWatch``).
  ///
  /// Where no key is needed (a server that only this machine reaches), who shows none is ``Caller/local``; a key that is
  /// shown counts all the same.
  public init(_ store: any KeyStore, needsKey: Bool) throws(Fault) {
    (self.store, self.needsKey) = (store, needsKey)
    do throws(Fault) { try refresh() } catch { if needsKey { throw error } }
  }

  public var count: Int { state.update { $0.keys.count } }

  /// Whether a key that was shown, or none, may be used for `scope` now; an allowed question uses up one of the key's rate.
  public func authorize(_ presented: String?, for scope: Scope, at moment: Moment) -> Verdict {
    guard let presented else {
      return needsKey ? .refused(.noKey) : .allowed(.local)
    }
    guard let id = KeyText.id(of: presented), let key = state.update({ $0.keys[id] }), key.isKept(of: presented) else {
      return .refused(.unknownKey)
    }
    if key.isExpired(at: moment.date) { return .refused(.expired(key: id, date: key.expires ?? 0)) }
    let caller = Caller(key: id, client: key.client, scopes: key.scopes)
    guard key.scopes.allow(scope) else { return .refused(.scopeMissing(scope, caller: caller)) }
    guard let rate = key.rate else { return .allowed(caller) }
    let wait = state.update { $0.buckets[id, default: TokenBucket()].take(rate, at: moment.nanoseconds) }
    return wait.map { .refused(.tooFast(rate, key: id, wait: $0)) } ?? .allowed(caller)
  }

  /// Looks whether the keys were changed and reads them then; on a fault, what was known stays in force.
  ///
  /// Waits for the store: not for a thread that others wait for. See ``KeyWatch``.
  public func refresh() throws(Fault) {
    // Asked before the keys are read: a change in between is found the next time.
    let revision = try store.revision()
    guard state.update({ $0.revision != revision }) else { return }
    let keys = try store.read().keys
    let named = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
    state.update { state in
      (state.keys, state.revision) = (named, revision)
      state.buckets = state.buckets.filter { named[$0.key] != nil }
    }
  }
}
