import Base
import Evaluation
import Media
import Predictions

/// The pictures on which a model is most wrong or most unsure, written for labelling: with what it found as a beginning.
///
/// What is written can be read as a truth again: `annotations.json` in COCO's format, or `labels.csv`, and the pictures beside it.
struct DoubtfulFrames {
  private let run: EvaluationRun
  private let doubts: [Double]

  init(_ run: EvaluationRun, _ doubts: [Double]) { (self.run, self.doubts) = (run, doubts) }

  /// One that is written.
  private struct Row {
    let seen: EvaluationRun.Seen
    let doubt: Double
    let name: String
  }

  /// Writes the most doubtful; pictures without any doubt are left out.
  func write(_ count: Int, to folder: String) throws(Fault) {
    let chosen = doubts.indices.filter { doubts[$0] > 0 }
      .sorted { (doubts[$1], $0) < (doubts[$0], $1) }.prefix(count)
    var (rows, taken): ([Row], Set<String>) = ([], [])
    try FileSystem.makeFolder("\(folder)/images")
    for place in chosen {
      let seen = run.seen[place]
      let name = Self.name(seen, &taken)
      try write(seen, to: "\(folder)/images/\(name)")
      rows.append(Row(seen: seen, doubt: doubts[place], name: "images/\(name)"))
    }
    if run.boxes.isEmpty {
      try FileSystem.write(Array(table(rows).utf8), to: "\(folder)/labels.csv")
    } else {
      try FileSystem.write(document(rows), to: "\(folder)/annotations.json")
    }
  }

  /// The file's own name, told apart from others; compared without regard to the case, for disks that have none.
  private static func name(_ seen: EvaluationRun.Seen, _ taken: inout Set<String>) -> String {
    var parts = FileSystem.name(of: seen.path).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    if let frame = seen.picture.frame { parts = [parts.dropLast().joined(separator: ".") + "_\(frame)", "jpg"] }
    let ending = parts.count > 1 ? "." + parts.removeLast() : ""
    let stem = parts.joined(separator: ".")
    var (name, number) = (stem + ending, 1)
    while !taken.insert(name.lowercased()).inserted {
      number += 1
      name = "\(stem)-\(number)\(ending)"
    }
    return name
  }

  /// A picture byte for byte; a frame of a film as JPEG.
  private func write(_ seen: EvaluationRun.Seen, to path: String) throws(Fault) {
    guard let number = seen.picture.frame else {
      let sink = try FileSink(path)
      try FileSystem.copy(seen.path, into: sink)
      return try sink.finish()
    }
    guard let frame = try FrameAccess(seen.path).frame(at: number) else {
      throw Fault(.badInput, "frame \(number) is not in \(seen.path) any more")
    }
    try FileSystem.write(try JPEG.encode(rgb: try frame.rgb(), size: frame.size, quality: 95), to: path)
  }

  private func document(_ rows: [Row]) -> [UInt8] {
    JSONWriter.object(capacity: 1 << 16) { json in
      json.array("images") { json in
        for (place, row) in rows.enumerated() {
          json.object { json in
            json.field("id", place + 1)
            json.field("file_name", row.name)
            json.field("width", row.seen.size.width)
            json.field("height", row.seen.size.height)
            json.field("doubt", row.doubt, digits: 6)
            json.field("source", row.seen.picture.file)
            json.field("source_frame", ifKnown: row.seen.picture.frame)
            json.field("slice", ifKnown: row.seen.picture.slice)
          }
        }
      }
      json.array("annotations") { json in
        var number = 0
        for (place, row) in rows.enumerated() {
          for found in row.seen.predictions {
            guard let box = found.box, let category = run.labels.firstIndex(of: found.label ?? "") else { continue }
            number += 1
            write(found, box, row.seen.size, (number, place + 1, category + 1), into: &json)
          }
        }
      }
      json.array("categories") { json in
        for (place, label) in run.labels.enumerated() {
          json.object { json in
            json.field("id", place + 1)
            json.field("name", label)
          }
        }
      }
    }
  }

  private func write(
    _ found: Prediction, _ box: Rect, _ size: Size, _ ids: (own: Int, image: Int, category: Int),
    into json: inout JSONWriter
  ) {
    let (width, height) = (Double(size.width), Double(size.height))
    json.object { json in
      json.field("id", ids.own)
      json.field("image_id", ids.image)
      json.field("category_id", ids.category)
      json.array("bbox") { json in
        for side in [box.x * width, box.y * height, box.width * width, box.height * height] {
          json.number(side, digits: 3)
        }
      }
      json.field("area", box.width * width * box.height * height, digits: 3)
      json.field("iscrowd", 0)
      json.field("score", ifKnown: found.score.map(Double.init), digits: 6)
    }
  }

  /// `label` is what the model says first, to be corrected; `truth` what was said before.
  private func table(_ rows: [Row]) -> String {
    var text = "file,label,score,truth,doubt\n"
    for row in rows {
      let first = row.seen.predictions.first
      let cells = [
        row.name, first?.label ?? "", first?.score.map { NumberFormat.fixed(Double($0), 4) } ?? "",
        row.seen.picture.label ?? "", NumberFormat.fixed(row.doubt, 4),
      ]
      text += cells.map(Self.quoted).joined(separator: ",") + "\n"
    }
    return text
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",;\"\n\r\t".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
