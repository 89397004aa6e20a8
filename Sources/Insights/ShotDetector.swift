/// Finds shots without a network, from ``ShotDescriptor``s in order of presentation.
///
/// Give it every frame. It keeps the last 128 descriptors and about 30 bytes of every frame, and takes some ten microseconds a
/// frame. How it decides stands in `docs/analysers.md`. The answer depends on nothing but the frames.
public struct ShotDetector: Sendable {
  private let settings: ShotSettings
  private let tuning: ShotTuning
  private var looks = ShotLooks()
  private var track = FilmTrack()
  private var cuts: CutFinder
  private var graduals: GradualFinder
  /// Change from the frame before.
  private var steps: [Float] = []

  public init(_ settings: ShotSettings = ShotSettings()) { self.init(settings, ShotTuning()) }

  init(_ settings: ShotSettings, _ tuning: ShotTuning) {
    (self.settings, self.tuning) = (settings, tuning)
    cuts = CutFinder(tuning: tuning)
    graduals = GradualFinder(tuning: tuning)
  }

  /// Takes the next frame: its number, and the seconds at which it is shown.
  public mutating func add(index: Int, time: Double, _ descriptor: ShotDescriptor) {
    track.add(index: index, time: time, descriptor, blackLuma: settings.blackLuma)
    looks.add(descriptor)
    let place = track.count - 1
    steps.append(place > 0 ? looks.distance(place - 1, place) : 0)
    cuts.decide(place - ShotTuning.lookahead, looks, steps, track)
    if place >= ShotTuning.context { graduals.look(place - ShotTuning.context, looks, steps) }
  }

  /// What it was given so far, frame by frame.
  public var figures: ShotFigures { ShotFigures(changes: steps, track, tuning, threshold: settings.threshold) }

  /// The shots of the film; `end` is where its last frame ends, in seconds, where that is known.
  public consuming func finish(end: Double? = nil) -> ShotList {
    for place in max(1, track.count - ShotTuning.lookahead)..<max(1, track.count) {
      cuts.decide(place, looks, steps, track)
    }
    for place in max(0, track.count - ShotTuning.context)..<max(0, track.count) { graduals.look(place, looks, steps) }
    let found = graduals.transitions(beside: cuts.found, cuts.flashes, threshold: settings.threshold)
    return ShotAssembly(track: track, settings: settings, filmEnd: end, cutsEndFades: true).shots(from: found)
  }
}
