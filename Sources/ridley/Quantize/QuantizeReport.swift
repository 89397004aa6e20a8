import Base
import Predictions

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
    name: String, task: ModelTask, result: Quantizer.Result, calibrated: Int, agreement: AnswerAgreement,
    rows: [Row], bytes: (float: Int, small: Int)
  ) {
    (self.name, self.task, self.result, self.calibrated) = (name, task, result, calibrated)
    (self.rows, self.bytes, compared) = (rows, bytes, agreement.frames)
    (self.agreement, measure) = agreement.share(task)
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
