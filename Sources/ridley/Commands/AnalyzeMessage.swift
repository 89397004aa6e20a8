import Base
import Isolation
import Reports

/// What the process that analyses tells the one that prints.
enum AnalyzeMessage {
  private static let separator: Character = "\u{1F}"

  /// Everything is loaded: a JSON object that says what, and the labels in their order.
  case ready([UInt8], labels: [String])
  /// This file is next.
  case file(Int)
  /// It is this asset of the library.
  case asset(String)
  /// It is open, and its predictions follow.
  case opened
  /// JSON objects with commas between them.
  case predictions([UInt8])
  /// What happened, as JSON objects with commas between them; behind the predictions.
  case events([UInt8])
  /// For standard output, as it is.
  case text([UInt8])
  /// The file is done: its summary as JSON where that is printed, where its report is, and what was counted.
  case done(summary: [UInt8], report: String, entry: RunEntry)
  /// The file failed.
  case failed(Fault)
  /// Nothing can be analysed.
  case refused(Fault)
  /// The frames of each part of the file, where it is cut, and where its asset's bytes are, in a library.
  case planned([Range<Int>], kept: (asset: String, path: String)?)
  /// A part of the file: its frames are answered about, cannot be looked at by themselves, or were stopped.
  case answered(part: Int)
  case doubtful(part: Int)
  case stopped(part: Int)

  init?(_ message: Message) {
    switch message.kind {
    case 1:
      let parts = message.bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      let labels = String(decoding: parts[1], as: UTF8.self).split(separator: Self.separator).map(String.init)
      self = .ready(Array(parts[0]), labels: labels)
    case 2: self = .file(Int(String(decoding: message.bytes, as: UTF8.self)) ?? 0)
    case 3: self = .opened
    case 4: self = .predictions(message.bytes)
    case 5: self = .text(message.bytes)
    case 6:
      let parts = message.bytes.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      let fields = String(decoding: parts[0], as: UTF8.self).split(
        separator: Self.separator, omittingEmptySubsequences: false)
      guard fields.count >= 5, let entry = RunEntry(fields.dropFirst()) else { return nil }
      self = .done(summary: Array(parts[1]), report: String(fields[0]), entry: entry)
    case 7: self = .failed(Fault(message.bytes))
    case 8: self = .refused(Fault(message.bytes))
    case 9: self = .asset(String(decoding: message.bytes, as: UTF8.self))
    case 10:
      var fields = FieldReader(message.bytes)
      guard let planned = try? Self.plan(&fields) else { return nil }
      self = planned
    case 11: self = .answered(part: Int(String(decoding: message.bytes, as: UTF8.self)) ?? 0)
    case 12: self = .doubtful(part: Int(String(decoding: message.bytes, as: UTF8.self)) ?? 0)
    case 13: self = .stopped(part: Int(String(decoding: message.bytes, as: UTF8.self)) ?? 0)
    case 14: self = .events(message.bytes)
    default: return nil
    }
  }

  var message: Message {
    switch self {
    case .ready(let json, let labels):
      Message(kind: 1, bytes: json + [0] + Array(labels.joined(separator: String(Self.separator)).utf8))
    case .file(let number): Message(kind: 2, bytes: Array("\(number)".utf8))
    case .opened: Message(kind: 3)
    case .predictions(let json): Message(kind: 4, bytes: json)
    case .events(let json): Message(kind: 14, bytes: json)
    case .text(let text): Message(kind: 5, bytes: text)
    case .done(let summary, let report, let entry):
      Message(
        kind: 6, bytes: Array(([report] + entry.fields).joined(separator: String(Self.separator)).utf8) + [0] + summary)
    case .failed(let fault): Message(kind: 7, bytes: fault.bytes)
    case .refused(let fault): Message(kind: 8, bytes: fault.bytes)
    case .asset(let id): Message(kind: 9, bytes: Array(id.utf8))
    case .planned(let parts, let kept): Self.message(parts, kept)
    case .answered(let part): Message(kind: 11, bytes: Array("\(part)".utf8))
    case .doubtful(let part): Message(kind: 12, bytes: Array("\(part)".utf8))
    case .stopped(let part): Message(kind: 13, bytes: Array("\(part)".utf8))
    }
  }
}

extension RunEntry {
  /// As it goes to the parent, which knows the rest; fields hold no control characters.
  fileprivate var fields: [String] {
    ([file, path, "\(frames)", "\(predictions)"] + labels.flatMap { [$0.label, "\($0.count)"] })
      .map { String($0.map { $0.isASCII && $0 < " " ? " " : $0 }) }
  }

  fileprivate init?(_ fields: ArraySlice<Substring>) {
    let fields = fields.map(String.init)
    self.init(file: fields[0], path: fields[1])
    guard let frames = Int(fields[2]), let predictions = Int(fields[3]), fields.count % 2 == 0 else { return nil }
    (self.frames, self.predictions) = (frames, predictions)
    labels = stride(from: 4, to: fields.count, by: 2).map { Label(fields[$0], Int(fields[$0 + 1]) ?? 0) }
  }
}
