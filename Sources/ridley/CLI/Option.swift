/// One option of a command, as the parser reads it and the help shows it.
struct Option: Sendable {
  /// Without dashes: `every`.
  let name: String
  /// What stands for the value in the help; `nil` for a flag.
  let value: String?
  let help: String
  /// The words it accepts, for help, completion and refusal; empty for any.
  var choices: [String] = []
  /// A flag that may say more, behind `=`.
  var isOptional = false

  static func flag(_ name: String, _ help: String) -> Option { Option(name: name, value: nil, help: help) }

  static func value(_ name: String, _ value: String, _ help: String) -> Option {
    Option(name: name, value: value, help: help)
  }

  /// May stand alone, or as `--name=VALUE`.
  static func optional(_ name: String, _ value: String, _ help: String) -> Option {
    Option(name: name, value: value, help: help, isOptional: true)
  }

  /// Takes several words, each with a name in `values`: `--tls CERT KEY`.
  static func values(_ name: String, _ values: [String], _ help: String) -> Option {
    Option(name: name, value: values.joined(separator: " "), help: help)
  }

  /// As help shows it, behind the name.
  var shownValue: String { value.map { isOptional ? "[=\($0)]" : " \($0)" } ?? "" }

  /// Words it takes.
  var wordCount: Int { value.map { $0.split(separator: " ").count } ?? 0 }

  /// A long list of choices moves from the option's side to the help's.
  static func choice(_ name: String, _ choices: [String], _ help: String) -> Option {
    let list = choices.joined(separator: "|")
    guard list.count > 24 else { return Option(name: name, value: list, help: help, choices: choices) }
    return Option(
      name: name, value: "WORD", help: "\(help): \(choices.joined(separator: ", "))", choices: choices)
  }
}

/// What a command takes besides options.
struct Positional: Sendable {
  let name: String
  let help: String
  var isRequired = true
  var repeats = false
}
