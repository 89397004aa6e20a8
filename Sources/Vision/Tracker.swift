internal import Base
public import Predictions

/// A multi-object tracker: gives detections of the same object the same number, frame after frame.
///
/// The manner of ByteTrack (Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", 2022):
/// each track foretells its box (``BoxMotion``); sure detections are paired with tracks first, by overlap weighted with their
/// score; tracks that are left and were seen in the frame before then take unsure detections, which is what something half
/// hidden gives; what is left of the sure ones begins new tracks. Beyond the paper, tracks seen in the frame before choose
/// before those that are lost (the cascade of Wojke et al., DeepSORT, 2017), so that an object in front of a hidden one
/// does not take its number, and what is lost moves on as it did when it was last seen whole
/// (``SteadyMotion``). Ids are given when a track is confirmed, from 1, in the order of appearance. The same frames
/// always give the same ids. Frames come in the order of time; those without detections are told too, so that time passes.
public struct Tracker: Sendable {
  public struct Settings: Sendable, Hashable {
    /// Score from which a detection is sure (the paper's τ).
    public var high: Float = 0.6
    /// Score from which an unsure detection may still carry a track on.
    public var low: Float = 0.1
    /// Score from which a sure detection begins a track (the authors' program: τ + 0.1).
    public var new: Float = 0.7
    /// Least overlap times score with the foretold box (the authors' program: a cost of at most 0.8).
    public var overlap = 0.2
    /// Seconds for which a track that is not seen is looked for.
    public var buffer = 2.0
    /// Frames in a row in which an object is seen before it counts.
    public var confirm = 2
    /// Detections of different labels are never the same object.
    public var labelsApart = false

    public init() {}
  }

  /// What is known of one object when it has gone for good.
  public struct Ended: Sendable, Hashable {
    public var id: Int
    /// The surest detection of it.
    public var best: Prediction
    /// Seconds of its first and last frame.
    public var span: ClosedRange<Double>
  }

  /// Least overlap for an unsure detection, and highest cost for a track that is not confirmed yet (the authors' program).
  private static let secondOverlap = 0.5
  private static let firstCost = 0.7
  /// A sure detection that overlaps a paired one by more is another view of the same thing and begins nothing.
  private static let sameThing = 0.85

  private struct Track: Sendable {
    var id: Int?
    var motion: BoxMotion
    var steady: SteadyMotion
    var label: String?
    var best: Prediction
    var first: Double
    var last: Double
    var sightings = 1
    /// Seen in the frame before.
    var isSeen = true
  }

  private let settings: Settings
  private let picture: Double
  private var tracks: [Track] = []
  private var time: Double?
  private var assignment = Assignment()
  /// Confirmed so far.
  public private(set) var count = 0

  /// For pictures of the given aspect: width divided by height.
  public init(_ settings: Settings = Settings(), aspect: Double) { (self.settings, picture) = (settings, aspect) }

  /// Takes one frame's detections, all with boxes and scores; `time` is in seconds.
  ///
  /// Gives the id of each, `nil` where it belongs to no confirmed track, and the tracks that ended with this frame.
  public mutating func advance(_ found: [Prediction], time now: Double) -> (ids: [Int?], ended: [Ended]) {
    move(to: now)
    var owners = [Int?](repeating: nil, count: found.count)
    let sure = found.indices.filter { score(found[$0]) >= settings.high }
    let unsure = found.indices.filter { score(found[$0]) >= settings.low && score(found[$0]) < settings.high }
    let (followed, lost) = (standing { $0.id != nil && $0.isSeen }, standing { $0.id != nil && !$0.isSeen })
    pair(followed, sure, found, &owners, limit: 1 - settings.overlap)
    pair(lost, sure, found, &owners, limit: 1 - settings.overlap)
    pair(followed, unsure, found, &owners, limit: 1 - Self.secondOverlap, weighted: false)
    pair(standing { $0.id == nil }, sure, found, &owners, limit: Self.firstCost)
    for (index, owner) in owners.enumerated() { if let owner { see(found[index], by: owner, now) } }
    begin(sure, found, &owners, now)
    confirm(owners)
    let ids = owners.map { owner in owner.flatMap { tracks[$0].id } }
    return (ids, forget(Set(owners.compactMap { $0 }), now))
  }

