public import Base
public import Pipelines

extension [PlacementForecast] {
  /// For people: a line for each cut, and those that cannot be had with the reason; `best` is marked.
  public func text(best: Cut?, currency: String?) -> String {
    var rows = [["", "cut", "time", "a second of film", "waits for", "up an hour", "down an hour"]]
    if let currency { rows[0].append("\(currency) an hour") }
    for forecast in self where forecast.isPossible {
      var row = [forecast.cut == best ? "*" : "", forecast.cut.rawValue]
      row.append(NumberFormat.clock(forecast.seconds, tenths: true))
      row.append("\(NumberFormat.short(forecast.load, 3)) s")
      row.append(forecast.bound.rawValue)
      row += [forecast.bytesUp, forecast.bytesDown].map { "\(NumberFormat.measure($0 / 1e6)) MB" }
      if currency != nil { row.append(forecast.money.map { NumberFormat.short($0, 5) } ?? "") }
      rows.append(row)
    }
    let notes = compactMap(\.note).map { "\($0)\n" }
    return Self.aligned(rows) + (notes.isEmpty ? "" : "\n" + notes.joined())
  }

  /// Words to the left, numbers to the right.
  private static func aligned(_ rows: [[String]]) -> String {
    let words: Set = [0, 1, 4]
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return words.contains(column) ? row[column] + space : space + row[column]
      }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

extension PlacementForecast {
  /// What its figures do not say, or why there are none.
  fileprivate var note: String? {
    if let objection { return "\(cut.rawValue) cannot be had: \(objection)" }
    if isUntried {
      let what = cut == .crops ? "crop" : "frame that networks look at"
      return "\(cut.rawValue): no \(what) occurred in the sample: take another film or more --seconds"
    }
    return isInTime ? nil : "\(cut.rawValue): a live source is not kept up with"
  }

  /// Into an object that is open.
  public func write(to json: inout JSONWriter) {
    json.field("cut", cut.rawValue)
    json.field("possible", isPossible)
    json.field("reason", ifKnown: objection)
    guard isPossible else { return }
    json.field("seconds", seconds, digits: 3)
    json.field("load", load, digits: 4)
    json.field("in_time", isInTime)
    json.field("untried", isUntried)
    json.field("bound", bound.rawValue)
    json.field("bytes_up_hour", bytesUp, digits: 0)
    json.field("bytes_down_hour", bytesDown, digits: 0)
    json.field("money_hour", ifKnown: money, digits: 9)
  }
}

extension PlacementFigures {
  /// What was measured, into an object that is open.
  public func write(to json: inout JSONWriter) {
    json.field("sample_seconds", sampleSeconds, digits: 3)
    json.field("film_seconds", filmSeconds, digits: 3)
    json.field("film_bytes", filmBytes)
    json.field("frames", frames)
    json.field("event_bytes", eventBytes)
    json.array("networks") { json in
      for network in networks {
        json.object { json in
          json.field("name", network.name)
          json.field("inputs", network.count)
          json.field("edge_seconds", network.edgeSeconds, digits: 6)
          json.field("processor_seconds", ifKnown: network.processorSeconds, digits: 6)
          json.field("node_seconds", ifKnown: network.nodeSeconds, digits: 6)
          json.field("centre_seconds", network.centreSeconds, digits: 6)
          json.field("centre_streams", network.centreStreams)
          json.field("question_bytes", network.questionBytes, digits: 0)
          json.field("answer_bytes", network.answerBytes, digits: 0)
        }
      }
    }
    if let node {
      json.object("node") { json in
        json.field("name", node.name)
        json.field("cores", node.cores)
        json.field("memory_bytes", ifKnown: node.memoryBytes)
        json.field("ratio", node.ratio, digits: 4)
        json.field("quiet", node.quiet, digits: 1)
      }
    }
    json.object("edge") { json in
      for cut in Cut.allCases {
        guard let own = edge[cut] else { continue }
        json.object(JSONWriter.Name(cut.rawValue)) { json in
          json.field("seconds", own.seconds, digits: 3)
          json.field("processor_seconds", own.processorSeconds, digits: 3)
        }
      }
    }
  }
}
