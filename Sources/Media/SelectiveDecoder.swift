internal import Base
internal import CFFmpeg

/// Decodes the wanted frames of a stream and, of the others, only those that a wanted one is made from.
///
/// Packets wait undecoded until a wanted frame needs them; at the next entry the waiting ones before it are let go.
/// Each packet goes to the decoder with its number in place of its timestamp, so a frame is known by its packet. What
/// does not come out as the packets promise ends in ``Outcome/lost``, never in another picture.
final class SelectiveDecoder {
  enum Outcome {
    case frame(Picture, FramePlace)
    case ended
    /// Packets do not tell enough of this stream, or it is damaged: only full decoding knows its frames.
    case lost
  }

  /// Packets given to the decoder.
  private(set) var decoded = 0
  /// What came out, or did not, was damaged.
  private(set) var isDamaged = false
  /// The last frame that the packets tell of.
  private(set) var last: FramePlace?
  /// Of ``decoded``, the numbers of those that another part of the film may have to decode too.
  private(set) var shared: [Int] = []

  private let source: Source
  private let decoder: Decoder
  private let pictures = PicturePool()
  private let parser: PictureParser
  private var order: Order
  private var sampler: Sampler
  private var ordinal = 0
  private var waiting: [Waiting] = []
  private var waitingBytes = 0
  private var settled: [FrameOrder.Settled] = []
  private var highestWanted = -1
  private var lastSent = -1
  /// Every packet so far that others may need went to the decoder since the entry where it began.
  private var isWhole = false
  private var isAtEnd = false
  private var isLost = false
  /// Wanted frames on their way through the decoder, in order of presentation.
  private var expected: [(ordinal: Int, place: FramePlace, isKey: Bool)] = []
  private var ready: [(picture: Picture, place: FramePlace)] = []

  /// Who puts packets into the order of frames.
  private enum Order {
    case told(FrameOrder)
    case known(IndexedOrder)

    var isSound: Bool {
      switch self {
      case .told(let order): order.isSound
      case .known(let order): order.isSound
      }
    }

    /// The part of the film that is looked at, where it is not all.
    var part: FilmPart? { if case .known(let order) = self { order.part } else { nil } }

    /// Nothing is wanted any more.
    var isComplete: Bool { if case .known(let order) = self { order.isComplete } else { false } }

    mutating func add(_ facts: PacketFacts, into settled: inout [FrameOrder.Settled]) {
      switch self {
      case .told(var order):
        order.add(facts, into: &settled)
        self = .told(order)
      case .known(var order):
        order.add(facts, into: &settled)
        self = .known(order)
      }
    }

    mutating func finish(into settled: inout [FrameOrder.Settled]) {
      switch self {
      case .told(var order):
        order.finish(into: &settled)
        self = .told(order)
      case .known(var order):
        order.finish()
        self = .known(order)
      }
    }
  }

  private struct Waiting {
    let ordinal: Int
    let packet: KeptPacket
    let coded: CodedPicture?
    var isSettled = false
    var isWanted = false

    var canBeLeftOut: Bool { coded.map { $0.isDroppable } ?? true }
  }

  /// More than this waits only where entries are very far from each other: then decoding goes on unasked.
  private static let (mostPackets, mostBytes) = (600, 32 << 20)

  /// `nil` where packets of this codec are not understood.
  init?(_ source: Source, _ sampling: Sampling, threads: Int) throws(Fault) {
    guard let parser = PictureParser(source.video) else { return nil }
    (self.source, self.parser) = (source, parser)
    decoder = try source.decoder(threads: threads, beginsAnywhere: true)
    order = .told(FrameOrder(parser.rule, source.clock))
    sampler = Sampler(sampling)
  }

  /// Of a part of a film, before whose first packet the source stands.
  init?(_ source: Source, _ part: FilmPart, _ sampling: Sampling) throws(Fault) {
    guard let parser = PictureParser(source.video) else { return nil }
    (self.source, self.parser, ordinal) = (source, parser, part.firstPacket)
    decoder = try source.decoder(threads: 1, beginsAnywhere: true)
    order = .known(IndexedOrder(part))
    sampler = Sampler(sampling)
    for number in 0..<part.frames.lowerBound where !sampler.asksForKeys {
      _ = sampler.wants(time: part.index.time(of: number))
    }
  }

  /// The next wanted frame.
  func next() throws(Fault) -> Outcome {
    while true {
      if isLost { return .lost }
      if !ready.isEmpty {
        let (picture, place) = ready.removeFirst()
        return .frame(picture, place)
      }
      if isAtEnd { return .ended }
      try advance()
    }
  }

  private func advance() throws(Fault) {
    guard !order.isComplete else { return try finish() }
    let code = source.read()
    guard code >= 0 else {
      if code != ridley_av_eof { isLost = true }
      return try finish()
    }
    let coded = parser.understand(source.packet)
    let facts = source.packet.facts(ordinal: ordinal, coded: coded)
    if order.part?.leansBack(ordinal) == true {
      source.packet.drop()
    } else {
      waiting.append(Waiting(ordinal: ordinal, packet: try KeptPacket(source.packet), coded: coded))
      waitingBytes += facts.byteCount
    }
    ordinal += 1
    order.add(facts, into: &settled)
    try settle()
  }

