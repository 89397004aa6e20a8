internal import Base
internal import Isolation
internal import Media

/// What the parent asks of its child; each but ``close`` has one answer.
enum Request {
  /// The first message; with it comes the shared memory.
  case setUp(parent: Int, memory: Int, sharedByteCount: Int)
  /// With it comes the file.
  case open(Sampling, isNamedFilm: Bool)
  /// With it comes the file, of which the sound is wanted.
  case sound
  /// The next block of it, to be written to this place in the shared memory.
  case listen(Range<Int>)
  /// The next frame, to be kept by this number.
  case next(Int)
  /// With it comes the index of the file's frames.
  case index
  /// The frame with a number in the film, to be kept by the first number.
  case seek(Int, frame: Int)
  case render(RenderOrder)
  /// With it comes what is rung when something is new.
  case bell
  /// With it comes the connection, or the file.
  case live(LiveOrder)
  /// The newest frame of a live source that was not asked for yet, to be kept by this number; with 0 only how far it got.
  case latest(Int)
  /// With it comes the line to those that look on.
  case view
  /// Whether stills are made of what is decoded.
  case stills(Bool)
  /// What a live source's decoder passes over.
  case thrift(LiveThrift)
  /// With it comes the door, through which it asks for what it may not open.
  case door
  /// Let everything go; has no answer.
  case close
  /// Try what the sandbox should refuse.
  case probe

  private enum Kind: UInt8 {
    case setUp = 1, open, next, render, close, probe, index, seek, bell, live, latest, thrift, view, stills, door
    case sound, listen
  }

  private var kind: Kind {
    switch self {
    case .setUp: .setUp
    case .open: .open
    case .sound: .sound
    case .listen: .listen
    case .next: .next
    case .render: .render
    case .close: .close
    case .probe: .probe
    case .index: .index
    case .seek: .seek
    case .bell: .bell
    case .view: .view
    case .stills: .stills
    case .door: .door
    case .live: .live
    case .latest: .latest
    case .thrift: .thrift
    }
  }

  /// As a message; `released` are frames that are not needed any more.
  func message(released: [Int] = []) -> Message {
    var fields = FieldWriter()
    fields.add(list: released) { $0.add($1) }
    switch self {
    case .setUp(let parent, let memory, let shared): for value in [parent, memory, shared] { fields.add(value) }
    case .open(let sampling, let isNamedFilm):
      sampling.write(&fields)
      fields.add(isNamedFilm)
    case .next(let number), .latest(let number): fields.add(number)
    case .render(let order): order.write(&fields)
    case .listen(let place): for value in [place.lowerBound, place.count] { fields.add(value) }
    case .stills(let areWanted): fields.add(areWanted)
    case .live(let order): order.write(&fields)
    case .thrift(let thrift): thrift.write(&fields)
    case .seek(let number, let frame): for value in [number, frame] { fields.add(value) }
    case .close, .probe, .index, .bell, .view, .door, .sound: break
    }
    return Message(kind: kind.rawValue, bytes: fields.bytes)
  }

  static func read(_ message: Message) throws(Fault) -> (request: Request, released: [Int]) {
    var fields = FieldReader(message.bytes)
    let released = try fields.list(upTo: Message.mostReleased) { (fields) throws(Fault) in try fields.integer() }
    let request: Request
    switch Kind(rawValue: message.kind) {
    case .setUp:
      request = .setUp(
        parent: try fields.integer(), memory: try fields.integer(), sharedByteCount: try fields.integer())
    case .open: request = .open(try Sampling(&fields), isNamedFilm: try fields.flag())
    case .next: request = .next(try fields.integer())
    case .render: request = .render(try RenderOrder(&fields))
    case .sound: request = .sound
    case .listen: request = .listen(try fields.place())
    case .close: request = .close
    case .probe: request = .probe
    case .index: request = .index
    case .seek: request = .seek(try fields.integer(), frame: try fields.integer())
    case .bell: request = .bell
    case .view: request = .view
    case .stills: request = .stills(try fields.flag())
    case .door: request = .door
    case .live: request = .live(try LiveOrder(&fields))
    case .latest: request = .latest(try fields.integer())
    case .thrift: request = .thrift(try LiveThrift(&fields))
    case nil: throw FieldReader.nonsense
    }
    try fields.end()
    return (request, released)
  }
}

extension Message {
  /// Frames that are let go with one message; more wait for the next.
  static let mostReleased = 1024
}

/// Where a part of a frame goes, and how it looks there.
struct RenderOrder {
  var frame: Int
  /// In the shared memory.
  var place: Range<Int>
  var size: Size
  var source: Rect
  var target: Rect
  var order: PixelOrder
  var pad: UInt8
  var interpolation: Interpolation

  func write(_ fields: inout FieldWriter) {
    for value in [frame, place.lowerBound, place.count, size.width, size.height] { fields.add(value) }
    for rect in [source, target] {
      for value in [rect.x, rect.y, rect.width, rect.height] { fields.add(value) }
    }
    fields.add(order.rawValue)
    fields.add(pad)
    fields.add(interpolation.rawValue)
  }
}

extension RenderOrder {
  init(_ fields: inout FieldReader) throws(Fault) {
    frame = try fields.integer()
    place = try fields.place()
    let sides = 1...1 << 20
    size = Size(width: try fields.integer(in: sides), height: try fields.integer(in: sides))
    source = try Rect(&fields)
    target = try Rect(&fields)
    guard let order = PixelOrder(rawValue: try fields.text()) else { throw FieldReader.nonsense }
    self.order = order
    pad = try fields.byte()
    guard let interpolation = Interpolation(rawValue: try fields.text()) else { throw FieldReader.nonsense }
    self.interpolation = interpolation
  }
}

extension FieldReader {
  /// A part of the shared memory.
  mutating func place() throws(Fault) -> Range<Int> {
    let start = try integer(in: 0...1 << 40)
    return start..<start + (try integer(in: 0...1 << 40))
  }
}

extension Rect {
  init(_ fields: inout FieldReader) throws(Fault) {
    self.init(
      x: try fields.number(), y: try fields.number(), width: try fields.number(), height: try fields.number())
  }
}

extension Sampling {
  func write(_ fields: inout FieldWriter) {
    let (kind, value): (UInt8, Double) =
      switch self {
      case .all: (0, 0)
      case .every(let seconds): (1, seconds)
      case .fps(let rate): (2, rate)
      case .keyFrames: (3, 0)
      }
    fields.add(kind)
    fields.add(value)
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    let (kind, value) = (try fields.byte(), try fields.number())
    switch kind {
    case 0: self = .all
    case 1: self = .every(seconds: value)
    case 2: self = .fps(value)
    case 3: self = .keyFrames
    default: throw FieldReader.nonsense
    }
  }
}