  /// Ends every track, at the end of the video.
  public mutating func finish() -> [Ended] {
    defer { tracks = [] }
    return tracks.compactMap(Self.ended)
  }

  private func score(_ prediction: Prediction) -> Float { prediction.score ?? 0 }

  private mutating func move(to now: Double) {
    let frames = max(0, now - (time ?? now)) * BoxMotion.framesPerSecond
    time = max(now, time ?? now)
    for index in tracks.indices { tracks[index].motion.predict(frames: frames, isSeen: tracks[index].isSeen) }
  }

  private func standing(_ isMeant: (Track) -> Bool) -> [Int] { tracks.indices.filter { isMeant(tracks[$0]) } }

  /// Pairs tracks that have no detection yet with detections that have no track yet, and writes the tracks down in `owners`.
  private mutating func pair(
    _ candidates: [Int], _ detections: [Int], _ found: [Prediction], _ owners: inout [Int?], limit: Double,
    weighted: Bool = true
  ) {
    let taken = Set(owners.compactMap { $0 })
    let candidates = candidates.filter { !taken.contains($0) }
    let detections = detections.filter { owners[$0] == nil }
    guard !candidates.isEmpty, !detections.isEmpty else { return }
    let foretold = candidates.map { (box: tracks[$0].motion.box, label: tracks[$0].label) }
    let apart = settings.labelsApart
    let columns = assignment.solve(rows: candidates.count, columns: detections.count, limit: limit) { row, column in
      let detection = found[detections[column]]
      guard let box = detection.box, !apart || detection.label == foretold[row].label else { return 1 }
      return 1 - foretold[row].box.iou(box) * (weighted ? Double(detection.score ?? 0) : 1)
    }
    for (row, column) in columns.enumerated() { if let column { owners[detections[column]] = candidates[row] } }
  }

  private mutating func see(_ detection: Prediction, by index: Int, _ now: Double) {
    if let box = detection.box {
      tracks[index].motion.correct(box)
      let (isSure, step) = (score(detection) >= settings.high, max(0, now - tracks[index].last))
      tracks[index].steady.learn(tracks[index].motion, box, isSure: isSure, time: now, step: step)
    }
    tracks[index].sightings += 1
    (tracks[index].isSeen, tracks[index].last) = (true, now)
    if score(detection) > score(tracks[index].best) { tracks[index].best = detection }
  }

  private mutating func begin(_ sure: [Int], _ found: [Prediction], _ owners: inout [Int?], _ now: Double) {
    let taken = sure.filter { owners[$0] != nil }
    for index in sure where owners[index] == nil && score(found[index]) >= settings.new {
      guard let box = found[index].box else { continue }
      let isDouble = !settings.labelsApart && taken.contains { (found[$0].box?.iou(box) ?? 0) > Self.sameThing }
      guard !isDouble else { continue }
      owners[index] = tracks.count
      let motion = BoxMotion(box, picture: picture)
      tracks.append(
        Track(
          motion: motion, steady: SteadyMotion(box), label: found[index].label, best: found[index],
          first: now, last: now))
    }
  }

  /// Numbers are given in the order in which the detections of this frame stand.
  private mutating func confirm(_ owners: [Int?]) {
    for case let index? in owners where tracks[index].id == nil && tracks[index].sightings >= settings.confirm {
      count += 1
      tracks[index].id = count
    }
  }

  /// Lets go of what has not been seen for too long, and at once of what was not confirmed.
  private mutating func forget(_ paired: Set<Int>, _ now: Double) -> [Ended] {
    var ended: [Ended] = []
    var kept: [Track] = []
    for (index, var track) in tracks.enumerated() {
      let isSeen = paired.contains(index)
      if track.isSeen, !isSeen { track.motion = track.steady.foretold(at: now) ?? track.motion }
      track.isSeen = isSeen
      let isKept = track.isSeen || track.id != nil && now - track.last <= settings.buffer
      if isKept { kept.append(track) } else if let end = Self.ended(track) { ended.append(end) }
    }
    tracks = kept
    return ended
  }

  private static func ended(_ track: Track) -> Ended? {
    track.id.map { Ended(id: $0, best: track.best, span: track.first...max(track.first, track.last)) }
  }
}
