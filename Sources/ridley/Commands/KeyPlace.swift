import Access
import Base
import ModelHub

/// Where keys are kept, and how they are shown.
enum KeyPlace {
  static let option = Option.value("keys", "FILE", "the file of keys (default keys.json in ridley's own folder)")

  /// The file that was named, else the one that `ridley serve` reads too.
  static func file(_ named: String?) throws(Fault) -> KeyFile {
    if let named { return KeyFile(named) }
    return KeyFile(try Hub.standard().store + "/keys.json")
  }

  /// What is known of a key, into an object that is open.
  static func write(_ key: AccessKey, into json: inout JSONWriter) {
    json.key("id")
    json.string(key.id)
    json.key("client")
    json.string(key.client)
    json.key("scopes")
    json.beginArray()
    for scope in key.scopes.list { json.string(scope.rawValue) }
    json.endArray()
    if let rate = key.rate {
      json.key("rate")
      json.string(rate.text)
      json.key("burst")
      json.integer(rate.burst)
    }
    json.key("created")
    json.string(UTC.text(key.created))
    if let expires = key.expires {
      json.key("expires")
      json.string(UTC.text(expires))
    }
    json.key("tail")
    json.string(key.tail)
  }

  static func text(_ rate: Rate?) -> String {
    guard let rate else { return "any" }
    return rate.burst == rate.count ? rate.text : "\(rate.text), \(rate.burst) at once"
  }
}
