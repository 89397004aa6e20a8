internal import Base

/// A condition as it was written.
indirect enum Node {
  case all([Node])
  case any([Node])
  case not(Node)
  /// With the text that it is read from again.
  case leaf(Condition, String)
  case bound(Bound)

  /// One end of a stretch of time, which may have its other end beside it.
  struct Bound {
    enum Value {
      /// Milliseconds since 1970; a fixed one is not counted from the present.
      case moment(Int, isFixed: Bool)
      /// Of every day, in milliseconds since midnight.
      case time(Int)
    }

    let isAfter: Bool
    let value: Value
    let text: String
    let place: Int
  }

  /// What is asked, with times of day by the clocks of a zone.
  func condition(_ text: QueryText, _ zone: TimeRules) throws(Fault) -> Condition {
    switch self {
    case .all(let parts): return try Self.all(parts, text, zone)
    case .any(let parts):
      var conditions: [Condition] = []
      for part in parts { conditions.append(try part.condition(text, zone)) }
      return .any(conditions)
    case .not(let part): return .not(try part.condition(text, zone))
    case .leaf(let condition, _): return condition
    case .bound: return try Self.all([self], text, zone)
    }
  }

  private static func all(_ parts: [Node], _ text: QueryText, _ zone: TimeRules) throws(Fault) -> Condition {
    let bounds = parts.compactMap { if case .bound(let bound) = $0 { bound } else { nil } }
    try checkOrder(of: bounds, text)
    var daily = try daily(bounds, text, zone)
    var conditions: [Condition] = []
    for part in parts {
      guard case .bound(let bound) = part else {
        conditions.append(try part.condition(text, zone))
        continue
      }
      switch bound.value {
      case .moment(let moment, _):
        conditions.append(.began(bound.isAfter ? moment..<Int.max : Int.min..<moment))
      case .time:
        if let daily { conditions.append(.daily(daily)) }
        daily = nil
      }
    }
    return conditions.count == 1 ? conditions[0] : .all(conditions)
  }

  /// `after:18:00 before:06:00` beside each other are one stretch.
  private static func daily(_ bounds: [Bound], _ text: QueryText, _ zone: TimeRules) throws(Fault) -> DailyTime? {
    var (start, end): (Int?, Int?) = (nil, nil)
    for bound in bounds {
      guard case .time(let time) = bound.value else { continue }
      guard (bound.isAfter ? start : end) == nil else {
        throw text.fault(
          at: bound.place, "'\(bound.text)' is the second such time of day here: leave one out, or set parentheses")
      }
      if bound.isAfter { start = time } else { end = time }
      if let start, start == end {
        throw text.fault(
          at: bound.place, "'\(bound.text)' ends the time of day where it begins: leave both out for all day")
      }
    }
    guard start != nil || end != nil else { return nil }
    guard end != 0 || start != nil else {
      throw text.fault(at: bounds[0].place, "no time of a day is before midnight: write a later time, or a day as well")
    }
    return DailyTime(from: start ?? 0, to: end ?? DailyTime.dayLength, in: zone)
  }

  /// Times that are not counted from the present must leave something between them.
  private static func checkOrder(of bounds: [Bound], _ text: QueryText) throws(Fault) {
    var (latest, earliest): (Int, Int) = (.min, .max)
    for bound in bounds {
      guard case .moment(let moment, true) = bound.value else { continue }
      if bound.isAfter { latest = max(latest, moment) } else { earliest = min(earliest, moment) }
      guard latest < earliest else {
        throw text.fault(
          at: bound.place,
          "'\(bound.text)' leaves no time between after: and before:, which are upside down: change them over")
      }
    }
  }
}
