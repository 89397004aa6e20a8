import Base

/// A fault as programs read it: `{"error":{"code":"not-found","message":"…"}}`.
enum ErrorJSON {
  /// The member alone, inside an object that is open.
  static func write(_ fault: Fault, into json: inout JSONWriter) {
    json.key("error")
    json.beginObject()
    json.key("code")
    json.string(fault.kind.rawValue)
    json.key("message")
    json.string(fault.message)
    json.endObject()
  }

  /// Standard output of a command that was to answer in JSON and failed altogether.
  static func text(_ fault: Fault) -> String {
    var json = JSONWriter()
    json.beginObject()
    write(fault, into: &json)
    json.endObject()
    json.newline()
    return String(decoding: json.bytes, as: UTF8.self)
  }
}
