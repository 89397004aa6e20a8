public import Base
internal import Items

/// One stored video or picture of one client.
public struct Asset: Sendable, Hashable {
  public enum State: String, Sendable, Hashable, CaseIterable {
    /// Its bytes are there, and no analysis.
    case stored
    case analysed
    /// The last analysis came to nothing: see ``Asset/reason``.
    case failed
  }

  public let id: ULID
  public var group: AssetGroup
  /// As the file was called, without its folders.
  public var name: String
  public var tags: [String] = []
  public var state = State.stored
  /// Why its last analysis failed.
  public var reason: String?
  /// SHA-256 of its bytes, 64 hexadecimal digits.
  public let object: String
  public let byteCount: Int
  public let media: MediaFacts
  /// When it came in, in milliseconds since 1970.
  public let added: Int
  /// When the picture was taken, likewise, where that is known.
  public var captured: Int?
  /// SHA-256 of a JPEG of it.
  public var thumbnail: String?
  /// How many analyses it has.
  public var analysisCount = 0
  /// Of which stream, and of when, where it was recorded here.
  public var recording: Recording?
  /// When its bytes were removed by the rules of keeping, in milliseconds since 1970, though what was found in it stays.
  public var removed: Int?
  /// The node at the edge that forwarded what it found in it, where that alone has its bytes.
  public var node: String?
  /// Bytes of its analyses and of its thumbnail that a node forwarded, which count for its client beside its own.
  public var foundByteCount = 0

  public init(
    id: ULID, group: AssetGroup, name: String, object: String, byteCount: Int, media: MediaFacts, added: Int
  ) {
    (self.id, self.group, self.name) = (id, group, name)
    (self.object, self.byteCount, self.media, self.added) = (object, byteCount, media, added)
  }

  /// Its bytes are here.
  public var hasBytes: Bool { removed == nil && node == nil }

  /// Whether it came from a node at the edge, as what was recorded there or as what was found in it.
  public func isOf(node name: String) -> Bool {
    node?.hasSameBytes(as: name) ?? recording?.stream.utf8.starts(with: (name + "/").utf8) ?? false
  }

  /// The same with its bytes, which its node sent.
  public func arrived(byteCount: Int, _ facts: MediaFacts) -> Asset {
    var asset = Asset(
      id: id, group: group, name: name, object: object, byteCount: byteCount, media: facts, added: added)
    (asset.tags, asset.state, asset.reason, asset.captured) = (tags, state, reason, captured)
    (asset.thumbnail, asset.analysisCount, asset.recording) = (thumbnail, analysisCount, recording)
    asset.foundByteCount = foundByteCount
    return asset
  }

  /// The same without its bytes, as which it is kept for the sake of what was found in it.
  public func removed(at moment: Int) -> Asset {
    var asset = Asset(id: id, group: group, name: name, object: object, byteCount: 0, media: media, added: added)
    (asset.tags, asset.state, asset.reason, asset.captured) = (tags, state, reason, captured)
    (asset.thumbnail, asset.analysisCount, asset.recording, asset.removed) = (
      thumbnail, analysisCount, recording, moment
    )
    asset.foundByteCount = foundByteCount
    return asset
  }

  public static let mostTags = 20
  public static let mostNameBytes = 255

  /// Faults are `badInput`.
  public func check() throws(Fault) { try Self.check(group, name: name, tags: tags) }

  /// What may be said of an asset.
  public static func check(_ group: AssetGroup, name: String, tags: [String]) throws(Fault) {
    try group.check()
    let isPlain = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
    guard (1...mostNameBytes).contains(name.utf8.count), isPlain else {
      throw Fault(.badInput, "an asset's name has 1 to \(mostNameBytes) bytes and no control characters")
    }
    // Programs save assets under their names.
    guard ![".", ".."].contains(name), !name.utf8.contains(UInt8(ascii: "/")) else {
      throw Fault(
        .badInput, "'\(name.prefix(60))' names a folder: an asset is called as a file is, without its folders")
    }
    guard tags.count <= mostTags else {
      throw Fault(.badInput, "\(tags.count) tags: an asset has at most \(mostTags)")
    }
    guard Set(tags.map { Array($0.utf8) }).count == tags.count else {
      throw Fault(.badInput, "a tag stands twice among \(tags.joined(separator: ", "))")
    }
    for tag in tags { try AssetGroup.check(name: tag, "a tag") }
  }
}

/// What a file was found to be when it was added.
public struct MediaFacts: Sendable, Hashable {
  public var isPicture: Bool
  /// Of the upright picture, in pixels.
  public var size: Size
  /// Seconds; `nil` for pictures and where it is not known.
  public var duration: Double?
  public var codec: String
  public var format: String
  /// Frames a second, on average; 0/0 where it is not known.
  public var frameRate: Ratio
  /// Matrix, range, primaries and transfer of its colours, as its file says them.
  public var color: String
  /// How the coded picture is turned to be upright.
  public var rotation: String

  public init(
    isPicture: Bool, size: Size, duration: Double?, codec: String, format: String, frameRate: Ratio, color: String,
    rotation: String
  ) {
    (self.isPicture, self.size, self.duration, self.codec) = (isPicture, size, duration, codec)
    (self.format, self.frameRate, self.color, self.rotation) = (format, frameRate, color, rotation)
  }

  /// For totals.
  public var milliseconds: Int {
    guard let duration, duration.isFinite, duration > 0, duration < 1e12 else { return 0 }
    return Int((duration * 1000).rounded())
  }
}
