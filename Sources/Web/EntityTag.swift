/// A validator of a representation: the value of an `ETag` (RFC 9110, 8.8.3).
public struct EntityTag: Sendable, Hashable {
  /// Between the quotes.
  public let opaque: String
  /// Whether representations of this tag only mean the same, and may differ in their bytes.
  public let isWeak: Bool

  /// `opaque` holds no quotes, blanks or control characters: a digest in hexadecimal does.
  public init(_ opaque: String, isWeak: Bool = false) {
    precondition(opaque.utf8.allSatisfy(Self.isOfTag), "'\(opaque)' cannot be an entity tag")
    (self.opaque, self.isWeak) = (opaque, isWeak)
  }

  /// As headers write it: `"abc"` or `W/"abc"`; `nil` for anything else.
  public init?(header: some StringProtocol) {
    let isWeak = header.hasPrefix("W/")
    let rest = Substring(isWeak ? header.dropFirst(2) : header[...])
    let inner = rest.dropFirst().dropLast()
    guard rest.utf8.count >= 2, rest.utf8.first == 0x22, rest.utf8.last == 0x22, inner.utf8.allSatisfy(Self.isOfTag)
    else { return nil }
    (opaque, self.isWeak) = (String(inner), isWeak)
  }

  /// For the header `ETag`.
  public var text: String { "\(isWeak ? "W/" : "")\"\(opaque)\"" }

  /// Whether both stand for the same bytes: the strong comparison, of `If-Match` and `If-Range`.
  public func isSame(as other: EntityTag) -> Bool { !isWeak && !other.isWeak && opaque == other.opaque }

  /// Whether both stand for the same meaning: the weak comparison, of `If-None-Match`.
  public func means(_ other: EntityTag) -> Bool { opaque == other.opaque }

  private static func isOfTag(_ byte: UInt8) -> Bool { byte == 0x21 || (0x23...0x7e).contains(byte) || byte >= 0x80 }
}

/// The values of `If-Match` or `If-None-Match`: a list of tags, or `*` for whatever there is.
public enum EntityTagList: Sendable, Hashable {
  case any
  case tags([EntityTag])

  /// All headers of that name; `nil` where there is none.
  ///
  /// What is no tag matches nothing.
  public init?(_ headers: [String]) {
    guard !headers.isEmpty else { return nil }
    if headers.count == 1, headers[0][...].trimmed == "*" {
      self = .any
      return
    }
    self = .tags(headers.flatMap(EntityTagList.split).compactMap { EntityTag(header: $0) })
  }

  /// Whether one of them stands for the same bytes; `nil` for what does not exist.
  public func isSame(as tag: EntityTag?) -> Bool {
    guard let tag else { return false }
    return switch self {
    case .any: true
    case .tags(let tags): tags.contains { $0.isSame(as: tag) }
    }
  }

  /// Whether one of them means the same.
  public func means(_ tag: EntityTag?) -> Bool {
    guard let tag else { return false }
    return switch self {
    case .any: true
    case .tags(let tags): tags.contains { $0.means(tag) }
    }
  }

  /// At commas, but not those inside of tags.
  private static func split(_ header: String) -> [Substring] {
    var (words, isQuoted, start) = ([Substring](), false, header.startIndex)
    for place in header.indices {
      switch header[place] {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        words.append(header[start..<place].trimmed)
        start = header.index(after: place)
      default: break
      }
    }
    return words + [header[start...].trimmed]
  }
}
