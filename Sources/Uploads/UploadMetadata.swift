internal import Base

/// What a client says of a file beside its bytes: names and values, in its own order.
public struct UploadMetadata: Sendable, Hashable {
  public struct Entry: Sendable, Hashable {
    public let key: String
    public let value: [UInt8]
  }

  public private(set) var entries: [Entry] = []
  /// As the client wrote it, for the answer to HEAD.
  public private(set) var field = ""

  private static let mostBytes = 8 << 10

  public init() {}

  /// Reads `Upload-Metadata`: pairs of a name and a value in base 64 with commas between; a value may be missing.
  public init(field text: String) throws(UploadRefusal) {
    guard text.utf8.count <= Self.mostBytes else {
      throw UploadRefusal(400, "Upload-Metadata is longer than \(Self.mostBytes) bytes")
    }
    field = text
    guard !text.isEmpty else { return }
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = pair.split(separator: " ", omittingEmptySubsequences: true)
      guard (1...2).contains(words.count), words[0].utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
        throw UploadRefusal(400, "Upload-Metadata is names in ASCII, each with a value in base 64, with commas between")
      }
      guard let value = words.count == 2 ? Base64.decode(String(words[1])) : [] else {
        throw UploadRefusal(400, "the value of '\(words[0])' in Upload-Metadata is not base 64")
      }
      guard self[String(words[0])] == nil else {
        throw UploadRefusal(400, "'\(words[0])' stands in Upload-Metadata twice")
      }
      entries.append(Entry(key: String(words[0]), value: value))
    }
  }

  public subscript(_ key: String) -> [UInt8]? { entries.first { $0.key == key }?.value }

  /// The value where it is text.
  public func text(_ key: String) -> String? { self[key].flatMap { String(validating: $0, as: UTF8.self) } }
}
