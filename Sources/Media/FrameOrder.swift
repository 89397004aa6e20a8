/// Puts packets into the order in which a decoder gives their frames, and numbers the frames, without decoding.
///
/// Does what FFmpeg's decoders do: H.264 and HEVC give the earliest picture of the earliest sequence as soon as more
/// wait than the stream's delay; MPEG-1, -2 and -4 keep each reference until the next; others give frames at once.
/// Where packets contradict themselves it is no longer sound, and only decoding can tell.
struct FrameOrder {
  enum Rule: Hashable {
    case asDecoded
    case atNextReference
    case byPlace(delay: Int, isHEVC: Bool)
  }

  /// A packet whose place among the frames is settled; they come in order of presentation.
  struct Settled {
    var ordinal: Int
    /// `nil` where it makes no frame.
    var place: FramePlace?
    var coded: CodedPicture
  }

  /// False as soon as the packets do not fit together.
  private(set) var isSound = true
  private let rule: Rule
  private var clock: FrameClock
  private var guess = BestEffort()
  private var waiting: [Waiting] = []
  private var sequence = 0
  /// The first packet at which decoding can begin.
  private var firstEntry: Waiting?
  private var lastGiven: Waiting?
  private var lastPTS: Int?
  private var references = 0

  private struct Waiting {
    var facts: PacketFacts
    var coded: CodedPicture
    var sequence: Int

    func precedes(_ other: Waiting) -> Bool { (sequence, coded.order) < (other.sequence, other.coded.order) }
  }

  init(_ rule: Rule, _ clock: FrameClock) { (self.rule, self.clock) = (rule, clock) }

  /// Takes the next packet in order of decoding and adds what is settled by it.
  mutating func add(_ facts: PacketFacts, into settled: inout [Settled]) {
    if case .byPlace(_, false) = rule, firstEntry == nil { noteBeginning(facts) }
    guard let coded = facts.coded else {
      // Decoders give nothing before the first picture that stands alone; later, only decoding tells.
      if firstEntry == nil, case .byPlace(_, false) = rule {
        settled.append(Settled(ordinal: facts.ordinal, place: nil, coded: CodedPicture(isShown: false)))
      } else {
        isSound = false
      }
      return
    }
    if facts.isOdd { isSound = false }
    if coded.startsSequence { sequence += 1 }
    let new = Waiting(facts: facts, coded: coded, sequence: sequence)
    if coded.isEntry, firstEntry == nil { firstEntry = new }
    switch rule {
    case .asDecoded:
      if firstEntry == nil { isSound = false }
      give(new, dts: facts.dts, into: &settled)
    case .atNextReference: addMPEG(new, into: &settled)
    case .byPlace(let delay, let isHEVC):
      if isHEVC, firstEntry == nil { isSound = false }
      waiting.append(new)
      while waiting.count > delay || isHEVC && waiting.contains(where: { $0.sequence < sequence }) {
        giveEarliest(dts: facts.dts, into: &settled)
      }
    }
  }

  /// FFmpeg's H.264 decoder begins at recovery points of every kind and at pictures that look as if they stood alone, and a film
  /// may hold nothing else.
  private mutating func noteBeginning(_ facts: PacketFacts) {
    let isEntry = facts.coded?.isEntry ?? false
    if !isEntry, facts.isKey || facts.coded?.mayBegin == true { isSound = false }
  }

  /// No more packets will come.
  ///
  /// A film without any entry may still show frames.
  mutating func finish(into settled: inout [Settled]) {
    if firstEntry == nil { isSound = false }
    while !waiting.isEmpty { giveEarliest(dts: nil, into: &settled) }
  }

  private mutating func addMPEG(_ new: Waiting, into settled: inout [Settled]) {
    if new.coded.isDroppable {
      if references < 2 { isSound = false }
      return give(new, dts: new.facts.dts, into: &settled)
    }
    if firstEntry == nil { isSound = false }
    references += 1
    if !waiting.isEmpty { give(waiting.removeFirst(), dts: new.facts.dts, into: &settled) }
    waiting.append(new)
  }

  private mutating func giveEarliest(dts: Int?, into settled: inout [Settled]) {
    var first = 0
    for index in waiting.indices where waiting[index].precedes(waiting[first]) { first = index }
    let earliest = waiting.remove(at: first)
    // A picture that comes after its turn is thrown away by decoders, at least by some.
    if let lastGiven, !lastGiven.precedes(earliest) { isSound = false }
    lastGiven = earliest
    give(earliest, dts: dts, into: &settled)
  }

  private mutating func give(_ picture: Waiting, dts: Int?, into settled: inout [Settled]) {
    let facts = picture.facts
    var place: FramePlace?
    if picture.coded.isShown, !facts.isOutside, canBeShown(picture) {
      let pts = guess.pts(pts: facts.pts, dts: dts)
      if rule != .asDecoded, let pts, let lastPTS, pts <= lastPTS { isSound = false }
      if case .byPlace(_, true) = rule, facts.pts == nil, dts != nil { isSound = false }
      lastPTS = pts ?? lastPTS
      place = clock.next(pts: pts, duration: facts.duration)
    }
    settled.append(Settled(ordinal: facts.ordinal, place: place, coded: picture.coded))
  }

  /// Pictures that lean on what was before the first entry are not given; HEVC marks them, H.264 counts.
  private func canBeShown(_ picture: Waiting) -> Bool {
    guard case .byPlace(_, let isHEVC) = rule else { return true }
    guard let firstEntry else { return false }
    return !picture.precedes(firstEntry) || isHEVC && !picture.coded.leansBack
  }
}

/// FFmpeg's best guess of a frame's timestamp from its packet's two.
struct BestEffort {
  private var faultyPTS = 0
  private var faultyDTS = 0
  private var lastPTS = Int.min
  private var lastDTS = Int.min

  /// The presentation timestamp where it can be believed at least as much as the other.
  mutating func pts(pts: Int?, dts: Int?) -> Int? {
    if let dts {
      faultyDTS += dts <= lastDTS ? 1 : 0
      lastDTS = dts
    } else if let pts {
      lastDTS = pts
    }
    if let pts {
      faultyPTS += pts <= lastPTS ? 1 : 0
      lastPTS = pts
    } else if let dts {
      lastPTS = dts
    }
    guard let pts, faultyPTS <= faultyDTS || dts == nil else { return dts }
    return pts
  }
}
