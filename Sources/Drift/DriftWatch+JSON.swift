internal import Base
internal import JSON

/// As it is stored, but for the window that is open.
extension DriftWatch {
  private enum Key: String, CaseIterable { case since, blocks, reference, from, now, outside, streaks }

  func write(into json: inout JSONWriter) {
    json.field("since", since, digits: 3)
    json.array("blocks") { json in for block in blocks { json.object(block.write) } }
    if let reference { json.object("reference", reference.write) }
    if let from {
      json.field("from", from, digits: 3)
      json.object("now", now.write)
    }
    json.field("outside", outside.map(\.rawValue))
    json.object("streaks") { json in
      for measure in measures {
        if let streak = states[measure]?.streak, streak > 0 { json.field(JSONWriter.Name(measure.rawValue), streak) }
      }
    }
  }

  init(_ value: JSONValue, _ measures: [DriftMeasure], _ settings: DriftSettings) throws(Fault) {
    let fields = try value.fields(Key.self)
    self.init(measures, settings, since: try fields.required(.since).amount())
    for value in try fields.required(.blocks).elements() { blocks.append(try DriftReference.Block(value)) }
    guard blocks.count < max(1, settings.learning) else {
      throw try fields.required(.blocks).fault("there are too many windows")
    }
    reference = try fields[.reference].map { (value) throws(Fault) in try DriftReference(value) }
    from = try fields[.from]?.amount()
    if let value = fields[.now] { now = try DriftSketch(value) }
    try restore(fields.required(.outside), fields.required(.streaks))
  }

  /// What was concluded; indexes are told again from the last window.
  private mutating func restore(_ outside: JSONValue, _ streaks: JSONValue) throws(Fault) {
    if let reference, let from {
      for measure in measures {
        var state = DriftState()
        state.verdict = .few
        if reference.unrest[measure] != nil, let old = reference.around(from).counts[measure],
          let new = now.counts[measure], min(old.total, new.total) >= settings.evidence
        {
          state.verdict = .index(StabilityIndex(old, new, measure))
        }
        states[measure] = state
      }
    }
    for value in try outside.elements() { states[try value.choice(), default: DriftState()].isOutside = true }
    for (key, value) in try streaks.members() {
      guard let measure = DriftMeasure(rawValue: key) else { throw value.fault("'\(key)' is nothing that is measured") }
      states[measure, default: DriftState()].streak = try value.integer(in: 0...1_000_000)
    }
  }
}

extension DriftReference.Block {
  private enum Key: String, CaseIterable { case from, sketch }

  func write(into json: inout JSONWriter) {
    json.field("from", from, digits: 3)
    json.object("sketch", sketch.write)
  }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    self.init(from: try fields.required(.from).amount(), sketch: try DriftSketch(try fields.required(.sketch)))
  }
}

extension DriftReference {
  private enum UnrestKey: String, CaseIterable { case usual, most }
  private enum Key: String, CaseIterable { case slots, counts, unrest, from, to }

  func write(into json: inout JSONWriter) {
    json.array("slots") { json in for slot in slots { json.object(slot.write) } }
    json.array("counts") { json in for count in counts { json.integer(count) } }
    json.object("unrest") { json in
      for measure in DriftMeasure.allCases {
        guard let unrest = unrest[measure] else { continue }
        json.object(JSONWriter.Name(measure.rawValue)) { json in
          json.field("usual", unrest.usual, digits: 6)
          json.field("most", unrest.most, digits: 6)
        }
      }
    }
    json.field("from", from, digits: 3)
    json.field("to", to, digits: 3)
  }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    var (slots, counts, unrest) = ([DriftSketch](), [Int](), [DriftMeasure: Unrest]())
    for value in try fields.required(.slots).elements() { slots.append(try DriftSketch(value)) }
    for value in try fields.required(.counts).elements() { counts.append(try value.integer(in: 0...1_000_000)) }
    guard [1, 24].contains(slots.count), counts.count == slots.count else {
      throw value.fault("a reference is of 24 hours, or of one time")
    }
    for (key, value) in try fields.required(.unrest).members() {
      guard let measure = DriftMeasure(rawValue: key) else { throw value.fault("'\(key)' is nothing that is measured") }
      let fields = try value.fields(UnrestKey.self)
      unrest[measure] = Unrest(
        usual: try fields.required(.usual).amount(), most: try fields.required(.most).amount())
    }
    self.init(
      slots: slots, counts: counts, unrest: unrest, from: try fields.required(.from).amount(),
      to: try fields.required(.to).amount())
  }
}
