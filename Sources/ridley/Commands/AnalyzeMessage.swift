import Base
import Isolation

/// What the process that analyses tells the one that prints.
enum AnalyzeMessage {
  /// Everything is loaded: a JSON object that says what.
  case ready([UInt8])
  /// This file is next.
  case file(Int)
  /// It is open, and its predictions follow.
  case opened
  /// JSON objects with commas between them.
  case predictions([UInt8])
  /// For standard output, as it is.
  case text([UInt8])
  /// The file is done: its summary as JSON, and where its report is.
  case done(summary: [UInt8], report: String)
  /// The file failed.
  case failed(Fault)
  /// Nothing can be analysed.
  case refused(Fault)

  init?(_ message: Message) {
    switch message.kind {
    case 1: self = .ready(message.bytes)
    case 2: self = .file(Int(String(decoding: message.bytes, as: UTF8.self)) ?? 0)
    case 3: self = .opened
    case 4: self = .predictions(message.bytes)
    case 5: self = .text(message.bytes)
    case 6:
      let end = message.bytes.firstIndex(of: 0) ?? 0
      let report = String(decoding: message.bytes[..<end], as: UTF8.self)
      self = .done(summary: Array(message.bytes[(end + 1)...]), report: report)
    case 7: self = .failed(Fault(message.bytes))
    case 8: self = .refused(Fault(message.bytes))
    default: return nil
    }
  }

  var message: Message {
    switch self {
    case .ready(let json): Message(kind: 1, bytes: json)
    case .file(let number): Message(kind: 2, bytes: Array("\(number)".utf8))
    case .opened: Message(kind: 3)
    case .predictions(let json): Message(kind: 4, bytes: json)
    case .text(let text): Message(kind: 5, bytes: text)
    case .done(let summary, let report): Message(kind: 6, bytes: Array(report.utf8) + [0] + summary)
    case .failed(let fault): Message(kind: 7, bytes: fault.bytes)
    case .refused(let fault): Message(kind: 8, bytes: fault.bytes)
    }
  }
}
