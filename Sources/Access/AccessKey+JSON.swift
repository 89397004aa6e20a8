public import Base

extension AccessKey {
  /// Everything about a key that anybody may see, into an object that is open; the file adds the hash.
  public func write(into json: inout JSONWriter) {
    json.key("id")
    json.string(id)
    json.key("client")
    json.string(client)
    json.key("scopes")
    json.beginArray()
    for scope in scopes.list { json.string(scope.rawValue) }
    json.endArray()
    if let rate {
      json.key("rate")
      json.string(rate.text)
      json.key("burst")
      json.integer(rate.burst)
    }
    json.key("created")
    json.string(UTC.text(created))
    if let expires {
      json.key("expires")
      json.string(UTC.text(expires))
    }
    json.key("tail")
    json.string(tail)
  }
}
