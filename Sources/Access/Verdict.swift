public import Base

/// Who asks.
public struct Caller: Sendable, Hashable {
  /// The key's id; `nil` for a client on this machine that a server without keys lets in.
  public let key: String?
  public let client: String
  public let scopes: Scopes
  /// The person that the key is for, where one was named.
  public var user: String?
  /// Who it is, in records of who did what: the person, else the key, else the owner of the machine.
  public var name: String { user ?? key ?? "owner" }
  /// By which the caller was let in, where it was not by the key itself.
  public var session: Session?

  public init(key: String?, client: String, scopes: Scopes) {
    (self.key, self.client, self.scopes) = (key, client, scopes)
  }

  /// A client without a key, where none is needed: may do everything.
  public static let local = Caller(key: nil, client: "local", scopes: .all)
}

/// Whether a request may go on.
public enum Verdict: Sendable, Hashable {
  case allowed(Caller)
  case refused(Denial)
}

/// Why a request may not go on.
public enum Denial: Error, Sendable, Hashable {
  case noKey
  /// Misspelt, revoked, or never made.
  case unknownKey
  case expired(key: String, date: Int)
  /// Over, signed out, of a key that is gone, or never made; which of them is not told.
  case unknownSession
  /// A session's request that changes something, without the session's CSRF token.
  case noToken
  case scopeMissing(Scope, caller: Caller)
  /// The rate is used up for so many nanoseconds.
  case tooFast(Rate, key: String, wait: Int)

  /// Whole seconds after which it is worth trying again; 0 where waiting does not help.
  public var retryAfter: Int {
    guard case .tooFast(_, _, let wait) = self else { return 0 }
    return max(1, (wait + 999_999_999) / 1_000_000_000)
  }

  public var fault: Fault {
    switch self {
    case .noKey:
      Fault(.denied, "this needs a key, which 'ridley key create' on the server gives out")
    case .unknownKey:
      Fault(.denied, "the key is not known here: it is misspelt, was revoked, or belongs to another server")
    case .expired(let key, let date):
      Fault(.denied, "the key \(key) expired on \(UTC.text(date)): ask for a new one")
    case .unknownSession:
      Fault(.denied, "the session is over, or not known here: sign in again with a key")
    case .noToken:
      Fault(
        .denied,
        "this changes something and was asked with a session alone: show the session's CSRF token with it, too")
    case .scopeMissing(let scope, let caller):
      Fault(
        .denied,
        "the key \(caller.key ?? "") of \(caller.client) is for \(caller.scopes.text), and this needs \(scope.rawValue): 'ridley key create' on the server makes one that may"
      )
    case .tooFast(let rate, let key, _):
      Fault(
        .exhausted,
        "the key \(key) may be used \(rate.text), \(rate.burst) at once: try again in \(retryAfter) s")
    }
  }
}

/// The two clocks that a decision needs.
public struct Moment: Sendable, Hashable {
  /// Nanoseconds of a clock that never goes back.
  public var nanoseconds: Int
  /// Seconds since 1970.
  public var date: Int

  public init(nanoseconds: Int, date: Int) { (self.nanoseconds, self.date) = (nanoseconds, date) }
}
