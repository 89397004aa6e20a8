/// A fault as programs read it: `{"error":{"code":"not-found","message":"…"}}`, from commands and over HTTP alike.
public enum FaultEnvelope {
  /// The whole object; `request` is the id by which the server's log tells of it.
  public static func json(_ fault: Fault, request: String? = nil) -> [UInt8] {
    JSONWriter.object(capacity: 256) { write(fault, request: request, into: &$0) }
  }

  /// The member `error` alone, inside an object that is open.
  public static func write(_ fault: Fault, request: String? = nil, into json: inout JSONWriter) {
    json.object("error") { json in
      json.field("code", fault.kind.rawValue)
      json.field("message", fault.message)
      json.field("request", ifKnown: request)
    }
  }
}
