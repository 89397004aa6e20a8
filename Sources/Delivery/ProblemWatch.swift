/// From what is wrong now to incidents that are raised and cleared, as a value: what passes quickly is none.
public struct ProblemWatch: Sendable {
  public enum Step: Sendable, Hashable {
    case raise(IncidentDesk.Place, String)
    case clear(IncidentDesk.Place)
  }

  /// What one place looks like now.
  public struct Sight: Sendable, Hashable {
    public let place: IncidentDesk.Place
    /// `nil` where all is well.
    public let problem: String?
    /// Seconds for which it has to be so before it is an incident.
    public let patience: Double

    public init(_ place: IncidentDesk.Place, problem: String?, patience: Double = 0) {
      (self.place, self.problem, self.patience) = (place, problem, patience)
    }
  }

  private struct Trouble {
    let since: Double
    var isRaised = false
  }

  private var troubles: [IncidentDesk.Place: Trouble] = [:]

  public init() {}

  /// What is to be done, at a moment in seconds of any clock that only grows; a place that is not among `sights` any more is well.
  public mutating func look(_ sights: [Sight], at now: Double) -> [Step] {
    var (steps, seen) = ([Step](), Set<IncidentDesk.Place>())
    for sight in sights {
      guard let problem = sight.problem else { continue }
      seen.insert(sight.place)
      var trouble = troubles[sight.place] ?? Trouble(since: now)
      if !trouble.isRaised, now - trouble.since >= sight.patience {
        trouble.isRaised = true
        steps.append(.raise(sight.place, problem))
      }
      troubles[sight.place] = trouble
    }
    for (place, trouble) in troubles where !seen.contains(place) {
      troubles[place] = nil
      if trouble.isRaised { steps.append(.clear(place)) }
    }
    return steps
  }

  /// That it is over could not be written down: it is cleared once more the next time.
  public mutating func keep(_ place: IncidentDesk.Place) {
    troubles[place] = Trouble(since: 0, isRaised: true)
  }

  /// It could not be written down: it is raised once more the next time.
  public mutating func forget(_ place: IncidentDesk.Place) { troubles[place] = nil }
}
