import Base
import Predictions
import Reports

/// What an 8-bit version costs and brings.
struct QuantizeReport {
  /// A version on this machine, untuned.
  struct Row {
    let name: String
    /// Inferences a second with all cores busy, and milliseconds of one.
    let throughput: Double
    let median: Double
  }

  let name: String
  let task: ModelTask
  let result: Quantizer.Result
  /// Pictures that it was calibrated with.
  let calibrated: Int
  let compared: Int
  /// Answers that are those of the float version, 0 to 1, and how that is counted.
  let agreement: Double
  let measure: String
  let rows: [Row]
  let bytes: (float: Int, small: Int)

  init(
    name: String, task: ModelTask, result: Quantizer.Result, calibrated: Int, agreement: Agreement,
    firsts: (same: Int, all: Int), rows: [Row], bytes: (float: Int, small: Int)
  ) {
    (self.name, self.task, self.result, self.calibrated) = (name, task, result, calibrated)
    (self.rows, self.bytes, compared) = (rows, bytes, agreement.frames)
    (self.agreement, measure) = Self.share(agreement.steps[0], task, firsts)
  }

  /// Of a step in which something was found, by what the answers are: vectors by their angle, classes by the first, masks by what they
  /// cover, the rest by what is in both.
  private static func share(
    _ step: Agreement.Step, _ task: ModelTask, _ firsts: (same: Int, all: Int)
  ) -> (Double, String) {
    if let cosine = step.meanCosine { return (cosine, "mean cosine between the vectors of both") }
    if task == .classification {
      return (Double(firsts.same) / Double(firsts.all), "share of pictures with the same first class")
    }
    let labels = step.labels.values
    if task == .segmentation {
      let (sum, count) = labels.reduce((0.0, 0)) {
        ($0.0 + ($1.meanOverlap ?? 0) * Double($1.both), $0.1 + $1.both + $1.missed + $1.added)
      }
      return (sum / Double(count), "mean intersection over union of the masks")
    }
    let (both, all) = labels.reduce((0, 0)) { ($0.0 + 2 * $1.both, $0.1 + 2 * $1.both + $1.missed + $1.added) }
    let share = Double(both) / Double(all)
    if task == .text { return (share * (step.sameName ?? 1), "share of answers in both, with the same text") }
    guard let distance = step.meanPointDistance else {
      return (share, "share of answers in both, with boxes that overlap by half")
    }
    return (share * max(0, 1 - distance), "share of answers in both, less how far their points are apart")
  }

  var summary: String {
    "8-bit version of \(name), calibrated on \(calibrated) pictures; agrees with it in \(Self.percent(agreement)) % on \(compared) others."
  }

  private static func percent(_ share: Double) -> String { NumberFormat.fixed(share * 100, 1) }

  private func size(of row: Row) -> Int { row.name == "int8" ? bytes.small : bytes.float }

  func text(_ place: String?, _ least: Double) -> String {
    var table = Table([
      ("version", .left), ("MB", .right), ("inferences/s", .right), ("of f32", .right), ("p50 ms", .right),
      ("agreement", .right),
    ])
    for row in rows {
      table.add([
        row.name, NumberFormat.fixed(Double(size(of: row)) / 1e6, 2), NumberFormat.fixed(row.throughput, 1),
        NumberFormat.fixed(row.throughput / rows[0].throughput, 2), NumberFormat.fixed(row.median, 2),
        row.name == "int8" ? NumberFormat.fixed(agreement, 4) : "–",
      ])
    }
    var text = table.text
    text += "agreement: \(measure), on \(compared) pictures that it was not calibrated with (\(calibrated) others)\n"
    text +=
      "\(result.leftOut.count) of \(result.weighed) operators with weights stay in floats; outputs differ by \(Self.percent(result.difference)) % of their deviation\n"
    if let place { return text + "added     \(place)/model.yaml, with this table in quantization.json\n" }
    return text
      + "not kept: \(Self.percent(agreement)) % is less than the \(Self.percent(least)) % asked for; more footage that is like what the network will see may help\n"
  }

  func json(_ place: String?, _ least: Double?) -> String {
    JSONText.line { json in
      json.field("model", name)
      json.field("kept", place != nil)
      json.field("folder", ifKnown: place)
      json.field("agreement", agreement)
      json.field("agreement_is", measure)
      json.field("agreement_asked", ifKnown: least)
      json.field("calibrated", calibrated)
      json.field("compared", compared)
      json.field("left_in_floats", result.leftOut)
      json.field("operators", result.weighed)
      json.field("difference", result.difference)
      json.array("versions") { json in
        for row in rows {
          json.object { json in
            json.field("version", row.name)
            json.field("bytes", size(of: row))
            json.field("inferences_per_second", row.throughput, digits: 2)
            json.field("p50_ms", row.median, digits: 3)
          }
        }
      }
    }
  }
}
