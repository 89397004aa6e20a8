import Base
import TestKit
import Testing

@testable import Access

/// Signed-out sessions in memory, as a library keeps them.
final class SessionShelf: SessionStore {
  private let sessions = Monitor<[EndedSession]>([])

  func revision() -> String { sessions.update { "\($0.count)" } }
  func ended(at date: Int) -> [EndedSession] { sessions.update { $0.filter { $0.expires > date } } }
  func end(_ session: EndedSession, at date: Int) { sessions.update { $0.append(session) } }
}

struct SessionTests {
  let folder = TemporaryFolder()
  private var file: KeyFile { KeyFile(folder.file("keys.json")) }
  private let now = Moment(nanoseconds: 1_000_000_000, date: 1_800_000_000)

  private func make(_ request: KeyRequest) throws -> NewKey {
    var system = SystemRandomNumberGenerator()
    return try file.change(stillWanted: { true }) { $0.create(request, at: 1_700_000_000, using: &system) }
  }

  private func signIn(_ ring: KeyRing, _ key: NewKey) throws -> (session: Session, text: String) {
    guard case .allowed(let caller) = ring.authorize(.key(key.text), for: nil, at: now) else {
      throw Fault(.denied, "the key is not taken")
    }
    var system = SystemRandomNumberGenerator()
    return try #require(ring.signIn(caller, at: now.date, using: &system))
  }

  private func caller(_ verdict: Verdict) -> Caller? {
    guard case .allowed(let caller) = verdict else { return nil }
    return caller
  }

  @Test("A session is its key: client, scopes and person, at any server that knows the key")
  func isKey() throws {
    let key = try make(KeyRequest(client: "acme", user: "Ada", scopes: Scopes([.read, .write])))
    let new = try signIn(try KeyRing(file, needsKey: true), key)
    let again = try KeyRing(file, needsKey: true)
    let found = try #require(caller(again.authorize(.session(new.text, .notNeeded), for: .read, at: now)))
    #expect(found.client == "acme" && found.user == "Ada" && found.scopes == key.key.scopes)
    #expect(found.key == key.key.id && found.session == new.session)
    let verdict = again.authorize(.session(new.text, .notNeeded), for: .admin, at: now)
    #expect(verdict == .refused(.scopeMissing(.admin, caller: found)))
  }

  @Test("What changes something needs the session's own CSRF token")
  func csrf() throws {
    let ring = try KeyRing(file, needsKey: true)
    let key = try make(KeyRequest(client: "acme", scopes: .all))
    try ring.refresh()
    let (first, second) = (try signIn(ring, key), try signIn(ring, key))
    for token in [nil, "", second.session.csrf, String(first.session.csrf.dropLast()), first.text] {
      #expect(ring.authorize(.session(first.text, .token(token)), for: .write, at: now) == .refused(.noToken))
    }
    #expect(caller(ring.authorize(.session(first.text, .token(first.session.csrf)), for: .write, at: now)) != nil)
  }

  @Test("It ends after twelve hours, with its key where that is earlier, and with the key's revocation")
  func ends() throws {
    let long = try make(KeyRequest(client: "acme", scopes: .all))
    let short = try make(KeyRequest(client: "acme", scopes: .all, expires: now.date + 60))
    let ring = try KeyRing(file, needsKey: true)
    for (key, seconds) in [(long, Session.lifetime), (short, 60)] {
      let new = try signIn(ring, key)
      #expect(new.session.expires == now.date + seconds)
      var moment = now
      moment.date += seconds - 1
      #expect(caller(ring.authorize(.session(new.text, .notNeeded), for: nil, at: moment)) != nil)
      moment.date += 1
      #expect(ring.authorize(.session(new.text, .notNeeded), for: nil, at: moment) == .refused(.unknownSession))
    }
    let new = try signIn(ring, long)
    _ = try file.change(stillWanted: { true }) { (list) throws(Fault) in try list.revoke(long.key.id) }
    try ring.refresh()
    #expect(ring.authorize(.session(new.text, .notNeeded), for: nil, at: now) == .refused(.unknownSession))
  }

