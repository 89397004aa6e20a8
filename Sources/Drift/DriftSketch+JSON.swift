internal import Base
internal import JSON

/// As it is stored: of bins those that are not empty, as pairs of a bin and its count.
extension DriftSketch {
  private enum Key: String, CaseIterable { case pictures, counts }

  func write(into json: inout JSONWriter) {
    json.field("pictures", pictures)
    json.object("counts") { json in
      for measure in DriftMeasure.allCases {
        guard let counts = counts[measure] else { continue }
        json.object(JSONWriter.Name(measure.rawValue), counts.write)
      }
    }
  }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self)
    pictures = try fields.required(.pictures).integer(in: DriftCounts.range)
    for (key, value) in try fields.required(.counts).members() {
      guard let measure = DriftMeasure(rawValue: key) else { throw value.fault("'\(key)' is nothing that is measured") }
      counts[measure] = try DriftCounts(value, measure)
    }
  }
}

extension JSONValue {
  /// Seconds since 1970, or indexes, that are numbers of a size that makes sense.
  func amount() throws(Fault) -> Double {
    let number = try number()
    guard (0...1e12).contains(number) else { throw fault("\(number) is out of range") }
    return number
  }
}

extension DriftCounts {
  private enum Key: String, CaseIterable { case bins, labels, others, missing }

  /// No time is long enough for more, and sums of so many are numbers still.
  static let range = 0...1 << 40

  func write(into json: inout JSONWriter) {
    json.array("bins") { json in
      for (bin, count) in bins.enumerated() where count > 0 {
        json.integer(bin)
        json.integer(count)
      }
    }
    if !labels.isEmpty {
      json.object("labels") { json in
        for (label, count) in labels.sorted(by: { $0.key < $1.key }) { json.field(JSONWriter.Name(label), count) }
      }
    }
    if others > 0 { json.field("others", others) }
    if missing > 0 { json.field("missing", missing) }
  }

  init(_ value: JSONValue, _ measure: DriftMeasure) throws(Fault) {
    let fields = try value.fields(Key.self)
    var bin: Int?
    for value in try fields.required(.bins).elements() {
      guard let place = bin else {
        bin = try value.integer(in: 0...(measure.scale?.count ?? 0))
        continue
      }
      guard let scale = measure.scale, place < scale.count else { throw value.fault("there is no such bin") }
      if bins.isEmpty { bins = [Int](repeating: 0, count: scale.count) }
      bins[place] = try value.integer(in: Self.range)
      bin = nil
    }
    if let found = fields[.labels] {
      for (label, value) in try found.members() { labels[label] = try value.integer(in: Self.range) }
      guard labels.count <= Self.mostLabels else { throw found.fault("these are too many labels") }
    }
    others = try fields[.others]?.integer(in: Self.range) ?? 0
    missing = try fields[.missing]?.integer(in: Self.range) ?? 0
  }
}
