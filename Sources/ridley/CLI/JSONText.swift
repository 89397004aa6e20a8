import Base

/// What commands print with `--json`: one object on one line.
enum JSONText {
  static func line(_ members: (inout JSONWriter) -> Void) -> String {
    String(decoding: JSONWriter.line(members), as: UTF8.self)
  }
}
