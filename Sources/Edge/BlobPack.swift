public import Base
internal import JSON
internal import Objects

/// Small objects that go in one message, each whole: what bounds many small ones is how many messages there are.
///
/// A line of JSON that names them, and then the bytes of one after the other.
public struct BlobPack: Sendable, Hashable {
  public struct Blob: Sendable, Hashable {
    /// SHA-256 of the bytes, as the sender has it.
    public let digest: String
    public let bytes: [UInt8]

    public init(digest: String, bytes: [UInt8]) { (self.digest, self.bytes) = (digest, bytes) }
  }

  public var blobs: [Blob] = []

  /// As many as the entries of one transaction are about.
  static let most = LedgerImport.most

  public init(_ blobs: [Blob] = []) { self.blobs = blobs }

  var byteCount: Int { blobs.reduce(0) { $0 + $1.bytes.count } }

  private enum HeadKey: String, CaseIterable { case objects }
  private enum Key: String, CaseIterable { case digest, bytes }

  public var bytes: [UInt8] {
    let head = JSONWriter.line { json in
      json.array("objects") { json in
        for blob in blobs {
          json.object { json in
            json.field("digest", blob.digest)
            json.field("bytes", blob.bytes.count)
          }
        }
      }
    }
    return blobs.reduce(into: head) { $0 += $1.bytes }
  }

  /// Reads what ``bytes`` wrote; the fault is `badInput` for anything else, such as a message that was cut.
  public init(_ bytes: [UInt8]) throws(Fault) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { throw Self.cut }
    let head = try JSONDocument(parsing: Array(bytes[..<end]).span.bytes, name: "the head of a message of objects")
    let fields = try head.root.fields(HeadKey.self, others: .ignored)
    var place = end + 1
    for value in try fields.required(.objects).elements() {
      guard blobs.count < Self.most else { throw value.fault("a message has at most \(Self.most) objects") }
      let fields = try value.fields(Key.self, others: .ignored)
      let count = try fields.required(.bytes).integer(in: 1 ... .max)
      guard count <= bytes.count - place else { throw Self.cut }
      blobs.append(
        Blob(digest: try LedgerEntry.digest(fields.required(.digest)), bytes: Array(bytes[place..<place + count])))
      place += count
    }
    guard place == bytes.count, !blobs.isEmpty else { throw Self.cut }
  }

  private static let cut = Fault(.badInput, "a message of objects was cut on its way: it is sent again")
}

/// What a centre says to a message of objects: of each, in their order, that it is whole there, or why not.
public struct BlobPackAnswer: Sendable, Hashable {
  public let states: [BlobInbox.State]

  public init(_ states: [BlobInbox.State]) { self.states = states }

  private enum HeadKey: String, CaseIterable { case objects }
  private enum Key: String, CaseIterable { case whole, refusal }

  public var json: [UInt8] {
    JSONWriter.object { json in
      json.array("objects") { json in
        for state in states {
          json.object { json in
            json.field("whole", state == .whole)
            if case .refused(let reason) = state { json.field("refusal", reason) }
          }
        }
      }
    }
  }

  /// Reads what ``json`` wrote, for so many objects; anything else is a fault.
  public init(_ body: [UInt8], of count: Int) throws(Fault) {
    let document = try JSONDocument(parsing: body.span.bytes, name: "the centre's answer to objects")
    var states: [BlobInbox.State] = []
    for value in try document.root.fields(HeadKey.self, others: .ignored).required(.objects).elements() {
      let fields = try value.fields(Key.self, others: .ignored)
      let isWhole = try fields.required(.whole).bool()
      states.append(isWhole ? .whole : .refused(try fields.required(.refusal).string()))
    }
    guard states.count == count else {
      throw Fault(.badInput, "the centre says of \(states.count) objects whether they came, and \(count) were sent")
    }
    self.states = states
  }
}
