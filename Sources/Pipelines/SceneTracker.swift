internal import Predictions
internal import Vision

/// Who is in which zone since when, and who has crossed which line.
///
/// What is known of an object ends with its track, so memory depends on how many are followed at a time alone.
struct SceneTracker: Sendable {
  /// When an object was in a zone first and last.
  struct Stay: Sendable, Hashable {
    let from: Double
    let to: Double
  }

  fileprivate struct Followed {
    var label: String?
    var stays: [Stay?]
    var lines: [LineCrossing]
  }

  private let scene: Scene
  private let aspect: Double
  private var followed: [Int: Followed] = [:]
  /// Who is in each zone in the last frame, by position among its objects.
  private(set) var members: [[Int]]
  /// Of zones and lines; rules are counted elsewhere.
  private(set) var counts = SceneCounts()

  init(_ scene: Scene, aspect: Double) {
    (self.scene, self.aspect, members) = (scene, aspect, scene.zones.map { _ in [] })
    counts.zones = scene.zones.map { SceneCounts.Zone(name: $0.name) }
    counts.lines = scene.lines.map { SceneCounts.Line(name: $0.name) }
  }

  var followedCount: Int { followed.count }

  /// Takes one frame's objects; with those whose tracks ended.
  mutating func advance(
    _ objects: [Prediction], ended: [Int], at moment: FrameMoment, into happenings: inout [Happening]
  ) {
    for index in members.indices {
      counts.zones[index].now = 0
      members[index].removeAll(keepingCapacity: true)
    }
    for (place, object) in objects.enumerated() { see(object, at: place, moment, &happenings) }
    for index in counts.zones.indices {
      counts.zones[index].most = max(counts.zones[index].most, counts.zones[index].now)
    }
    leave(at: moment.time, &happenings)
    for track in ended { forget(track, &happenings) }
  }

  /// Ends all stays.
  mutating func close(into happenings: inout [Happening]) {
    for track in followed.keys.sorted() { forget(track, &happenings) }
  }

  /// Whether an object is in a zone now.
  func isInside(_ object: Prediction, zone: Int) -> Bool {
    guard let box = object.box, let point = scene.zones[zone].anchor.point(of: box) else { return false }
    return scene.zones[zone].polygon.contains(point)
  }

  /// How long an object has been in a zone; 0 for one that is not followed.
  func dwell(_ track: Int?, zone: Int, at time: Double) -> Double {
    guard let track, let stay = followed[track]?.stays[zone] else { return 0 }
    return time - stay.from
  }

  private mutating func see(
    _ object: Prediction, at place: Int, _ moment: FrameMoment, _ happenings: inout [Happening]
  ) {
    guard let box = object.box else { return }
    for index in scene.zones.indices where isInside(object, zone: index) {
      members[index].append(place)
      if Self.counts(object, scene.zones[index].labels) { counts.zones[index].now += 1 }
    }
    guard let track = object.track else { return }
    // Taken out, so that it is changed in place.
    var state =
      followed.removeValue(forKey: track)
      ?? Followed(stays: scene.zones.map { _ in nil }, lines: scene.lines.map { _ in LineCrossing() })
    if let label = object.label { state.label = label }
    for index in scene.zones.indices where members[index].last == place {
      guard Self.counts(object, scene.zones[index].labels) else { continue }
      stay(&state, index, track, moment.time, &happenings)
    }
    for (index, line) in scene.lines.enumerated() {
      guard let point = line.anchor.point(of: box) else { continue }
      let side = state.lines[index].move(to: point, line.segment, margin: line.margin, aspect: aspect)
      guard side != 0, Self.counts(object, line.labels) else { continue }
      let crossing = Crossing(
        line: line.name, direction: side > 0 ? .into : .out, track: track, label: object.label, score: object.score,
        box: box, moment: moment)
      counts.lines[index].add(crossing)
      happenings.append(.crossing(crossing))
    }
    followed[track] = state
  }

  /// An object is in a zone.
  private mutating func stay(
    _ state: inout Followed, _ zone: Int, _ track: Int, _ time: Double, _ happenings: inout [Happening]
  ) {
    if let stay = state.stays[zone] {
      guard time - stay.to > scene.zones[zone].hold else {
        state.stays[zone] = Stay(from: stay.from, to: time)
        return
      }
      end(stay, zone, track, state.label, &happenings)
    }
    state.stays[zone] = Stay(from: time, to: time)
    counts.zones[zone].visits += 1
  }

  /// Ends the stays of those that have been out for too long.
  private mutating func leave(at time: Double, _ happenings: inout [Happening]) {
    guard !scene.zones.isEmpty else { return }
    let leaving = followed.filter { $0.value.isLeaving(scene, time) }.keys.sorted()
    for track in leaving {
      for (index, zone) in scene.zones.enumerated() {
        guard let stay = followed[track]?.stays[index], time - stay.to > zone.hold else { continue }
        end(stay, index, track, followed[track]?.label, &happenings)
        followed[track]?.stays[index] = nil
      }
    }
  }

  private mutating func forget(_ track: Int, _ happenings: inout [Happening]) {
    guard let state = followed.removeValue(forKey: track) else { return }
    for (index, stay) in state.stays.enumerated() {
      if let stay { end(stay, index, track, state.label, &happenings) }
    }
  }

  private mutating func end(
    _ stay: Stay, _ zone: Int, _ track: Int, _ label: String?, _ happenings: inout [Happening]
  ) {
    counts.zones[zone].longest = max(counts.zones[zone].longest, stay.to - stay.from)
    counts.zones[zone].total += stay.to - stay.from
    happenings.append(
      .visit(Visit(zone: scene.zones[zone].name, track: track, label: label, from: stay.from, to: stay.to)))
  }

  static func counts(_ object: Prediction, _ labels: [String]) -> Bool {
    labels.isEmpty || object.label.map(labels.contains) ?? false
  }
}

extension SceneTracker.Followed {
  fileprivate func isLeaving(_ scene: Scene, _ time: Double) -> Bool {
    for (zone, stay) in zip(scene.zones, stays) { if let stay, time - stay.to > zone.hold { return true } }
    return false
  }
}
