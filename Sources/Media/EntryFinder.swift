internal import Base
internal import CFFmpeg

/// An opened file that stands before any packet that an index calls an entry.
///
/// Where a seek lands is told by the packets found there, never by what the container says.
final class EntryFinder {
  private let file: MediaFile
  private let index: FrameIndex
  private(set) var source: Source
  /// Entries by a number that is theirs wherever reading began; -1 where several share one.
  private let known: [Int: Int]
  /// The number of the packet that is read next; `nil` where a seek was lost.
  private(set) var next: Int? = 0

  init(_ file: MediaFile, _ index: FrameIndex, limits: DecodeLimits) throws(Fault) {
    (self.file, self.index) = (file, index)
    source = try Source(file, limits: limits)
    known = Dictionary(index.entries.enumerated().map { ($1.mark, $0) }) { _, _ in -1 }
  }

  /// The packet before ``next`` was read.
  func advance() { next = next.map { $0 + 1 } }

  /// Stands before an entry; false where the file does not lead there.
  ///
  /// Packets are read up to it from where the file stands, where that is near; with `seeking` the container is asked, else, and where
  /// it cannot tell, all is read from the start. `isAtEnd` says that the last packet was read.
  func go(to place: Int, seeking: Bool, isAtEnd: Bool = false) throws(Fault) -> Bool {
    let entry = index.entries[place]
    let isNear = next.map { (0...64).contains(entry.ordinal - $0) } ?? false
    if !(isNear && !isAtEnd || seeking && seek(place)) {
      source = try Source(file, limits: source.limits)
      next = 0
    }
    return skip(to: entry)
  }

  /// Lets the container go to the entry or before it, and finds out by the packets there where that is.
  private func seek(_ place: Int) -> Bool {
    var step = 0
    while step <= place, step < 64 {
      let wanted = index.entries[place - step]
      for timestamp in [wanted.pts, wanted.dts] {
        guard let timestamp, source.seek(to: timestamp), let found = land() else { continue }
        if found <= index.entries[place].ordinal { return true }
      }
      step = step * 2 + 1
    }
    next = nil
    return false
  }

  /// Reads to the first packet that is known for an entry and answers its number.
  private func land() -> Int? {
    next = nil
    for _ in 0..<600 {
      guard source.read() >= 0 else { return nil }
      let facts = source.packet.facts(ordinal: 0, coded: nil)
      if let place = known[FrameIndex.Entry(facts).mark], place >= 0, index.entries[place].isPacket(facts) {
        source.hold()
        next = index.entries[place].ordinal
        return next
      }
      source.packet.drop()
    }
    return nil
  }

  private func skip(to entry: FrameIndex.Entry) -> Bool {
    while let number = next, number < entry.ordinal {
      guard source.read() >= 0 else {
        next = nil
        return false
      }
      source.packet.drop()
      next = number + 1
    }
    return next == entry.ordinal
  }
}

extension FrameIndex.Entry {
  /// What a packet's facts say of an entry; its numbers are not known.
  init(_ facts: PacketFacts) {
    self.init(ordinal: 0, frame: 0, pts: facts.pts, dts: facts.dts, byteCount: facts.byteCount)
  }

  /// A number by which it is looked up.
  var mark: Int { pts ?? dts ?? byteCount }
}
