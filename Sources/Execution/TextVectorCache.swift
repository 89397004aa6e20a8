internal import Base
internal import Crypto

/// Vectors of many texts that outlive the process, such as those of a classifier's labels: some thousand texts take seconds.
///
/// Found by the texts and the network that gave them. What is damaged, or cannot be written, is as if it were not there.
struct TextVectorCache {
  private let path: String?
  private let texts: [String]

  /// Fewer are asked for anew each time.
  private static let fewest = 32
  /// Bytes, at most.
  private static let most = 1 << 28
  private static let magic = Array("RDLTEXT1".utf8)

  /// `folder` is that of compiled networks, and `nil` keeps nothing; `identity` is the network's, with who computes it in which precision.
  init(_ texts: [String], of identity: String, in folder: String?) {
    self.texts = texts
    guard let folder, texts.count >= Self.fewest else {
      path = nil
      return
    }
    let key = JSONWriter.array { json in
      json.string(identity)
      json.strings(texts)
    }
    path = "\(folder)/\(SHA256.hex(of: key)).texts"
  }

  /// In the order of the texts; `nil` where they were not kept.
  func read() -> [[Float]]? {
    guard let path, let bytes = try? FileSystem.read(path, limit: Self.most),
      bytes.count > Self.head, bytes.starts(with: Self.magic),
      SHA256.hex(of: Array(bytes[Self.head...])) == String(decoding: bytes[Self.magic.count..<Self.head], as: UTF8.self)
    else { return nil }
    let content = Array(bytes[Self.head...])
    let count = content.count / 4 / texts.count
    guard count > 0, content.count == 4 * count * texts.count else { return nil }
    return texts.indices.map { text in
      (0..<count).map { place in
        let start = 4 * (text * count + place)
        return Float(
          bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(content[start + $1]) << (8 * UInt32($1)) })
      }
    }
  }

  func write(_ vectors: [[Float]]) {
    guard let path, let count = vectors.first?.count, vectors.allSatisfy({ $0.count == count }) else { return }
    var content: [UInt8] = []
    content.reserveCapacity(4 * count * vectors.count)
    for vector in vectors {
      for number in vector {
        for place in 0..<4 { content.append(UInt8(truncatingIfNeeded: number.bitPattern >> (8 * UInt32(place)))) }
      }
    }
    let bytes = Self.magic + Array(SHA256.hex(of: content).utf8) + content
    try? FileSystem.write(bytes, to: path, isDurable: false)
  }

  /// The mark, and the digest of what follows, in letters.
  private static let head = 8 + 64
}
