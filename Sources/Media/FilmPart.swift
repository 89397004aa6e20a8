internal import Base

/// Some frames of a film that follow each other, and the packets that they are made of, by its index.
struct FilmPart {
  let index: FrameIndex
  /// Numbers of the frames.
  let frames: Range<Int>
  /// The entry before which reading begins; `nil` for the first packet of the film.
  let place: Int?
  /// Packets from this part's first one up to the first of the next part; each packet of a film lies in one part.
  let packets: Range<Int>
  /// Pictures behind the first and behind the last packet that are shown before them, and so belong to the part before.
  private let (head, tail): (Range<Int>, Range<Int>)

  var firstPacket: Int { packets.lowerBound }
  /// It ends where the film ends.
  var isLast: Bool { frames.upperBound == index.count }

  /// `nil` where decoding cannot begin with the first frame, or with the one behind the last.
  init?(_ index: FrameIndex, _ frames: Range<Int>) {
    guard index.isFromPackets, frames.lowerBound >= 0, !frames.isEmpty, frames.upperBound <= index.count else {
      return nil
    }
    func entry(_ number: Int) -> Int? {
      index.entry(for: number).flatMap { index.entries[$0].frame == number ? $0 : nil }
    }
    let (first, behind) = (entry(frames.lowerBound), entry(min(frames.upperBound, index.count - 1)))
    let (isWhole, isLast) = (frames.lowerBound == 0, frames.upperBound == index.count)
    guard isWhole || first != nil, isLast || behind != nil else { return nil }
    (self.index, self.frames, place) = (index, frames, isWhole ? nil : first)
    let start = isWhole ? 0 : index.entries[first!].ordinal
    let end = isLast ? index.frames.count : index.entries[behind!].ordinal
    guard start < end else { return nil }
    packets = start..<end
    head = isWhole ? 0..<0 : index.leading(first!)
    tail = isLast ? 0..<0 : index.leading(behind!)
  }

  /// The packet is behind the part's first one and makes a picture of the part before, which cannot come out right here.
  func leansBack(_ ordinal: Int) -> Bool {
    place.map { index.frames.indices.contains(ordinal) && index.leansBack(ordinal, over: index.entries[$0]) } ?? false
  }

  /// The packet may be decoded for this part and for another one.
  func isShared(_ ordinal: Int) -> Bool { head.contains(ordinal) || tail.contains(ordinal) }
}

extension FrameIndex {
  /// An entry's packet and those behind it up to the last picture that is shown before the entry.
  fileprivate func leading(_ place: Int) -> Range<Int> {
    let (entry, next) = (entries[place], place + 1 < entries.count ? entries[place + 1].ordinal : frames.count)
    let last = (entry.ordinal..<next).last { leansBack($0, over: entry) }
    return entry.ordinal..<(last ?? entry.ordinal) + 1
  }
}

/// Puts the packets of a part into the order of its frames, as the index tells them.
///
/// Does for a part what ``FrameOrder`` does for all. Where a packet is not the one that the index promises, it is no longer sound.
struct IndexedOrder {
  let part: FilmPart
  private(set) var isSound = true
  /// The frame that is settled next.
  private var next: Int
  /// Packets that came before their turn, by the frames that they make.
  private var waiting: [Int: FrameOrder.Settled] = [:]
  /// Entries that make no frame, until the frames before them are settled.
  private var silent: [(frame: Int, picture: FrameOrder.Settled)] = []
  /// The entry that is expected next.
  private var place: Int
  private var read: Int

  init(_ part: FilmPart) {
    self.part = part
    (next, place, read) = (part.frames.lowerBound, part.place ?? 0, part.firstPacket)
  }

  /// Every frame of the part is settled, and no packet of it is missing.
  ///
  /// The last part is read to the end of the file, which tells that no more packets are there than the index knows.
  var isComplete: Bool { !part.isLast && next >= part.frames.upperBound && read >= part.packets.upperBound }

  mutating func add(_ facts: PacketFacts, into settled: inout [FrameOrder.Settled]) {
    guard part.index.tells(facts), !facts.isOdd else { return isSound = false }
    read = facts.ordinal + 1
    var coded = facts.coded ?? CodedPicture(isShown: false)
    let (frame, entry) = (Int(part.index.frames[facts.ordinal]), takeEntry(facts))
    if coded.isEntry != (entry != nil) || frame >= 0 && facts.coded == nil { isSound = false }
    coded.isEntry = entry != nil
    let picture = FrameOrder.Settled(ordinal: facts.ordinal, place: nil, coded: coded)
    if part.frames.contains(frame) {
      waiting[frame] = picture
    } else if let entry {
      silent.append((entry.frame, picture))
    } else {
      settled.append(picture)
    }
    settle(into: &settled)
  }

  /// No more packets will come.
  mutating func finish() {
    guard next >= part.frames.upperBound, !part.isLast || read == part.packets.upperBound else {
      return isSound = false
    }
  }

  private mutating func takeEntry(_ facts: PacketFacts) -> FrameIndex.Entry? {
    guard place < part.index.entries.count, part.index.entries[place].ordinal == facts.ordinal else { return nil }
    let entry = part.index.entries[place]
    if !entry.isPacket(facts) { isSound = false }
    place += 1
    return entry
  }

  private mutating func settle(into settled: inout [FrameOrder.Settled]) {
    while true {
      if let first = silent.first, first.frame <= next {
        settled.append(silent.removeFirst().picture)
      } else if var picture = waiting.removeValue(forKey: next) {
        picture.place = part.index.place(of: next)
        settled.append(picture)
        next += 1
      } else {
        return
      }
    }
  }
}
