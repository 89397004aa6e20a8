public import Base
internal import Crypto

/// Gives the bytes of an HLS stream one segment after the other, as they are published.
///
/// Begins three segments before the end of what is live, as the standard has it, at the beginning of what is whole, and behind what an earlier
/// reader played of the same stream. Waits for new segments by itself. One thread at a time.
public final class HLSReader {
  public enum Piece: Sendable, Hashable {
    /// What comes does not go on from what came: a demuxer begins anew with these bytes.
    case begin([UInt8])
    case bytes([UInt8])
    case end
  }

  private let source: any WebSource
  private var playlist: HLSPlaylist
  private var address: String
  /// The segment that comes next, by number.
  private var next = 0
  private var segment: HLSPlaylist.Segment? {
    didSet { if let oldValue, segment == nil, isLive { onEnd?(oldValue.place) } }
  }
  /// The last one that was begun, or passed over.
  private var latest: HLSPlaylist.Place?
  private let isLive: Bool
  /// Told of each segment of a live stream that was read to its end.
  public var onEnd: ((HLSPlaylist.Place) -> Void)?
  private var left: Int?
  private var passOver = 0
  private var cipher: AES128Reader?
  private var key: (address: String, bytes: [UInt8])?
  private var map: HLSPlaylist.Map?
  private var isFirst = true
  private var mustBegin = false
  /// When the playlist was asked for last, and whether it had something new.
  private var asked: UInt64
  private var isFresh = true
  private var failures = 0

  private static let mostMap = 4 << 20

  /// From a playlist that was read, and where it lies; follows it to the best of its variants, and goes on behind a place of it that was played.
  public init(
    _ bytes: [UInt8], at address: String, source: any WebSource, behind played: HLSPlaylist.Place? = nil
  ) throws(Fault) {
    var (playlist, lies) = (try HLSPlaylist(bytes), address)
    if !playlist.variants.isEmpty {
      guard let variant = playlist.best else { throw Fault(.unsupported, "the stream has no variant with pictures") }
      let found = try source.whole(
        variant.address, at: address, limit: HLSPlaylist.mostBytes, what: "the playlist of HLS")
      (playlist, lies) = (try HLSPlaylist(found.bytes), found.body.address)
      guard playlist.variants.isEmpty else {
        throw Fault(.badInput, "a variant of the stream is a list of variants again")
      }
    }
    var latest = played
    let number = played.flatMap { playlist.number(behind: $0) }
    latest?.number = (number ?? 0) - 1
    let behind = number.map { max($0, playlist.start) }
    // Its last minutes are no film.
    let isOver = behind.map { $0 > playlist.segments.last?.number ?? 0 } ?? (playlist.segments.first?.number ?? 0 > 0)
    if playlist.isWhole, !playlist.isRecording, isOver {
      throw Fault(.unavailable, "the live stream has ended: its playlist says that nothing more comes")
    }
    (self.source, self.playlist, self.address) = (source, playlist, lies)
    (self.latest, isLive) = (number.flatMap { _ in latest }, !playlist.isWhole || played != nil)
    (asked, next) = (Clock.now, behind ?? playlist.start)
  }

  /// It is there from its beginning to its end, and played as a film is.
  public var isWhole: Bool { playlist.isWhole }

  /// The next piece; waits until there is one.
  public func take() throws(Fault) -> Piece {
    while true {
      if segment != nil {
        if let piece = try read() { return piece }
        continue
      }
      guard let found = playlist.segments.first(where: { $0.number >= next }) else {
        if playlist.isWhole { return .end }
        try refresh()
        continue
      }
      mustBegin = mustBegin || found.isNewBeginning || found.number > next && !isFirst
      (next, latest) = (found.number + 1, found.place)
      guard !found.isGap else {
        mustBegin = true
        continue
      }
      if let piece = try begin(found) { return piece }
    }
  }

