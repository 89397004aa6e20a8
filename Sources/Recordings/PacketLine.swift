internal import MediaProcess

/// The latest packets of one stream in their order, numbered, from which files are written; bounded by bytes.
///
/// A value. Who has not come to a packet when it goes has lost it, and sees that by the numbers.
struct PacketLine {
  enum Entry {
    /// A picture, and of which film of the source.
    case picture(ViewPiece.Fragment, CodedSample, film: Int)
    /// The source was gone.
    case interruption

    var byteCount: Int { if case .picture(let fragment, _, _) = self { fragment.bytes.count + 256 } else { 256 } }
    var isKey: Bool { if case .picture(let fragment, _, _) = self { fragment.isKey } else { false } }
  }

  private(set) var entries: [Entry] = []
  /// The number of the first of them.
  private(set) var first = 0
  private(set) var byteCount = 0
  /// Heads of the films of which there is something.
  private(set) var heads: [Int: [UInt8]] = [:]
  private(set) var film = 0

  var end: Int { first + entries.count }
  subscript(_ number: Int) -> Entry { entries[number - first] }

  mutating func begin(_ head: [UInt8]) {
    // The same again goes on: after a new connection, say.
    guard heads[film] != head else { return }
    film += 1
    heads[film] = head
  }

  mutating func interrupt() {
    guard case .picture? = entries.last else { return }
    add(.interruption)
  }

  /// `false` for what is no picture.
  mutating func add(_ fragment: ViewPiece.Fragment) -> Bool {
    guard heads[film] != nil, let sample = CodedSample(fragment: fragment.bytes[...]),
      sample.end == fragment.bytes.count
    else { return false }
    add(.picture(fragment, sample, film: film))
    return true
  }

  private mutating func add(_ entry: Entry) {
    entries.append(entry)
    byteCount += entry.byteCount
  }

  /// The key frame with which something begins that is to have all from a moment in ticks on: the last one before it, else the first that is there.
  func key(before moment: Int) -> Int? {
    var found: Int?
    for (place, entry) in entries.enumerated() {
      guard case .picture(let fragment, _, _) = entry, fragment.isKey else { continue }
      if found != nil, fragment.pts > moment { break }
      found = first + place
    }
    return found
  }

  /// Lets go of what nobody has to come to any more: whole groups before a moment in ticks and before a number, and all that is too much.
  mutating func trim(before moment: Int, _ number: Int, mostBytes: Int) {
    // A group is needed as long as the next one begins too late.
    var (count, place) = (0, 0)
    while place < entries.count, first + place <= number {
      if case .picture(let fragment, _, _) = entries[place], fragment.isKey {
        guard fragment.pts <= moment else { break }
        count = place
      }
      place += 1
    }
    var rest = byteCount - entries[..<count].reduce(0) { $0 + $1.byteCount }
    while rest > mostBytes, count < entries.count {
      rest -= entries[count].byteCount
      count += 1
    }
    guard count > 0 else { return }
    entries.removeFirst(count)
    first += count
    byteCount = rest
    var films = Set([film])
    for case .picture(_, _, let film) in entries { films.insert(film) }
    if heads.count > films.count { heads = heads.filter { films.contains($0.key) } }
  }
}
