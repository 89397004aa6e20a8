public import Base

extension AccessKey {
  /// Everything about a key that is no secret, into an object that is open; the file adds the hash.
  public func write(into json: inout JSONWriter) {
    json.field("id", id)
    json.field("client", client)
    json.array("scopes") { for scope in scopes.list { $0.string(scope.rawValue) } }
    if let rate {
      json.field("rate", rate.text)
      json.field("burst", rate.burst)
    }
    json.field("created", UTC.text(created))
    json.field("expires", ifKnown: expires.map(UTC.text))
    json.field("tail", tail)
  }
}
