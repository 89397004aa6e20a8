public import Base

/// What happened as JSON; the format is described in `docs/predictions.md`.
public enum HappeningJSON {
  /// Appends a line and its line feed.
  public static func write(_ happening: Happening, file: String, into json: inout JSONWriter) {
    json.object { json in
      json.field("file", file)
      write(members: happening, into: &json)
    }
    json.newline()
  }

  /// Writes the members of an object that is open.
  public static func write(members happening: Happening, into json: inout JSONWriter) {
    switch happening {
    case .crossing(let crossing): write(crossing, into: &json)
    case .visit(let visit): write(visit, into: &json)
    case .event(let event):
      json.field("kind", "event")
      write(members: event, into: &json)
    }
  }

  private static func write(_ crossing: Crossing, into json: inout JSONWriter) {
    json.field("kind", "crossing")
    json.field("line", crossing.line)
    json.field("direction", crossing.direction.rawValue)
    json.field("track", crossing.track)
    json.field("label", ifKnown: crossing.label)
    json.field("score", ifKnown: crossing.score.map(Double.init))
    if let box = crossing.box { write(box, into: &json) }
    write(crossing.moment, into: &json)
  }

  private static func write(_ visit: Visit, into json: inout JSONWriter) {
    json.field("kind", "visit")
    json.field("zone", visit.zone)
    json.field("track", visit.track)
    json.field("label", ifKnown: visit.label)
    json.field("from", visit.from, digits: 6)
    json.field("to", visit.to, digits: 6)
    json.field("dwell", visit.to - visit.from, digits: 6)
  }

  /// Writes the members of an object that is open, without their kind.
  public static func write(members event: Event, into json: inout JSONWriter) {
    json.field("id", event.id)
    json.field("rule", event.rule)
    json.field("phase", event.phase.rawValue)
    json.field("zone", ifKnown: event.zone)
    json.field("line", ifKnown: event.line)
    json.field("direction", ifKnown: event.direction?.rawValue)
    json.field("from", event.from, digits: 6)
    json.field("to", event.to, digits: 6)
    json.field("count", event.count)
    if !event.tracks.isEmpty { json.array("tracks") { for track in event.tracks { $0.integer(track) } } }
    json.field("label", ifKnown: event.label)
    json.field("score", ifKnown: event.score.map(Double.init))
    json.object("best") { json in
      write(event.best, into: &json)
      if let box = event.box { write(box, into: &json) }
    }
    json.field("reason", ifKnown: event.ending?.rawValue)
  }

  private static func write(_ moment: FrameMoment, into json: inout JSONWriter) {
    json.field("pts", ifKnown: moment.pts)
    json.field("time", moment.time, digits: 6)
    json.field("frame", moment.frame)
  }

  private static func write(_ box: Rect, into json: inout JSONWriter) {
    json.array("box") { json in
      for side in [box.x, box.y, box.width, box.height] { json.number(side, digits: 5) }
    }
  }
}
