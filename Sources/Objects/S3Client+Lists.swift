public import Base
internal import XML

extension S3Client {
  /// A part of a list.
  public struct Page: Sendable {
    public let entries: [S3Entry]
    /// Keys that are no UTF-8, as the service writes them: nothing can be asked of them here.
    public let unreadable: [String]
    /// What stands below a name that ends at the delimiter.
    public let folders: [String]
    /// Gives the next part; `nil` at the end.
    public let next: String?
    /// The service's clock.
    let date: Int?
  }

  /// Objects whose keys begin with `prefix`, by the order of their keys' bytes.
  public func list(
    _ prefix: String, after token: String? = nil, startingAfter key: String? = nil, delimiter: String? = nil,
    limit: Int = 1000
  ) throws(Fault) -> Page {
    // Keys may hold what XML cannot.
    var query = [
      (name: "list-type", value: "2"), ("prefix", prefix), ("max-keys", "\(limit)"), ("encoding-type", "url"),
    ]
    if let token { query.append(("continuation-token", token)) }
    if let key { query.append(("start-after", key)) }
    if let delimiter { query.append(("delimiter", delimiter)) }
    let answer = try get(S3Request("GET", nil, query), to: "list objects")
    let root = try Self.root(answer, "ListBucketResult")
    let isEncoded = root.text(of: "EncodingType") == "url"
    var (entries, unreadable) = ([S3Entry](), [String]())
    for element in root.all("Contents") {
      guard let text = element.text(of: "Key") else { throw Self.odd("a list with an entry that has no key") }
      guard let key = isEncoded ? PercentEncoding.decode(text) : text else {
        unreadable.append(text)
        continue
      }
      entries.append(try Self.entry(element, key))
    }
    let folders = root.all("CommonPrefixes").compactMap { $0.text(of: "Prefix") }
      .map { isEncoded ? PercentEncoding.decode($0) ?? $0 : $0 }
    let hasMore = root.text(of: "IsTruncated") == "true"
    let next = root.text(of: "NextContinuationToken")
    guard !hasMore || next?.isEmpty == false else { throw Self.odd("a list that does not say how it goes on") }
    return Page(
      entries: entries, unreadable: unreadable, folders: folders, next: hasMore ? next : nil, date: answer.date)
  }

  /// All of them, one after the other.
  func forEachPage(_ prefix: String, _ body: (Page) throws(Fault) -> Void) throws(Fault) {
    try forEachPage(prefix, startingAfter: nil) { (page) throws(Fault) in
      try body(page)
      return true
    }
  }

  /// Those behind a key, as long as the body answers `true`.
  public func forEachPage(
    _ prefix: String, startingAfter key: String?, _ body: (Page) throws(Fault) -> Bool
  ) throws(Fault) {
    var token: String?
    repeat {
      let page = try list(prefix, after: token, startingAfter: token == nil ? key : nil)
      guard try body(page) else { return }
      guard page.next == nil || page.next != token else { throw Self.odd("a list without an end") }
      token = page.next
    } while token != nil
  }

  private static func entry(_ element: XMLElement, _ key: String) throws(Fault) -> S3Entry {
    guard let byteCount = element.text(of: "Size").flatMap({ Int($0) }),
      let time = element.text(of: "LastModified").flatMap({ S3Time.seconds($0) })
    else { throw odd("a list with an entry that has no size or time") }
    let etag = (element.text(of: "ETag") ?? "").filter { $0 != "\"" }
    return S3Entry(key: key, byteCount: byteCount, etag: etag, time: time)
  }

  static func root(_ answer: ServerAnswer, _ name: String) throws(Fault) -> XMLElement {
    let root: XMLElement
    do { root = try XMLElement(document: answer.body) } catch { throw odd(error.message) }
    guard root.name == name else { throw odd("\(root.name) and not \(name)") }
    return root
  }

  static func odd(_ what: String) -> Fault {
    Fault(.unavailable, "the S3 service answers what it should not: \(what)")
  }
}
