internal import MediaProcess

/// Decides what of a stream's packets goes into one row of files: the segments of all that comes, or the clip of one event.
///
/// A value: ``next(_:)`` says what is to be done, and is asked again.
struct Take {
  enum Step {
    /// A file begins, with this head.
    case begin([UInt8])
    /// Goes behind what is there.
    case append([[UInt8]])
    /// The file ends with what is shown at a moment in ticks, or with all that is in it.
    case close(until: Int?)
    /// There is nothing to do before more comes.
    case rest
    /// There is nothing more to do at all.
    case over
  }

  let label: RecordingLabel
  /// The next packet that is looked at.
  private(set) var place: Int
  /// Ticks after which another file begins; `nil` for a clip.
  private let segment: Int?
  /// Ticks that a clip is long at most from the moment on for which it was begun: the key frame may lie long before that.
  private let most: Int
  private let wanted: Int
  /// Ticks at which a clip ends, as far as that is known.
  var end: Int?
  /// Packets that went before they could be written.
  private(set) var lost = 0
  private var film: Int?
  private var start = 0
  private var lastTime = Int.min
  private var isOver = false

  /// Packets in one step, and their bytes, at most.
  private static let (stepCount, stepBytes) = (256, 2 << 20)

  /// Segments of all that comes, from a packet on.
  init(_ label: RecordingLabel, from place: Int, segment: Int) {
    (self.label, self.place, self.segment, most, wanted) = (label, place, segment, .max, .min)
  }

  /// A clip that begins with the key frame at `place`, and is to have all from a moment in ticks on.
  init(_ label: RecordingLabel, from place: Int, wanted: Int, most: Int) {
    (self.label, self.place, segment, self.most, self.wanted) = (label, place, nil, most, wanted)
  }

  var isOpen: Bool { film != nil }
  /// A file was begun for it.
  private(set) var hasBegun = false

  /// No more of it is wanted, though it has not come to its end.
  mutating func stop() { isOver = true }

  /// The file could not be begun, or written on: what comes is passed over up to the next key frame.
  mutating func fail() {
    film = nil
    if segment == nil { isOver = true }
  }

  /// `now` is in ticks.
  mutating func next(_ line: PacketLine, now: Int) -> Step {
    if place < line.first {
      lost += line.first - place
      place = line.first
      if segment != nil, isOpen { return close() }
      isWaitingForKey = true
      if !isOver { return .rest }
    }
    if isOver { return isOpen ? close() : .over }
    if let step = gather(line) { return step }
    if let end = limit, now > end + Self.patience {
      isOver = true
      return isOpen ? close() : .over
    }
    return .rest
  }

  /// What is done with the next packets; `nil` where nothing is.
  private mutating func gather(_ line: PacketLine) -> Step? {
    var found: [[UInt8]] = []
    var byteCount = 0
    while place < line.end, found.count < Self.stepCount, byteCount < Self.stepBytes {
      guard case .picture(let fragment, let sample, let film) = line[place] else {
        // A clip goes on behind it, a segment does not.
        if segment != nil, isOpen { return found.isEmpty ? close() : .append(found) }
        place += 1
        continue
      }
      if !isOpen || isWaitingForKey, !fragment.isKey {
        place += 1
        continue
      }
      guard isOpen else {
        (self.film, start, lastTime, isWaitingForKey) = (film, fragment.pts, .min, false)
        hasBegun = true
        return .begin(line.heads[film] ?? [])
      }
      if ends(before: fragment, sample, film) { return found.isEmpty ? close() : .append(found) }
      (lastTime, isWaitingForKey) = (sample.dts, false)
      found.append(fragment.bytes)
      byteCount += fragment.bytes.count
      place += 1
    }
    return found.isEmpty ? nil : .append(found)
  }

  /// After packets were lost nothing is understood before a key frame.
  private var isWaitingForKey = false
  /// Ticks for which pictures are waited for that belong into a clip.
  private static let patience = 10 * ViewPiece.timescale

  private var limit: Int? {
    guard segment == nil else { return nil }
    let longest = isOpen ? max(start, wanted) + most : nil
    return [end, longest].compactMap { $0 }.min()
  }

  /// Whether the file is over before a picture.
  private mutating func ends(before fragment: ViewPiece.Fragment, _ sample: CodedSample, _ film: Int) -> Bool {
    if film != self.film || sample.dts <= lastTime {
      // A clip is one film; what comes as another is not in it any more.
      isOver = segment == nil
      return true
    }
    if let segment { return fragment.isKey && fragment.pts - start >= segment }
    guard let limit, sample.dts > limit else { return false }
    isOver = true
    return true
  }

  private mutating func close() -> Step {
    let until = limit
    film = nil
    return .close(until: until)
  }
}
