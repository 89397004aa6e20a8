/// The pattern of a route's path, such as `/v1/models/{model}`: literal segments and parameters, which take one segment each.
struct PathPattern: Sendable, Hashable {
  enum Segment: Sendable, Hashable {
    case literal(Substring)
    /// With its name.
    case parameter(String)
  }

  /// As OpenAPI, the access log and the metrics show it.
  let text: String
  let segments: [Segment]

  init(_ text: String) {
    guard let parts = PathPattern.segments(of: text), text == "/" || !text.hasSuffix("/") else {
      preconditionFailure("'\(text)' is no pattern of a path")
    }
    self.text = text
    segments = parts.map { part in
      guard part.hasPrefix("{"), part.hasSuffix("}") else { return .literal(part) }
      return .parameter(String(part.dropFirst().dropLast()))
    }
  }

  /// The names of its parameters, in order.
  var names: [String] { segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } } }

  /// The segments of a path as it was sent, decoded; one slash at its end changes nothing.
  ///
  /// `nil` where the path has none: it does not begin with a slash, is not well formed, or smuggles a slash into a segment.
  static func segments(of path: String) -> [Substring]? {
    guard path.utf8.first == UInt8(ascii: "/") else { return nil }
    var rest = path.utf8.dropFirst()
    if rest.last == UInt8(ascii: "/") { rest.removeLast() }
    guard !rest.isEmpty else { return [] }
    var segments: [Substring] = []
    for part in rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      guard let segment = PercentCoding.decode(Substring(part)), !segment.utf8.contains(UInt8(ascii: "/")) else {
        return nil
      }
      segments.append(segment)
    }
    return segments
  }
}
