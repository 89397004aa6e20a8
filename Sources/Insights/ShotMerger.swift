/// Finds shots from what a network like TransNetV2 says of each frame, in order of presentation.
///
/// Frames whose probability is above the threshold are the end of a shot and what lies before the next: the first of such a run is
/// the last frame of the old shot, the frame after the run is the first of the new one, as that network was taught.
/// With descriptors, all that it finds around a black stretch is one transition.
public struct ShotMerger: Sendable {
  private let settings: ShotSettings
  private var track = FilmTrack()
  private var single: [Float] = []
  private var many: [Float] = []

  public init(_ settings: ShotSettings = ShotSettings()) { self.settings = settings }

  /// Takes the next frame: `single` says that a transition is here, `many` (if there is one) that the frame lies inside of one.
  public mutating func add(
    index: Int, time: Double, single: Float, many: Float? = nil, _ descriptor: ShotDescriptor? = nil
  ) {
    track.add(index: index, time: time, descriptor, blackLuma: settings.blackLuma)
    self.single.append(single)
    self.many.append(many ?? 0)
  }

  /// What it was given so far, frame by frame.
  public var figures: ShotFigures { ShotFigures(single: single, many: many, track, threshold: settings.threshold) }

  /// The shots of the film; `end` is where its last frame ends, in seconds, where that is known.
  public consuming func finish(end: Double? = nil) -> ShotList {
    ShotAssembly(track: track, settings: settings, filmEnd: end, cutsEndFades: false).shots(from: runs().map(widened))
  }

  /// Runs of frames above the threshold that begin after the first frame and end before the last.
  private func runs() -> [ShotTransition] {
    let limit = Float(settings.threshold)
    var runs: [ShotTransition] = []
    var place = 0
    while place < single.count {
      let first = place
      while place < single.count, single[place] > limit { place += 1 }
      if place > first, first > 0, place < single.count {
        let score = single[first..<place].max()!
        runs.append(ShotTransition(kind: .cut, from: first, to: place, score: Double(score)))
      }
      place += 1
    }
    return runs
  }

  /// As far as the frames go that lie inside of the same transition; more than two make it a gradual one.
  private func widened(_ run: ShotTransition) -> ShotTransition {
    let limit = Float(settings.threshold)
    var run = run
    while run.from > 0, many[run.from - 1] > limit { run.from -= 1 }
    while run.to < many.count - 1, many[run.to] > limit { run.to += 1 }
    if run.to - run.from > 3 { run.kind = .gradual }
    return run
  }
}
