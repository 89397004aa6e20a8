/// Sessions that were signed out, for as long as their texts would still be taken.
struct EndedSessions: Sendable {
  /// Of one key; more than a person signs out in the twelve hours of a session.
  static let mostOfKey = 10_000

  /// By key, then by nonce: when they would have been over.
  private var keys: [String: [String: Int]] = [:]

  func contains(_ session: Session) -> Bool { keys[session.key]?[session.nonce] != nil }

  func hasRoom(for key: String) -> Bool { keys[key, default: [:]].count < Self.mostOfKey }

  mutating func add(_ session: EndedSession) { keys[session.key, default: [:]][session.nonce] = session.expires }

  /// Forgets those that are over by a date in seconds since 1970, and those of keys that are not there any more.
  mutating func prune(at date: Int, isKey: (String) -> Bool) {
    keys = keys.filter { isKey($0.key) }.mapValues { $0.filter { $0.value > date } }.filter { !$0.value.isEmpty }
  }
}
