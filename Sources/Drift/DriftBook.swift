internal import Base
public import Predictions

/// What is watched of one stream: its pictures, and the answers of each network that looks at them.
public struct DriftBook: Sendable, Hashable {
  /// A network of a pipeline.
  public struct Network: Sendable, Hashable {
    /// The step's name, and the model's with its digest.
    public let name: String
    public let model: String
    /// What its answers depend on beside the pictures: another one begins a reference of its own.
    public let version: String
    /// It tells everything that is on each picture.
    public let countsObjects: Bool

    public init(name: String, model: String, version: String, countsObjects: Bool) {
      (self.name, self.model, self.version, self.countsObjects) = (name, model, version, countsObjects)
    }
  }

  public struct Answers: Sendable, Hashable {
    public internal(set) var network: Network
    /// The model that was there before, where it was another one.
    public internal(set) var before: String?
    public internal(set) var watch: DriftWatch
  }

  /// Something that has left its reference, or is back.
  public struct Event: Sendable, Hashable {
    /// `nil` for pictures.
    public let network: String?
    public let change: DriftChange
  }

  public internal(set) var settings: DriftSettings
  public internal(set) var pictures: DriftWatch
  /// By the order of the networks.
  public internal(set) var answers: [Answers] = []

  public init(_ settings: DriftSettings, since: Double) {
    self.settings = settings
    pictures = DriftWatch(DriftMeasure.ofPictures, settings, since: since)
  }

  /// A picture came, at a moment in seconds since 1970.
  public mutating func add(_ statistics: PictureStatistics, at moment: Double) -> [Event] {
    pictures.add(at: moment) { $0.add(statistics) }.map { Event(network: nil, change: $0) }
  }

  /// What networks answered about one, each its own; those that are not named any more are forgotten.
  public mutating func add(
    _ all: [(network: Network, predictions: [Prediction])], at moment: Double
  ) -> [Event] {
    take(all.map(\.network), at: moment)
    return all.indices.flatMap { place in
      let network = all[place].network
      return answers[place].watch.add(at: moment) {
        $0.add(all[place].predictions, countsObjects: network.countsObjects)
      }.map { Event(network: network.name, change: $0) }
    }
  }

  private mutating func take(_ networks: [Network], at moment: Double) {
    guard networks != answers.map(\.network) else { return }
    answers = networks.map { network in
      let old = answers.first { $0.network.name.utf8.elementsEqual(network.name.utf8) }
      if let old, old.network == network { return old }
      let before = old.flatMap {
        $0.network.model.utf8.elementsEqual(network.model.utf8) ? $0.before : $0.network.model
      }
      return Answers(
        network: network, before: before, watch: DriftWatch(DriftMeasure.ofAnswers, settings, since: moment))
    }
  }

  /// Concludes from windows that are over at a moment.
  public mutating func advance(to moment: Double) -> [Event] {
    var events = pictures.advance(to: moment).map { Event(network: nil, change: $0) }
    for place in answers.indices {
      events += answers[place].watch.advance(to: moment).map {
        Event(network: answers[place].network.name, change: $0)
      }
    }
    return events
  }

  /// When the last windows began that are over, of pictures and of each network.
  public var windows: [Double?] { [pictures.from] + answers.map(\.watch.from) }

  /// Of all together: `outside` where anything is, `within` where anything is that, `learning` where any reference is still learnt.
  public var standing: DriftState.Standing {
    let watches = [pictures] + answers.map(\.watch)
    let all = Set(watches.flatMap { watch in watch.measures.map(watch.standing) })
    return [.outside, .learning, .within].first(where: all.contains) ?? .few
  }

  /// What has left its reference, in words; `nil` where nothing has.
  public var problem: String? {
    var words = pictures.outside.map { Self.words($0, pictures, of: "the pictures") }
    for one in answers {
      words += one.watch.outside.map { Self.words($0, one.watch, of: "what '\(one.network.name)' answers") }
    }
    return words.isEmpty ? nil : words.joined(separator: "; ")
  }

  private static func words(_ measure: DriftMeasure, _ watch: DriftWatch, of what: String) -> String {
    var text = "\(measure.rawValue) of \(what)"
    if case .index(let index)? = watch.states[measure]?.verdict {
      let (now, enter) = (NumberFormat.fixed(index.value, 2), NumberFormat.fixed(watch.thresholds(measure).enter, 2))
      text += " (index \(now), from \(enter))"
    }
    return text
  }
}
