public import Base

/// What stands in a part of a bucket, and what of it is new since it was looked at before: a value, for the one who keeps it to hold or write down.
///
/// An object of S3 is whole once it is listed, so that nothing has to be waited for. It is new where its key, ETag or time is: also where
/// the same bytes were written anew.
public struct S3Listing: Sendable, Hashable {
  /// What the keys begin with, as they stand in the bucket.
  public let prefix: String
  /// By key: what an object that was taken is known by.
  public private(set) var known: [String: String]

  public init(prefix: String, known: [String: String] = [:]) { (self.prefix, self.known) = (prefix, known) }

  /// What an object is known by, to be compared: its ETag, size and time.
  public static func content(of entry: S3Entry) -> String { "\(entry.etag) \(entry.byteCount) \(entry.time)" }

  /// Lists the whole part once; gives what was not taken, the oldest first, and forgets what is gone.
  ///
  /// It is given again at the next look until it is ``take(_:)``n. Names that end in a slash, which stand for folders, are left out.
  /// A look that fails changes nothing.
  public mutating func look(_ client: S3Client) throws(Fault) -> [S3Entry] {
    var (new, there): ([S3Entry], [String: String]) = ([], [:])
    try client.forEachPage(prefix) { (page) throws(Fault) in
      for entry in page.entries where !entry.key.hasSuffix("/") {
        let content = Self.content(of: entry)
        if known[entry.key] == content { there[entry.key] = content } else { new.append(entry) }
      }
    }
    known = there
    return new.sorted { ($0.time, $0.key) < ($1.time, $1.key) }
  }

  /// It was dealt with, and is new only when it changes.
  public mutating func take(_ entry: S3Entry) { known[entry.key] = Self.content(of: entry) }
}
