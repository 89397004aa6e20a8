/// What stands before the body of a request: its method and header fields.
public struct UploadHead: Sendable {
  /// What a request speaks about.
  public enum Place: Sendable, Hashable {
    /// Where uploads are made.
    case collection
    /// One upload.
    case upload
  }

  public var method: String
  public var place: Place
  public var fields: [(name: String, value: String)]
  /// Bytes of the body, `nil` where they are not announced.
  public var bodyByteCount: Int?

  public init(
    _ method: String, _ place: Place, fields: [(name: String, value: String)] = [], bodyByteCount: Int? = 0
  ) {
    (self.method, self.place, self.fields, self.bodyByteCount) = (method, place, fields, bodyByteCount)
  }

  /// The field's value, whatever the case of its name; `nil` where it does not stand.
  subscript(_ name: String) -> String? {
    let wanted = name.lowercased()
    return fields.first { $0.name.lowercased() == wanted }.map { Self.trimmed($0.value) }
  }

  func has(_ name: String) -> Bool { self[name] != nil }

  /// The method that is meant: clients that can only send GET and POST name another one in a field.
  ///
  /// Only a method that changes something is taken for another one, so that neither a link nor a picture's address ever deletes anything,
  /// and what a session must show for changes is asked for.
  var meantMethod: String {
    guard ["POST", "PATCH", "DELETE"].contains(method), let other = self["X-HTTP-Method-Override"] else {
      return method
    }
    return other.uppercased()
  }

  /// A whole number from 0, in decimal digits alone; `nil` where the field is another thing.
  static func number(_ text: String) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int(text)
  }

  private static func trimmed(_ text: String) -> String {
    let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let bytes = text.utf8.drop(while: isBlank)
    return String(decoding: bytes.reversed().drop(while: isBlank).reversed(), as: UTF8.self)
  }
}