  @Test("Signed out it is over here at once, and elsewhere and after a restart where that is kept")
  func signOut() throws {
    let (key, shelf) = (try make(KeyRequest(client: "acme", scopes: .all)), SessionShelf())
    let here = try KeyRing(file, sessions: shelf, need: .always)
    let there = try KeyRing(file, sessions: shelf, need: .always)
    let (new, other) = (try signIn(here, key), try signIn(here, key))
    try here.signOut(new.session, at: now.date)
    try there.refresh(at: now.date)
    for ring in [here, there, try KeyRing(file, sessions: shelf, need: .always)] {
      #expect(ring.authorize(.session(new.text, .notNeeded), for: nil, at: now) == .refused(.unknownSession))
      #expect(caller(ring.authorize(.session(other.text, .notNeeded), for: nil, at: now)) != nil)
    }
  }

  @Test("No change of a single byte, and nothing shorter or longer, is taken for a session")
  func tampered() throws {
    let key = try make(KeyRequest(client: "acme", scopes: .all))
    let ring = try KeyRing(file, needsKey: true)
    let text = try signIn(ring, key).text
    for index in text.indices {
      for letter in "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF.-+ é" where letter != text[index] {
        var other = text
        other.replaceSubrange(index...index, with: String(letter))
        let verdict = ring.authorize(.session(other, .notNeeded), for: nil, at: now)
        #expect(verdict == .refused(.unknownSession), "\(other)")
      }
      let short = String(text[..<index])
      #expect(ring.authorize(.session(short, .notNeeded), for: nil, at: now) == .refused(.unknownSession))
    }
    for other in [text + "0", text + ".", " " + text, text + text, text.uppercased(), key.text] {
      #expect(ring.authorize(.session(other, .notNeeded), for: nil, at: now) == .refused(.unknownSession))
    }
  }

  @Test("Its requests use up the key's rate; those without the token do not")
  func rates() throws {
    let rate = Rate(3, per: .hour)
    let key = try make(KeyRequest(client: "acme", scopes: .all, rate: rate))
    let ring = try KeyRing(file, needsKey: true)
    let new = try signIn(ring, key)
    for _ in 0..<9 { _ = ring.authorize(.session(new.text, .token("no")), for: .write, at: now) }
    for _ in 0..<2 { #expect(caller(ring.authorize(.session(new.text, .notNeeded), for: .read, at: now)) != nil) }
    for credential in [Credential.session(new.text, .notNeeded), .key(key.text)] {
      guard case .refused(.tooFast) = ring.authorize(credential, for: .read, at: now) else {
        return #expect(Bool(false), "the rate is not one")
      }
    }
  }

  @Test("Where no key is needed a session that is over is as none; once there are keys it is refused, also without any")
  func open() throws {
    let never = try KeyRing(file, need: .never)
    #expect(never.authorize(.session("old", .notNeeded), for: .read, at: now) == .allowed(.local))
    let ring = try KeyRing(file, need: .onceThereAreKeys)
    #expect(ring.authorize(.none, for: .read, at: now) == .allowed(.local))
    let key = try make(KeyRequest(client: "acme", scopes: .all))
    try ring.refresh()
    #expect(ring.authorize(.none, for: .read, at: now) == .refused(.noKey))
    #expect(ring.authorize(.session("old", .notNeeded), for: .read, at: now) == .refused(.unknownSession))
    _ = try file.change(stillWanted: { true }) { (list) throws(Fault) in try list.revoke(key.key.id) }
    try ring.refresh()
    #expect(ring.authorize(.none, for: .read, at: now) == .refused(.noKey), "the last key's end opens nothing")
  }

  @Test("No more sessions of a key are kept as signed out than a limit, and room comes with time")
  func bounded() {
    var ended = EndedSessions()
    for number in 0..<EndedSessions.mostOfKey {
      #expect(ended.hasRoom(for: "a"))
      ended.add(EndedSession(key: "a", nonce: "\(number)", expires: number))
    }
    #expect(!ended.hasRoom(for: "a") && ended.hasRoom(for: "b"))
    ended.prune(at: 1) { _ in true }
    #expect(ended.hasRoom(for: "a"))
  }
}