  private func finish() throws(Fault) {
    isAtEnd = true
    order.finish(into: &settled)
    try settle()
    try drain()
    if !expected.isEmpty { isLost = true }
  }

  /// Decides about the frames that are known by now, and decodes what they need.
  private func settle() throws(Fault) {
    if !order.isSound { isLost = true }
    for picture in settled where !isLost {
      if let place = picture.place { last = place }
      let isWanted = picture.place.map { sampler.wants(time: $0.time, isKeyFrame: picture.coded.isKey) } ?? false
      if let place = picture.place, isWanted {
        highestWanted = max(highestWanted, picture.ordinal)
        expected.append((picture.ordinal, place, picture.coded.isKey))
      }
      if let index = waiting.firstIndex(where: { $0.ordinal == picture.ordinal }) {
        (waiting[index].isSettled, waiting[index].isWanted) = (true, isWanted)
      }
      if picture.coded.isEntry { letGo(before: picture.ordinal) }
      try pump()
    }
    settled.removeAll(keepingCapacity: true)
    while !isLost, waiting.count > Self.mostPackets || waitingBytes > Self.mostBytes {
      // What is decoded without being wanted hangs on all that came before, which a part does not know.
      guard order.part == nil else { return isLost = true }
      try decodeFirst()
    }
  }

  /// All that is shown before this entry is decided: what came before it, or leans back over it, is not needed.
  private func letGo(before entry: Int) {
    let unneeded = { (packet: Waiting) in packet.ordinal < entry || packet.ordinal > entry && packet.isSettled }
    if waiting.contains(where: { unneeded($0) && $0.isWanted }) { isLost = true }
    if waiting.contains(where: { $0.ordinal < entry && !$0.canBeLeftOut }) { isWhole = false }
    for packet in waiting where unneeded(packet) { waitingBytes -= packet.packet.byteCount }
    waiting.removeAll(where: unneeded)
  }

  /// Decodes up to the last wanted packet, or to one of which it is not known yet whether it is needed.
  private func pump() throws(Fault) {
    while let first = waiting.first, first.ordinal <= highestWanted, first.isSettled || !first.canBeLeftOut, !isLost {
      try decodeFirst()
    }
  }

  private func decodeFirst() throws(Fault) {
    let first = waiting.removeFirst()
    waitingBytes -= first.packet.byteCount
    if first.canBeLeftOut, first.isSettled, !first.isWanted { return }
    if !isWhole {
      guard first.coded?.isEntry == true else { return isLost = true }
      try drain()
      decoder.restart()
      isWhole = true
    }
    if first.coded?.isShown == true { count(first.ordinal) }
    lastSent = first.ordinal
    while true {
      let code = first.packet.send(to: decoder, tag: first.ordinal)
      try receive()
      if code == ridley_av_again { continue }
      if code < 0 { (isLost, isDamaged) = (true, true) }
      return
    }
  }

  private func count(_ ordinal: Int) {
    guard let part = order.part else { return decoded += 1 }
    if part.packets.contains(ordinal) { decoded += 1 }
    if part.isShared(ordinal) { shared.append(ordinal) }
  }

  /// Takes what the decoder still holds.
  private func drain() throws(Fault) {
    decoder.sendEnd()
    try receive()
    if expected.contains(where: { $0.ordinal <= lastSent }) { isLost = true }
  }

  private func receive() throws(Fault) {
    while true {
      let picture = try pictures.take()
      switch decoder.receive(into: picture) {
      case .frame: take(picture)
      case .hungry, .ended: return
      case .failed: return (isLost, isDamaged) = (true, true)
      }
    }
  }

  private func take(_ picture: Picture) {
    if picture.isCorrupt { (isLost, isDamaged) = (true, true) }
    guard let next = expected.first, let tag = picture.tag else { return }
    if tag == next.ordinal {
      if sampler.asksForKeys, !picture.isKey { isLost = true }
      ready.append((picture, next.place))
      expected.removeFirst()
    } else if expected.contains(where: { $0.ordinal == tag }) {
      isLost = true
    }
  }
}

/// A packet that waits, with its bytes.
final class KeptPacket {
  let byteCount: Int
  private let packet: Packet

  /// Takes the bytes out of `packet`.
  init(_ packet: borrowing Packet) throws(Fault) {
    byteCount = unsafe packet.bytes.count
    self.packet = try Packet(from: packet)
  }

  func send(to decoder: borrowing Decoder, tag: Int) -> Int32 { decoder.send(packet, tag: tag) }
}

extension Picture {
  /// The number that was given to the decoder with its packet.
  var tag: Int? { unsafe Timestamp.known(frame.pointee.pts) }
  var isKey: Bool { unsafe ridley_av_is_key_frame(frame) != 0 }
  /// The decoder said that parts are missing or guessed.
  var isCorrupt: Bool {
    unsafe frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0 || frame.pointee.decode_error_flags != 0
  }
}
