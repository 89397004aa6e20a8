internal import Base
internal import Catalog
internal import Glibc
internal import MediaProcess
internal import Synchronization

/// The thread that writes what ``Take`` decides, a file after the other.
final class RecordingWriter {
  private let desk: RecordingDesk
  private let finisher: FilmFinisher
  private var files: [Int: RecordingFile] = [:]

  /// Nanoseconds between two looks at what came.
  private static let interval: UInt64 = 100_000_000

  init(_ desk: RecordingDesk, _ finisher: FilmFinisher) { (self.desk, self.finisher) = (desk, finisher) }

  func run() {
    while true {
      let isOver = desk.state.withLock(\.isOver)
      let next = Clock.now + Self.interval
      // Streams in turn, each a step at a time, so that none waits until another has nothing more.
      while writeAll() {}
      if isOver { return }
      Clock.sleep(until: next)
    }
  }

  /// One step of each take; whether there may be more.
  private func writeAll() -> Bool {
    var hasMore = false
    let takes = desk.state.withLock { state in state.tracks.mapValues { Array($0.takes.keys) } }
    for (place, ids) in takes {
      for id in ids { hasMore = write(place, id) || hasMore }
      desk.state.withLock { $0.trim(place) }
    }
    return hasMore
  }

  /// Does what a take says next; whether there may be more.
  private func write(_ place: RecordingDesk.Place, _ id: Int) -> Bool {
    guard hasRoom(place, id), let (step, label) = desk.state.withLock({ $0.next(place, id) }) else { return false }
    do throws(Fault) {
      switch step {
      case .rest: return false
      case .over: desk.state.withLock { $0.remove(place, id) }
      case .begin(let head):
        let file = try RecordingFile(desk.path(of: label), label, head: head)
        files[id] = file
        desk.state.withLock { $0.tracks[place]?.files.append((file.path, label.kind)) }
      case .append(let parts):
        let bytes = parts.count == 1 ? parts[0] : parts.reduce(into: []) { $0 += $1 }
        try files[id]?.append(bytes)
        desk.room.note(bytes.count)
        desk.state.withLock { $0.note(bytes.count, of: place) }
      case .close(let until): close(place, id, until)
      }
      return true
    } catch {
      let count = if case .append(let parts) = step { parts.count } else { 1 }
      desk.state.withLock { state in
        state.tracks[place]?.takes[id]?.fail()
        state.tracks[place]?.figures.lost += count
      }
      if !close(place, id, nil) { desk.state.withLock { $0.discard(label, error.message) } }
      desk.fail(place, error)
      return false
    }
  }

  /// Nothing is taken from the packets while there is no room; those that wait for too long are lost, and counted.
  private func hasRoom(_ place: RecordingDesk.Place, _ id: Int) -> Bool {
    guard desk.state.withLock({ $0.isWriting(place, id) }), !desk.room.letsWrite() else { return true }
    if let reason = desk.room.refusal { desk.fail(place, Fault(.exhausted, reason)) }
    return false
  }

  /// Whether there was a file.
  @discardableResult
  private func close(_ place: RecordingDesk.Place, _ id: Int, _ until: Int?) -> Bool {
    guard let path = files.removeValue(forKey: id)?.path else { return false }
    desk.state.withLock { $0.tracks[place]?.figures.waiting += 1 }
    finisher.add(FilmFinisher.Order(path: path, until: until, place: place))
    return true
  }
}

extension RecordingDesk {
  /// Where the file is written that this label is for.
  func path(of label: RecordingLabel) -> String {
    var random = SystemRandomNumberGenerator()
    let mark = label.event ?? ULID(milliseconds: Int(Clock.seconds * 1000), using: &random)
    return "\(folder)/\(mark.text)\(Self.suffix)"
  }
}

extension RecordingDesk.State {
  mutating func next(_ place: RecordingDesk.Place, _ id: Int) -> (Take.Step, RecordingLabel)? {
    guard let line = tracks[place]?.line, let label = tracks[place]?.takes[id]?.label else { return nil }
    let lost = tracks[place]!.takes[id]!.lost
    let step = tracks[place]!.takes[id]!.next(line, now: RecordingDesk.ticks(Clock.seconds))
    let more = tracks[place]!.takes[id]!.lost - lost
    if more > 0 {
      tracks[place]!.figures.lost += more
      if !tracks[place]!.figures.isStopped {
        tracks[place]!.figures.note("the disk did not keep up, and \(more) pictures went before they were written")
      }
    }
    return (step, label)
  }

  /// Whether a take has something to write, and not only to close.
  func isWriting(_ place: RecordingDesk.Place, _ id: Int) -> Bool {
    guard !isOver, let track = tracks[place], let take = track.takes[id] else { return false }
    return take.place < track.line.end && take.place >= track.line.first
  }

  mutating func note(_ byteCount: Int, of place: RecordingDesk.Place) {
    tracks[place]?.figures.byteCount += byteCount
    tracks[place]?.figures.isStopped = false
  }

  /// Lets go of packets that nobody needs any more, and of streams that have ended.
  mutating func trim(_ place: RecordingDesk.Place) {
    guard let track = tracks[place] else { return }
    if track.isEnded, track.takes.isEmpty {
      tracks[place]!.line = PacketLine()
      forget(place)
      return
    }
    let needed = track.takes.values.map(\.place).min() ?? .max
    let moment = track.line.newest - track.preRoll
    tracks[place]!.line.trim(before: moment, needed, mostBytes: mostBytes)
  }

  /// No more is kept than may be, needed or not.
  mutating func bound(_ place: RecordingDesk.Place) {
    guard let count = tracks[place]?.line.byteCount, count > mostBytes else { return }
    tracks[place]!.line.trim(before: 0, 0, mostBytes: mostBytes * 7 / 8)
  }

  private var mostBytes: Int { min(limits.bytes, limits.bytesOfAll / max(1, tracks.count)) }
}

extension PacketLine {
  /// When the newest picture is shown, in ticks.
  var newest: Int {
    for case .picture(let fragment, _, _) in entries.reversed() { return fragment.pts }
    return 0
  }
}