  /// Opens a segment; a piece where a demuxer begins with it.
  private func begin(_ found: HLSPlaylist.Segment) throws(Fault) -> Piece? {
    var start: [UInt8] = []
    if found.map != map || mustBegin, let wanted = found.map { start = try self.start(wanted) }
    let isNew = mustBegin || isFirst || found.map != map
    cipher = try found.key.map { (key) throws(Fault) in
      try AES128Reader(key: try bytes(of: key), start: key.start ?? Self.bytes(of: found.number))
    }
    do throws(Fault) {
      let body = try source.open(found.address, at: address, range: found.range)
      passOver = found.range != nil && !body.isPart ? found.range?.lowerBound ?? 0 : 0
      (left, segment, failures) = (found.range?.count, found, 0)
    } catch {
      try forgive(error)
      return nil
    }
    (map, isFirst, mustBegin) = (found.map, false, false)
    return isNew ? .begin(start) : nil
  }

  /// The next bytes of the segment at hand; `nil` at its end.
  private func read() throws(Fault) -> Piece? {
    do throws(Fault) {
      var bytes = try source.read(upTo: 1 << 16)
      guard !bytes.isEmpty else {
        segment = nil
        let rest = cipher?.finish() ?? []
        return rest.isEmpty ? nil : .bytes(rest)
      }
      let skipped = min(passOver, bytes.count)
      (bytes, passOver) = (Array(bytes.dropFirst(skipped)), passOver - skipped)
      if let count = left {
        bytes = Array(bytes.prefix(count))
        left = count - bytes.count
        if left == 0 { segment = nil }
      }
      if let cipher { bytes = cipher.read(bytes) + (segment == nil ? cipher.finish() : []) }
      return bytes.isEmpty ? nil : .bytes(bytes)
    } catch {
      segment = nil
      try forgive(error)
      return nil
    }
  }

  /// A segment that is gone, or broke off, is passed over; some of them in a row are too many.
  private func forgive(_ fault: Fault) throws(Fault) {
    failures += 1
    mustBegin = true
    guard failures < 3, fault.kind == .notFound || fault.kind == .unavailable else { throw fault }
  }

  /// Waits for a new playlist: as long as a segment lasts, or half as long where nothing was new.
  private func refresh() throws(Fault) {
    let target = min(max(playlist.targetDuration, 0.2), 30)
    Clock.sleep(until: asked + UInt64(target * (isFresh ? 1 : 0.5) * 1e9))
    asked = Clock.now
    let last = playlist.segments.last?.number
    let found = try source.whole(address, at: "", limit: HLSPlaylist.mostBytes, what: "the playlist of HLS")
    playlist = try HLSPlaylist(found.bytes)
    guard playlist.variants.isEmpty else { throw Fault(.badInput, "a variant of the stream became a list of variants") }
    isFresh = playlist.segments.last?.number != last
    guard let latest else { return next = playlist.start }
    if let number = playlist.number(behind: latest) {
      next = number
      self.latest?.number = number - 1
    } else {
      // A server that began anew counts from anywhere.
      (next, mustBegin, self.latest) = (playlist.start, true, nil)
    }
  }

  private func start(_ map: HLSPlaylist.Map) throws(Fault) -> [UInt8] {
    let (body, bytes) = try source.whole(
      map.address, at: address, range: map.range, limit: Self.mostMap, what: "the beginning of the stream")
    let part = map.range.map { body.isPart ? bytes : Array(bytes.dropFirst($0.lowerBound).prefix($0.count)) } ?? bytes
    guard let key = map.key, let start = key.start else { return part }
    let reader = try AES128Reader(key: try self.bytes(of: key), start: start)
    return reader.read(part) + reader.finish()
  }

  private func bytes(of key: HLSPlaylist.Key) throws(Fault) -> [UInt8] {
    if let known = self.key, known.address == key.address { return known.bytes }
    let bytes = try source.whole(key.address, at: address, limit: 1 << 10, what: "the key of the stream").bytes
    self.key = (key.address, bytes)
    return bytes
  }

  private static func bytes(of number: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: 8) + (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * (7 - $0))) }
  }
}
