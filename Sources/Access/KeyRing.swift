public import Base

/// The keys of a running server: every request is shown to it.
///
/// For any thread. A question costs a few microseconds and never touches a store; ``refresh(at:)`` and ``signOut(_:at:)`` do.
public final class KeyRing: Sendable {
  /// Who must show a key.
  public enum Need: Sendable {
    /// Nobody; a key that is shown counts all the same.
    case never
    /// Everybody, from the moment on at which there is a key; taking the last one away changes nothing any more.
    case onceThereAreKeys
    case always
  }

  private struct State {
    var keys: [String: AccessKey] = [:]
    /// How much of its rate a key has used; survives a change of the keys.
    var buckets: [String: TokenBucket] = [:]
    var revision: String?
    var needsKey: Bool
    var ended = EndedSessions()
    var endedRevision: String?
  }

  private let store: any KeyStore
  private let sessions: (any SessionStore)?
  private let need: Need
  private let state: Monitor<State>

  /// Reads the keys.
  ///
  /// - Throws: where they cannot be read; but where none is ever needed, no key is known then until they can be (see ``KeyWatch``).
  ///
  /// Where no key is needed (a server that only this machine reaches), who shows none is ``Caller/local``; a key that is
  /// shown counts all the same. Without `sessions` it is forgotten at the end of the program which were signed out.
  public init(_ store: any KeyStore, sessions: (any SessionStore)? = nil, need: Need) throws(Fault) {
    (self.store, self.sessions, self.need) = (store, sessions, need)
    state = Monitor(State(needsKey: need == .always))
    do throws(Fault) { try refresh() } catch { if need != .never { throw error } }
  }

  public convenience init(_ store: any KeyStore, needsKey: Bool) throws(Fault) {
    try self.init(store, need: needsKey ? .always : .never)
  }

  public var count: Int { state.update { $0.keys.count } }

  /// Whether a key that was shown, or none, may be used for `scope` now; an allowed question uses up one of the key's rate.
  public func authorize(_ presented: String?, for scope: Scope, at moment: Moment) -> Verdict {
    authorize(presented.map { .key($0) } ?? .none, for: scope, at: moment)
  }

  /// Whether a caller may do what needs `scope` now, or what any key may where that is `nil`.
  ///
  /// A session is its key: the same client, scopes and rate. Where no key is needed, one that is not taken is as none.
  public func authorize(_ credential: Credential, for scope: Scope?, at moment: Moment) -> Verdict {
    switch credential {
    case .none: return withoutKey(.noKey)
    case .key(let text):
      guard let id = KeyText.id(of: text), let key = state.update({ $0.keys[id] }), key.isKept(of: text) else {
        return .refused(.unknownKey)
      }
      if key.isExpired(at: moment.date) { return .refused(.expired(key: id, date: key.expires ?? 0)) }
      return admit(key, nil, for: scope, at: moment)
    case .session(let text, let proof):
      guard let (session, key) = Session.read(text, key: { id in state.update { $0.keys[id] } }),
        moment.date < session.expires, !key.isExpired(at: moment.date),
        !state.update({ $0.ended.contains(session) })
      else { return withoutKey(.unknownSession) }
      if case .token(let token) = proof, !session.isProven(by: token) { return .refused(.noToken) }
      return admit(key, session, for: scope, at: moment)
    }
  }

  /// Whether a caller that was let in before would still be: its key is there and not over, and its session was not signed out.
  ///
  /// For what goes on long after its request, such as a stream of events; nothing of a rate is used up.
  public func lets(_ caller: Caller, for scope: Scope, at date: Int) -> Bool {
    state.update { state in
      guard let id = caller.key else { return !state.needsKey }
      guard let key = state.keys[id], key.client == caller.client, key.scopes.allow(scope), !key.isExpired(at: date)
      else { return false }
      guard let session = caller.session else { return true }
      return date < session.expires && !state.ended.contains(session)
    }
  }

