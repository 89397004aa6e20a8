/// A fault as programs read it: `{"error":{"code":"not-found","message":"…"}}`, from commands and over HTTP alike.
public enum FaultEnvelope {
  /// The whole object; `request` is the id by which the server's log tells of it.
  public static func json(_ fault: Fault, request: String? = nil) -> [UInt8] {
    var json = JSONWriter(capacity: 256)
    json.beginObject()
    write(fault, request: request, into: &json)
    json.endObject()
    return json.bytes
  }

  /// The member `error` alone, inside an object that is open.
  public static func write(_ fault: Fault, request: String? = nil, into json: inout JSONWriter) {
    json.key("error")
    json.beginObject()
    json.key("code")
    json.string(fault.kind.rawValue)
    json.key("message")
    json.string(fault.message)
    if let request {
      json.key("request")
      json.string(request)
    }
    json.endObject()
  }
}
