import Base
import JSON

/// What an answer may lack, for people.
enum AnswerGapText {
  private enum Key: String, CaseIterable { case incomplete }
  private enum GapKey: String, CaseIterable { case message }

  /// A line for each; none where nothing is missing.
  static func lines(of answer: [UInt8]) throws(Fault) -> String {
    let fields = try JSONDocument(parsing: answer.span.bytes, name: "the answer").root.fields(
      Key.self, others: .ignored)
    guard let gaps = fields.given(.incomplete) else { return "" }
    var lines = ""
    for gap in try gaps.elements() {
      let message = try gap.fields(GapKey.self, others: .ignored).required(.message).string()
      lines += "this is incomplete: \(message)\n"
    }
    return lines
  }
}
