public import Base
internal import Isolation

/// What a process of one live source is to look at.
public struct LiveOrder: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    /// A camera, over a connection to it.
    case rtsp
    /// A film that is played as a camera would send it.
    case film
    /// What is fetched by http and https, through a door: a stream, or a playlist of HLS.
    case web
    /// MPEG-TS in packets, over a descriptor that gives one after the other.
    case packets
    /// A stream of RTMP, over a connection to its server.
    case rtmp
    /// A camera at this machine, whose pictures a ``VideoDevice`` hands on over a descriptor.
    case device
  }

  public var kind: Kind
  /// Without user and password; empty for a film.
  public var address: String
  public var user: String?
  public var password: String?
  /// A film begins anew at its end.
  public var loops: Bool
  /// A camera is asked for packets over UDP first.
  public var prefersDatagrams = false
  /// What no browser plays is put into the film too, since that is recorded.
  public var isRecorded = false
  /// What the connection before this one left.
  public var memory = LiveMemory()

  public init(_ kind: Kind, address: String = "", user: String? = nil, password: String? = nil, loops: Bool = false) {
    (self.kind, self.address, self.user, self.password, self.loops) = (kind, address, user, password, loops)
  }

  func write(_ fields: inout FieldWriter) {
    fields.add(kind.rawValue)
    fields.add(address)
    fields.add(user) { $0.add($1) }
    fields.add(password) { $0.add($1) }
    fields.add(loops)
    fields.add(prefersDatagrams)
    fields.add(isRecorded)
    memory.write(&fields)
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    guard let kind = Kind(rawValue: try fields.text()) else { throw FieldReader.nonsense }
    self.init(kind, address: try fields.text())
    user = try fields.optional { (fields) throws(Fault) in try fields.text() }
    password = try fields.optional { (fields) throws(Fault) in try fields.text() }
    loops = try fields.flag()
    prefersDatagrams = try fields.flag()
    isRecorded = try fields.flag()
    memory = try LiveMemory(&fields)
  }
}

/// How far a live source got; counts grow for as long as its process lives.
public struct LiveProgress: Sendable, Hashable {
  /// Why nothing more comes.
  public enum Ending: Sendable, Hashable {
    /// The other side hung up, or the film is over.
    case closed
    /// Another address has the pictures.
    case movedTo(String)
    case failed(Fault)
  }

  /// Pictures that came, whole or not, and bytes of them.
  public var received = 0
  /// Those of them with which decoding may begin.
  public var keys = 0
  public var byteCount = 0
  /// Pictures that parts were missing of, and packets that never came.
  public var incomplete = 0
  public var lostPackets = 0
  public var decoded = 0
  /// Pictures that could not be decoded, or that the decoder passed over because no other one is made from them.
  public var undecoded = 0
  /// Pictures that were decoded, and show what is not there, because something of them or of those they are made from never came.
  public var damaged = 0
  /// Pictures that were not given to the decoder, to save work.
  public var passed = 0
  /// Nanoseconds of a processor that the process took.
  public var processorTime = 0
  /// Decoded, and given up for a newer one before anybody asked.
  public var displaced = 0
  /// How often the source's times jumped.
  public var jumps = 0
  /// `h264`, as FFmpeg calls it; empty until it is known.
  public var codec = ""
  /// When the last picture came, in monotonic nanoseconds; 0 before the first.
  public var lastArrival = 0
  /// Milliseconds by which the source's own clock is ahead of this machine's, where it tells the time.
  public var clockOffset: Int?
  /// When the source's second 0 was, in seconds since 1970 by this machine's clock; 0 before the first picture.
  public var began = 0.0
  /// For the next connection to the same source; `nil` before it is known.
  public var memory: LiveMemory?
  public var ending: Ending?

  public init() {}

  func write(_ fields: inout FieldWriter) {
    for value in [
      received, keys, byteCount, incomplete, lostPackets, decoded, undecoded, damaged, passed, processorTime, displaced,
      jumps,
      lastArrival,
    ] {
      fields.add(value)
    }
    fields.add(codec)
    fields.add(began)
    fields.add(clockOffset) { $0.add($1) }
    fields.add(memory) { $1.write(&$0) }
    switch ending {
    case nil: fields.add(UInt8(0))
    case .closed: fields.add(UInt8(1))
    case .movedTo(let address):
      fields.add(UInt8(2))
      fields.add(address)
    case .failed(let fault):
      fields.add(UInt8(3))
      fields.add(fault)
    }
  }

  init(_ fields: inout FieldReader) throws(Fault) {
    let places: [WritableKeyPath<LiveProgress, Int>] = [
      \.received, \.keys, \.byteCount, \.incomplete, \.lostPackets, \.decoded, \.undecoded, \.damaged, \.passed,
      \.processorTime,
      \.displaced, \.jumps, \.lastArrival,
    ]
    for place in places {
      // Counts of many connections are added up, and clocks are not.
      let isClock = [\.lastArrival, \.processorTime, \.byteCount].contains(place)
      self[keyPath: place] = try fields.integer(in: 0...(isClock ? Int.max / 4 : 1 << 40))
    }
    codec = try fields.text()
    began = min(max(0, try fields.number()), Clock.seconds + 86_400)
    clockOffset = try fields.optional { (fields) throws(Fault) in try fields.integer() }
    memory = try fields.optional { (fields) throws(Fault) in try LiveMemory(&fields) }
    switch try fields.byte() {
    case 0: ending = nil
    case 1: ending = .closed
    case 2: ending = .movedTo(try fields.text())
    case 3: ending = .failed(try fields.fault())
    default: throw FieldReader.nonsense
    }
  }
}
