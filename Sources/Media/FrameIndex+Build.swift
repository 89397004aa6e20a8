public import Base
internal import CFFmpeg

extension FrameIndex {
  /// Reads every packet of the file, or decodes it where its packets do not tell enough.
  public init(_ path: String, limits: DecodeLimits = DecodeLimits()) throws(Fault) {
    try self.init(MediaFile(path), limits: limits)
  }

  /// Reads every packet of the file; `nil` where its packets do not tell the frames.
  public static func ofPackets(_ path: String) throws(Fault) -> FrameIndex? {
    try fromPackets(MediaFile(path), DecodeLimits())
  }

  init(_ file: MediaFile, limits: DecodeLimits) throws(Fault) {
    if let index = try FrameIndex.fromPackets(file, limits) {
      self = index
    } else {
      self = try FrameIndex.byDecoding(file, limits)
    }
  }

  /// `nil` where packets do not tell the frames.
  static func fromPackets(_ file: MediaFile, _ limits: DecodeLimits) throws(Fault) -> FrameIndex? {
    let source = try Source(file, limits: limits)
    let stamp = try SourceStamp(file)
    source.indexer = FrameIndexer(source, stamp)
    while source.indexer != nil, source.read() >= 0 { source.packet.drop() }
    return source.indexer?.index.map { FrameIndex($0, of: stamp) }
  }

  static func byDecoding(_ file: MediaFile, _ limits: DecodeLimits) throws(Fault) -> FrameIndex {
    let reader = try MediaReader(file, limits: limits)
    var index = FrameIndex(source: try SourceStamp(file), timeBase: reader.info.timeBase)
    while let frame = try reader.next() {
      let place = FramePlace(index: frame.index, pts: frame.pts, time: frame.time)
      index.add(place, packet: nil, isKey: frame.isKeyFrame)
    }
    return index
  }
}

extension Range<Int> {
  /// The first number for which it holds, where it holds for all behind it too; `nil` for an empty range.
  func partitioningIndex(_ holds: (Int) -> Bool) -> Int? {
    isEmpty ? nil : partitioningIndex(where: holds)
  }

  /// The last number for which it holds, where it holds for all before it too.
  func lastIndex(upTo holds: (Int) -> Bool) -> Int? {
    partitioningIndex { !holds($0) }.flatMap { $0 > lowerBound ? $0 - 1 : nil }
  }
}

extension [UInt32] {
  /// Is it there? The numbers rise.
  func contains(sorted number: UInt32) -> Bool {
    guard let place = indices.partitioningIndex({ self[$0] >= number }) else { return false }
    return place < count && self[place] == number
  }
}