  /// Whether a caller that was let in may ask once more in a call of many messages; as a new request it uses up one of the key's rate.
  public func denial(of caller: Caller, for scope: Scope, at moment: Moment) -> Denial? {
    guard lets(caller, for: scope, at: moment.date) else {
      return caller.key == nil ? .noKey : caller.session == nil ? .unknownKey : .unknownSession
    }
    return state.update { state in
      guard let id = caller.key, let rate = state.keys[id]?.rate else { return nil }
      let wait = state.buckets[id, default: TokenBucket()].take(rate, at: moment.nanoseconds)
      return wait.map { .tooFast(rate, key: id, wait: $0) }
    }
  }

  private func withoutKey(_ denial: Denial) -> Verdict {
    state.update { $0.needsKey } ? .refused(denial) : .allowed(.local)
  }

  private func admit(_ key: AccessKey, _ session: Session?, for scope: Scope?, at moment: Moment) -> Verdict {
    var caller = Caller(key: key.id, client: key.client, scopes: key.scopes)
    (caller.user, caller.session) = (key.user, session)
    if let scope, !key.scopes.allow(scope) { return .refused(.scopeMissing(scope, caller: caller)) }
    guard let rate = key.rate else { return .allowed(caller) }
    let wait = state.update { $0.buckets[key.id, default: TokenBucket()].take(rate, at: moment.nanoseconds) }
    return wait.map { .refused(.tooFast(rate, key: key.id, wait: $0)) } ?? .allowed(caller)
  }

  /// A session for a caller that showed a key, with the text that stands for it; `nil` where the key is gone by now.
  public func signIn(
    _ caller: Caller, at date: Int, using random: inout some RandomNumberGenerator
  ) -> (session: Session, text: String)? {
    guard let id = caller.key, let key = state.update({ $0.keys[id] }) else { return nil }
    let session = Session(of: key, at: date, using: &random)
    return (session, session.text(of: key))
  }

  /// Ends a session: its text is not taken any more, from now on by this server, and from the return on by no other.
  ///
  /// May wait for the store. On a fault this server refuses it all the same, up to its restart; but the fault `exhausted` says that too many
  /// sessions of the key were signed out, and that this one goes on.
  public func signOut(_ session: Session, at date: Int) throws(Fault) {
    let ended = EndedSession(key: session.key, nonce: session.nonce, expires: session.expires)
    let isTaken = state.update { state in
      guard state.ended.contains(session) || state.ended.hasRoom(for: session.key) else { return false }
      state.ended.add(ended)
      return true
    }
    guard isTaken else {
      throw Fault(
        .exhausted,
        "\(EndedSessions.mostOfKey) sessions of the key \(session.key) were signed out within hours: revoke the key")
    }
    try sessions?.end(ended, at: date)
  }

  /// Looks whether keys or signed-out sessions were changed and reads them then; on a fault, what was known stays in force.
  ///
  /// `date` is in seconds since 1970. Waits for the store: not for a thread that others wait for. See ``KeyWatch``.
  public func refresh(at date: Int = 0) throws(Fault) {
    // Asked before the keys are read: a change in between is found the next time.
    let revision = try store.revision()
    if state.update({ $0.revision != revision }) {
      let keys = try store.read().keys
      let named = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
      state.update { state in
        (state.keys, state.revision) = (named, revision)
        state.buckets = state.buckets.filter { named[$0.key] != nil }
        if need == .onceThereAreKeys, !named.isEmpty { state.needsKey = true }
      }
    }
    try refreshSessions(at: date)
  }

  private func refreshSessions(at date: Int) throws(Fault) {
    state.update { state in state.ended.prune(at: date) { [keys = state.keys] in keys[$0] != nil } }
    guard let sessions else { return }
    let revision = try sessions.revision()
    guard state.update({ $0.endedRevision != revision }) else { return }
    let ended = try sessions.ended(at: date)
    state.update { state in
      for session in ended { state.ended.add(session) }
      state.endedRevision = revision
    }
  }
}
