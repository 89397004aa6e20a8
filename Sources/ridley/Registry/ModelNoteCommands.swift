import Base
import Catalog
import Registry

/// Says words of a version.
struct ModelTagCommand: Command {
  let path = ["model", "tag"]
  let summary = "Say something of a version, such as stage=proven; what was said before stays in its history"
  let positionals = [
    RegistryWords.model, RegistryWords.version,
    Positional(name: "name=text", help: "one or more", repeats: true),
  ]
  let options = [RegistryWords.by, RegistryWords.json, LibraryPlace.option]
  let examples = ["ridley model tag inspector 3 stage=proven owner=ann"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.find(arguments.positionals[1], of: arguments.positionals[0])
    let pairs = try arguments.positionals.dropFirst(2).map { (word) throws(Fault) in
      try NoteWords.pair(word, arguments)
    }
    for (name, text) in pairs {
      try registry.tag(name, text, of: version.model, version: version.number, by: RegistryWords.who(arguments))
    }
    return try NoteWords.tell(version, registry, arguments)
  }
}

/// Writes down what was measured of a version.
struct ModelMetricCommand: Command {
  let path = ["model", "metric"]
  let summary = "Write down what was measured of a version, such as map=0.71; what was measured before stays"
  let positionals = [
    RegistryWords.model, RegistryWords.version,
    Positional(name: "name=value", help: "one or more", repeats: true),
  ]
  let options = [
    Option.value("slice", "TEXT", "the part of the data that it was measured on, such as label:cup (default: all)"),
    RegistryWords.by, RegistryWords.json, LibraryPlace.option,
  ]
  let examples = [
    "ridley model metric inspector 3 map=0.71 f1=0.8", "ridley model metric inspector 3 f1=0.6 --slice night",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let registry = try RegistryWords.registry(arguments)
    let version = try registry.find(arguments.positionals[1], of: arguments.positionals[0])
    let metrics = try arguments.positionals.dropFirst(2).map { (word) throws(Fault) in
      let (name, text) = try NoteWords.pair(word, arguments)
      guard let value = Double(text), value.isFinite else {
        throw arguments.refusal("'\(text)' is no number: a metric is one, such as map=0.71; words are tags")
      }
      return ModelMetric(name: name, value: value, slice: arguments["slice"])
    }
    try registry.note(metrics, of: version.model, version: version.number, by: RegistryWords.who(arguments))
    return try NoteWords.tell(version, registry, arguments)
  }
}

/// What commands about tags and metrics have in common.
enum NoteWords {
  static func pair(_ word: String, _ arguments: Arguments) throws(Fault) -> (name: String, text: String) {
    let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw arguments.refusal("'\(word)' is no name=value") }
    return (parts[0], parts[1])
  }

  /// What holds of a version from now on.
  static func tell(
    _ version: RegisteredVersion, _ registry: ModelRegistry, _ arguments: Arguments
  ) throws(Fault) -> ExitCode {
    let notes = ModelRegistry.holding(try registry.notes(of: version.model, version: version.number))
    guard !arguments.has("json") else {
      try Terminal.print(
        JSONText.line { json in json.array("notes") { json in for note in notes { json.object(note.write) } } })
      return .success
    }
    try Terminal.print(notes.map { "\(text($0))\n" }.joined())
    return .success
  }

  static func text(_ note: ModelNote) -> String {
    switch note.content {
    case .tag(let text): "\(note.name)=\(text)"
    case .metric(let value, let slice): "\(note.name)=\(NumberFormat.short(value, 6))\(slice.map { " (\($0))" } ?? "")"
    }
  }
}
