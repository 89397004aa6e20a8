import Base

/// What stood on the command line, read against what the command takes.
struct Arguments: Sendable {
  private(set) var positionals: [String] = []
  private var values: [String: String] = [:]
  /// All words of an option that takes several.
  private var lists: [String: [String]] = [:]
  private var flags: Set<String> = []
  private let command: any Command

  /// - Throws: `usage` with a suggestion for what was probably meant.
  init(_ words: [String], for command: any Command) throws(Fault) {
    self.command = command
    var rest = words[...]
    var onlyPositionals = false
    while let word = rest.popFirst() {
      if onlyPositionals || !word.hasPrefix("-") || word == "-" {
        positionals.append(word)
      } else if word == "--" {
        onlyPositionals = true
      } else {
        try read(option: word, &rest)
      }
    }
    try checkPositionals()
  }

  subscript(_ name: String) -> String? { values[name] }
  func words(_ name: String) -> [String]? { lists[name] }
  func has(_ flag: String) -> Bool { flags.contains(flag) }

  /// The value as a number, refused with the option's name where it is none or out of range.
  func number(_ name: String, in range: ClosedRange<Double> = -.infinity ... .infinity) throws(Fault) -> Double? {
    guard let text = values[name] else { return nil }
    guard let value = Double(text), value.isFinite, range.contains(value) else {
      throw refusal("--\(name) takes a number\(Self.text(range)), not '\(text)'")
    }
    return value
  }

  /// As ``Units/bytes(_:)``.
  func bytes(_ name: String) throws(Fault) -> Int? {
    guard let text = values[name] else { return nil }
    guard let bytes = Units.bytes(text), bytes > 0 else {
      throw refusal("--\(name) takes a size such as 500MB or 2GiB, not '\(text)'")
    }
    return bytes
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(Fault) -> Int? {
    guard let text = values[name] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw refusal("--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return value
  }

  /// Numbers with commas between them.
  func numbers(_ name: String, counts: [Int]) throws(Fault) -> [Float]? {
    guard let text = values[name] else { return nil }
    let numbers = text.split(separator: ",").compactMap { Float($0) }
    guard counts.contains(numbers.count), numbers.allSatisfy(\.isFinite),
      numbers.count == text.split(separator: ",", omittingEmptySubsequences: false).count
    else {
      throw refusal(
        "--\(name) takes \(counts.map(String.init).joined(separator: " or ")) numbers with commas, not '\(text)'")
    }
    return numbers
  }

  /// As ``Units/seconds(_:orPlain:)``, or plain seconds.
  func seconds(_ name: String, orZero: Bool = false) throws(Fault) -> Double? {
    guard let text = values[name] else { return nil }
    guard let seconds = Units.seconds(text, orPlain: true), seconds > 0 || orZero && seconds == 0 else {
      throw refusal("--\(name) takes a time \(orZero ? "" : "above zero ")such as 500ms, 1s or 2m, not '\(text)'")
    }
    return seconds
  }

  func refusal(_ message: String) -> Fault {
    Fault(.usage, "\(message); see 'ridley help \(command.name)'")
  }

  private mutating func read(option word: String, _ rest: inout ArraySlice<String>) throws(Fault) {
    let known = command.allOptions
    let parts = word.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.first.map(String.init) ?? ""
    guard word.hasPrefix("--"), let option = known.first(where: { $0.name == name }) else {
      throw unknown(word, name)
    }
    guard let shown = option.value else {
      guard parts.count == 1 else { throw refusal("--\(name) takes no value") }
      flags.insert(name)
      return
    }
    if option.isOptional {
      flags.insert(name)
      guard parts.count == 2 else { return }
    }
    guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst(), !value.isEmpty else {
      throw refusal("--\(name) needs a value: --\(name) \(shown)")
    }
    guard option.choices.isEmpty || option.choices.contains(value) else {
      throw refusal(
        "--\(name) takes \(option.choices.joined(separator: ", ")), not '\(value)'\(Suggestion.hint(for: value, among: option.choices))"
      )
    }
    guard values[name] == nil else {
      let way = name == "model" ? "several models are a pipeline: docs/pipelines.md" : "say it once"
      throw refusal("--\(name) stands there twice ('\(values[name]!)' and '\(value)'); \(way)")
    }
    guard !FileName.isForeign(value) else {
      throw refusal("--\(name) '\(FileName.shown(value))' is not UTF-8; only files to look at may have such names")
    }
    values[name] = value
    lists[name] = [value]
    while lists[name]!.count < option.wordCount {
      guard let next = rest.popFirst(), !next.hasPrefix("--") else {
        throw refusal("--\(name) needs \(option.wordCount) values: --\(name) \(shown)")
      }
      lists[name]!.append(next)
    }
  }

  private func unknown(_ word: String, _ name: String) -> Fault {
    let hint = Suggestion.hint(for: "--" + name, among: command.allOptions.map { "--" + $0.name })
    let isPositional = !word.hasPrefix("--") && !command.positionals.isEmpty
    let way = isPositional ? ": what begins with '-' and is no option stands behind --" : ""
    return refusal("unknown option '\(word)'\(hint)\(way)")
  }

  private func checkPositionals() throws(Fault) {
    let wanted = command.positionals
    let needed = wanted.filter(\.isRequired)
    guard positionals.count >= needed.count else {
      throw refusal("'\(command.name)' needs <\(needed[positionals.count].name)>")
    }
    guard wanted.contains(where: \.repeats) || positionals.count <= wanted.count else {
      throw refusal("'\(command.name)' does not know what to do with '\(positionals[wanted.count])'")
    }
  }

  private static func text(_ range: ClosedRange<Double>) -> String {
    guard range.lowerBound.isFinite, range.upperBound.isFinite else { return "" }
    return " from \(short(range.lowerBound, .up)) to \(short(range.upperBound, .down))"
  }

  /// Three figures of a bound that has many, such as a sixtieth; on the side on which it is taken.
  private static func short(_ bound: Double, _ side: FloatingPointRoundingRule) -> String {
    let text = "\(bound)"
    guard text.utf8.count > 8 else { return text }
    var scale = 1.0
    while (bound * scale).magnitude < 100, scale < 1e9 { scale *= 10 }
    return "\((bound * scale).rounded(side) / scale)"
  }
}
