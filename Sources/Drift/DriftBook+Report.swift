public import Base

/// What is told of a stream's drift on every surface.
extension DriftBook {
  /// The members of an object that is open.
  public func writeReport(into json: inout JSONWriter) {
    json.object("settings") { json in
      json.field("every_s", settings.every)
      json.field("window_s", settings.window)
      json.field("learn_s", settings.learn)
      json.field("rhythm", settings.isDaily ? "day" : "none")
      json.field("windows", settings.windows)
      json.field("evidence", settings.evidence)
    }
    json.field("problem", ifKnown: problem)
    json.object("pictures") { pictures.writeReport(into: &$0) }
    json.array("networks") { json in
      for one in answers {
        json.object { json in
          json.field("network", one.network.name)
          json.field("model", one.network.model)
          json.field("before", ifKnown: one.before)
          one.watch.writeReport(into: &json)
        }
      }
    }
  }
}

extension DriftWatch {
  fileprivate func writeReport(into json: inout JSONWriter) {
    json.field("since", since, digits: 3)
    json.field("learnt", learnt)
    if let reference {
      json.object("reference") { json in
        json.field("from", reference.from, digits: 3)
        json.field("to", reference.to, digits: 3)
      }
    }
    if let from {
      json.object("window") { json in
        json.field("from", from, digits: 3)
        json.field("to", from + settings.window, digits: 3)
        json.field("pictures", now.pictures)
      }
    }
    json.array("measures") { json in for measure in measures { json.object { write(measure, into: &$0) } } }
  }

  private func write(_ measure: DriftMeasure, into json: inout JSONWriter) {
    let (old, new) = (from.flatMap { reference?.around($0).counts[measure] }, now.counts[measure])
    json.field("measure", measure.rawValue)
    json.field("state", standing(measure).rawValue)
    if case .index(let index)? = states[measure]?.verdict {
      json.field("index", index.value)
      json.field("distance", index.distance)
    }
    if reference != nil {
      let (enter, leave) = thresholds(measure)
      json.field("enter", enter)
      json.field("leave", leave)
      json.field("usual", ifKnown: reference?.unrest[measure]?.usual)
      json.field("own", ifKnown: reference?.unrest[measure]?.most)
    }
    json.field("least", measure.least)
    json.field("seen", new?.total ?? 0)
    json.field("seen_reference", old?.total ?? 0)
    guard let shape = old ?? new else { return }
    let groups = DriftGroups(shape, measure)
    let (before, after) = (groups.counts(old ?? DriftCounts()), groups.counts(new ?? DriftCounts()))
    json.array("groups") { json in
      for (place, group) in groups.groups.enumerated() {
        json.object { json in
          group.write(measure, into: &json)
          json.field("reference", before[place])
          json.field("now", after[place])
        }
      }
    }
  }
}

extension DriftGroups.Group {
  /// Of numbers between which they lie; the first and the last take what lies beyond them too.
  fileprivate func write(_ measure: DriftMeasure, into json: inout JSONWriter) {
    switch self {
    case .range(let bins):
      if bins.lowerBound > 0 { json.field("from", ifKnown: measure.scale?.edge(bins.lowerBound), digits: 6) }
      if bins.upperBound < measure.scale?.count ?? 0 {
        json.field("to", ifKnown: measure.scale?.edge(bins.upperBound), digits: 6)
      }
    case .label(let label): json.field("label", label)
    case .others: json.field("others", true)
    case .missing: json.field("missing", true)
    }
  }
}
