public import Base
internal import MediaProcess
internal import Synchronization

/// The picture of one stream, for those that look on: the source's own packets as a film, kept for a while, and never waited for.
///
/// Any thread. What is kept is bounded by time and by bytes; a viewer that does not keep up is let go.
public final class StreamView: Sendable {
  /// How much is kept.
  public struct Limits: Sendable {
    public var seconds = 20.0
    public var byteCount = 48 << 20

    public init() {}
  }

  /// A film, and the last of it from a key frame on.
  public struct Beginning: Sendable {
    /// `avc1.64001f`.
    public let codecs: String
    public let size: Size
    /// Which of the stream's films it is: another head has another number.
    public let film: Int
    public let bytes: [UInt8]
  }

  /// Whoever looks on; called one after the other, by a thread that must not be held up.
  public struct Viewer: Sendable {
    /// Takes more of the film; `false` where there is no room for it, and it is let go.
    public var take: @Sendable ([UInt8]) -> Bool
    /// Whether it is still there, and did not leave by itself.
    public var isThere: @Sendable () -> Bool
    /// Called once, in the end; with whether all went well.
    public var end: @Sendable (Bool) -> Void

    public init(
      take: @escaping @Sendable ([UInt8]) -> Bool, isThere: @escaping @Sendable () -> Bool,
      end: @escaping @Sendable (Bool) -> Void
    ) { (self.take, self.isThere, self.end) = (take, isThere, end) }
  }

  /// A small picture of what was decoded last.
  public struct Still: Sendable {
    public let bytes: [UInt8]
    /// When it is shown in the film, in seconds since 1970.
    public let shown: Double
  }

  private struct State {
    var ring: PacketRing
    var viewers: [Int: Viewer] = [:]
    var lastViewer = 0
    var still: Still?
    /// When somebody asked for a still last, in monotonic nanoseconds.
    var stillAsked: UInt64 = 0
    var isCoded = false
    var letGo = 0
  }

  private let state: Mutex<State>

  public init(_ limits: Limits = Limits()) { state = Mutex(State(ring: PacketRing(limits))) }

  /// Takes what the source's process gives.
  func take(_ piece: ViewPiece) {
    switch piece {
    case .head(let codecs, let size, let bytes):
      begin { ring in
        // What no browser plays is there to be recorded.
        if codecs.hasPrefix("mp4v") { ring.end() } else { ring.begin(codecs: codecs, size: size, head: bytes) }
      }
    case .fragment(let fragment):
      let viewers = state.withLock { state -> [Int: Viewer] in
        state.ring.add(fragment)
        return state.viewers
      }
      for (id, viewer) in viewers where !viewer.take(fragment.bytes) { letGo(id, isLate: viewer.isThere()) }
    case .still(let pts, let bytes):
      state.withLock { $0.still = Still(bytes: bytes, shown: Double(pts) / Double(ViewPiece.timescale)) }
    }
  }

  /// Another film is another answer.
  private func begin(_ change: (inout PacketRing) -> Void) {
    let viewers = state.withLock { state in
      change(&state.ring)
      defer { state.viewers = [:] }
      return state.viewers
    }
    for viewer in viewers.values { viewer.end(true) }
  }

  private func letGo(_ id: Int, isLate: Bool) {
    let viewer = state.withLock { state in
      state.letGo += isLate ? 1 : 0
      return state.viewers.removeValue(forKey: id)
    }
    viewer?.end(false)
  }

  /// The source is gone: what was kept stays, and nobody gets more of it.
  func close() {
    let viewers = state.withLock { state in
      state.ring.end()
      state.still = nil
      defer { state.viewers = [:] }
      return state.viewers
    }
    for viewer in viewers.values { viewer.end(true) }
  }

  /// Begins a film for a viewer, which hears of all that follows; `begin` is given the beginning first, and takes no long time.
  ///
  /// Faults: `unavailable` where there is no picture yet, or none now.
  public func look<Answer: Sendable>(_ begin: (Beginning) -> (Viewer, Answer)) throws(Fault) -> Answer {
    let found = state.withLock { state -> Answer? in
      guard let beginning = state.ring.beginning else { return nil }
      let (viewer, answer) = begin(beginning)
      state.lastViewer += 1
      state.viewers[state.lastViewer] = viewer
      return answer
    }
    guard let found else { throw Self.nothing }
    return found
  }

  /// What is in the film, without a look at it.
  public var film: (codecs: String, number: Int)? { state.withLock { $0.ring.film } }

  /// Viewers now, and those that were let go because they did not keep up.
  public var counts: (now: Int, letGo: Int) { state.withLock { ($0.viewers.count, $0.letGo) } }

  /// The last whole parts from one key frame to the next, for players that ask for a film in parts.
  public func parts() -> (film: Int, parts: [PacketRing.Part])? {
    state.withLock { state in state.ring.film.map { ($0.number, state.ring.parts()) } }
  }

  /// The bytes of such a part; number 0 is the film's head.
  public func part(_ number: Int, ofFilm film: Int) -> [UInt8]? {
    state.withLock { $0.ring.part(number, ofFilm: film) }
  }

  /// The newest still, and has more made for some seconds; `nil` where there is none yet.
  public func still() -> Still? {
    state.withLock { state in
      // One of long ago is not what is seen.
      if Clock.now > state.stillAsked + Self.stillsLast { state.still = nil }
      state.stillAsked = Clock.now
      return state.still
    }
  }

  /// Somebody asks for stills.
  var wantsStills: Bool { state.withLock { $0.stillAsked > 0 && Clock.now < $0.stillAsked + Self.stillsLast } }

  /// Nanoseconds for which stills are made once somebody asked for one.
  private static let stillsLast: UInt64 = 5_000_000_000
  private static let nothing = Fault(.unavailable, "there is no picture of this stream now: ask again in a moment")
}
