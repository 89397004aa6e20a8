internal import Base

/// What a server's errors mean for the caller: the one table, by the code that an error begins with.
///
/// The server's words become the cause, except of a refused `AUTH`: a server may repeat there what it was sent.
enum RedisFailure {
  static func fault(_ text: String, _ place: String) -> Fault {
    let code = text.prefix { $0 != " " }
    func fault(_ kind: Fault.Kind, _ sentence: String) -> Fault { Fault(kind, "\(place): \(sentence)", cause: text) }
    switch code {
    case "NOAUTH", "WRONGPASS", "NOPERM": return denied(code, place, text)
    case "OOM": return fault(.exhausted, "Redis has no memory left (maxmemory): give it more, or remove what is done")
    case "LOADING": return fault(.unavailable, "Redis is starting and reads its data: try again in a moment")
    case "READONLY": return fault(.unavailable, "this Redis is a replica now: the primary is looked for")
    case "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "UNBLOCKED":
      return fault(.unavailable, "Redis is between two primaries, or lacks replicas: try again in a moment")
    case "MISCONF":
      return fault(.unavailable, "Redis cannot write its data to its disk, and so takes none: look at its log and disk")
    case "BUSY": return fault(.unavailable, "Redis is busy with a script of another: try again in a moment")
    case "MOVED", "ASK":
      return fault(.unsupported, "the keys lie on another server of this cluster: give the address of that one")
    default: break
    }
    if text.contains("ACL failure") { return denied("NOPERM", place, text) }
    if text.contains("max number of clients") {
      return fault(.unavailable, "Redis takes no more connections (maxclients): use fewer, or allow more")
    }
    if text.contains("DB index") { return fault(.badInput, "Redis has no database of this number") }
    if text.contains("unknown command") { return fault(.unsupported, "this server lacks a command that is needed") }
    return fault(.bug, "Redis refused what it was asked for")
  }

  /// Whether another connection may do better, so that this one is given up.
  static func endsConnection(_ text: String) -> Bool {
    ["READONLY", "MASTERDOWN", "LOADING", "UNBLOCKED", "NOAUTH"].contains { text.hasPrefix($0) }
  }

  /// Where a cluster keeps what was asked for, as `MOVED 3999 host:6381` says.
  static func newPlace(_ text: String) -> Substring? {
    let words = text.split(separator: " ")
    return words.count == 3 && words[0] == "MOVED" ? words[2] : nil
  }

  /// Of the answer to `AUTH`.
  static func refusedUser(_ text: String, _ place: String) -> Fault {
    let code = text.prefix { $0 != " " }
    let isTemporary = ["LOADING", "MASTERDOWN"].contains(String(code)) || text.contains("max number of clients")
    return isTemporary ? fault(text, place) : denied(code, place, nil)
  }

  private static func denied(_ code: Substring, _ place: String, _ text: String?) -> Fault {
    let sentence =
      switch code {
      case "NOAUTH": "Redis wants a user and a password: redis://user:password@host"
      case "NOPERM": "the user may not do this in Redis: docs/bus.md lists what a bus needs"
      default: "Redis refused the user or the password"
      }
    return Fault(.denied, "\(place): \(sentence)", cause: text)
  }
}
