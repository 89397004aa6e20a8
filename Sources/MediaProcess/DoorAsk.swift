internal import Base
internal import Isolation

/// What the process of a live source asks its parent to open.
enum DoorAsk {
  /// Two ports for packets of the camera; the first way comes with the answer, the second with that to ``reports``.
  case datagrams
  case reports
  /// Where the camera's own ports are.
  case aim(media: Int, control: Int)
  /// An address of http or https, as a document at `base` names it.
  case fetch(String, base: String, Range<Int>?)
  /// How the fetching ended.
  case outcome

  private enum Kind: UInt8 { case datagrams = 1, reports, aim, fetch, outcome }

  var message: Message {
    var fields = FieldWriter()
    let kind: Kind
    switch self {
    case .datagrams: kind = .datagrams
    case .reports: kind = .reports
    case .outcome: kind = .outcome
    case .aim(let media, let control):
      kind = .aim
      for port in [media, control] { fields.add(port) }
    case .fetch(let address, let base, let range):
      kind = .fetch
      for text in [address, base] { fields.add(text) }
      fields.add(range) { fields, range in
        for place in [range.lowerBound, range.upperBound] { fields.add(place) }
      }
    }
    return Message(kind: kind.rawValue, bytes: fields.bytes)
  }

  init(_ message: Message) throws(Fault) {
    var fields = FieldReader(message.bytes)
    switch Kind(rawValue: message.kind) {
    case .datagrams: self = .datagrams
    case .reports: self = .reports
    case .outcome: self = .outcome
    case .aim: self = .aim(media: try fields.integer(in: 0...65535), control: try fields.integer(in: 0...65535))
    case .fetch:
      let (address, base) = (try fields.text(), try fields.text())
      let range = try fields.optional { (fields) throws(Fault) in
        let start = try fields.integer(in: 0...1 << 51)
        return start..<(try fields.integer(in: start...1 << 52))
      }
      self = .fetch(address, base: base, range)
    case nil: throw FieldReader.nonsense
    }
    try fields.end()
  }
}

/// What the parent answers.
enum DoorAnswer {
  /// With it comes a way for packets; the port of the first one.
  case datagrams(port: Int)
  /// With it comes what is fetched.
  case body(LiveBody)
  case done
  case failed(Fault)

  private enum Kind: UInt8 { case datagrams = 1, body, done, failed }

  var message: Message {
    var fields = FieldWriter()
    let kind: Kind
    switch self {
    case .datagrams(let port):
      kind = .datagrams
      fields.add(port)
    case .body(let body):
      kind = .body
      fields.add(body.address)
      fields.add(body.byteCount) { $0.add($1) }
      fields.add(body.isPart)
    case .done: kind = .done
    case .failed(let fault):
      kind = .failed
      fields.add(fault)
    }
    return Message(kind: kind.rawValue, bytes: fields.bytes)
  }

  init(_ message: Message) throws(Fault) {
    var fields = FieldReader(message.bytes)
    switch Kind(rawValue: message.kind) {
    case .datagrams: self = .datagrams(port: try fields.integer())
    case .body:
      let address = try fields.text()
      let count = try fields.optional { (fields) throws(Fault) in try fields.integer() }
      self = .body(LiveBody(address: address, byteCount: count, isPart: try fields.flag()))
    case .done: self = .done
    case .failed: self = .failed(try fields.fault())
    case nil: throw FieldReader.nonsense
    }
    try fields.end()
  }
}

/// What is fetched for a live source, from its first byte on.
public struct LiveBody: Sendable, Hashable {
  /// Where it lies in the end.
  public var address: String
  /// `nil` where nobody says.
  public var byteCount: Int?
  /// It is the part that was asked for, and not all of it.
  public var isPart: Bool

  public init(address: String, byteCount: Int?, isPart: Bool) {
    (self.address, self.byteCount, self.isPart) = (address, byteCount, isPart)
  }
}
